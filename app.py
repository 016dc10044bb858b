"""The CDK app: a stage's name becomes its settings, its settings become its stacks. No AWS call, no network, no Docker."""

import gc
import os
import sys
from functools import partial

if __name__ == "__main__":
    gc.disable()  # this process ends before there is much to collect; before the imports, for they make most of it

import aws_cdk as cdk

from deployment.settings import Settings
from deployment.stages import FIREWALL, FIREWALL_REGION, find_stage, read_context, stack_name
from recipes.errors import InferstackError
from stacks.constructs.inference.serving_image import ImageReference
from stacks.constructs.named_actions import name_actions
from stacks.firewall_stack import FirewallStack
from stacks.inference_stack import InferenceStack
from stacks.model_registry_stack import ModelRegistryStack
from stacks.storage_stack import StorageStack
from stacks.training_stack import TrainingStack
from stacks.web_stack import WebStack


def build(app: cdk.App, settings: Settings) -> None:
    """Add the stage's stacks to the app."""
    env = cdk.Environment(account=settings.account or None, region=settings.region or None)
    cdk.Tags.of(app).add("inferstack:stage", settings.stage)
    for tag in settings.key_values:
        cdk.Tags.of(app).add(tag["Key"], tag["Value"])
    name_actions(app)
    storage = StorageStack(app, stack_name(settings.stage, "Storage"), settings=settings, env=env)
    first, *others = settings.split()
    inference, alarms = _add_recipe(app, first, storage, env)
    for other in others:
        beside, more = _add_recipe(app, other, storage, env, image=inference.image)
        beside.add_stack_dependency(inference)  # which builds the image
        alarms += more
    firewall = _create_firewall(app, settings) if settings.web_acl == "create" else None
    web = WebStack(
        app,
        stack_name(settings.stage, "Web"),
        settings=settings,
        results_bucket=storage.results_bucket,
        users=storage.users,
        web_acl=firewall.arn if firewall else settings.web_acl,
        other_alarms=alarms,
        encryption_key=storage.encryption_key,
        env=env,
    )
    if firewall:
        web.add_stack_dependency(firewall)


def _add_recipe(
    app: cdk.App, settings: Settings, storage: StorageStack, env: cdk.Environment, *, image: ImageReference | None = None
) -> tuple[InferenceStack, list[str]]:
    """Add the stacks that each recipe has; return that of its endpoint, and the names of their alarms.

    Args:    image: the server's, which the first recipe's stack builds; None for that one.
    """
    name = partial(stack_name, settings.stage, recipe=settings.recipe if image else "")
    registry = ModelRegistryStack(
        app,
        name("Registry"),
        settings=settings,
        endpoint_stack=name("Inference"),
        image_stack=stack_name(settings.stage, "Inference") if image else "",
        encryption_key=storage.encryption_key,
        env=env,
    )
    inference = InferenceStack(
        app,
        name("Inference"),
        settings=settings,
        dump_bucket=storage.dump_bucket,
        results_bucket=storage.results_bucket,
        images=storage.images,
        image=image,
        encryption_key=storage.encryption_key,
        env=env,
    )
    inference.add_stack_dependency(registry)  # whose function hears that an endpoint is there, and brings it the version that is approved
    training = TrainingStack(
        app,
        name("Training"),
        settings=settings,
        dump_bucket=storage.dump_bucket,
        image=inference.image,
        encryption_key=storage.encryption_key,
        env=env,
    )
    training.add_stack_dependency(inference)  # it registers models with that stack's image
    return inference, [*inference.alarm_names, *registry.alarm_names]


def _create_firewall(app: cdk.App, settings: Settings) -> FirewallStack:
    env = cdk.Environment(account=settings.account or None, region=FIREWALL_REGION)
    return FirewallStack(app, stack_name(settings.stage, FIREWALL), env=env)


def main(app: cdk.App) -> None:
    """Synthesize the stage that `-c stage=…` or STAGE names, local when neither does."""
    context = dict(app.node.get_all_context())
    stage = find_stage(context)
    context.pop("stage", None)
    try:
        build(app, read_context(stage, context))
    except InferstackError as error:
        sys.exit("\n".join(filter(None, (f"{error.title}: {error}", error.advice))))
    if os.environ.get("CDK_VALIDATION") != "false":
        # CDK's own rules, without the few that it adds for GameLift: with them the engine takes half as long again to start.
        cdk.Validations.of(app).add_plugins(cdk.CloudFormationValidatePlugin(include_default_rules=False))
    app.synth()


if __name__ == "__main__":
    main(cdk.App())
