"""`inferstack models`: the versions of a model, and which one serves."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, fields
from typing import Annotated, Any

import typer

from cli.ages import format_age
from cli.console import ASKING_AWS, err, explain_interrupt, out, print_json, print_table
from cli.failures import CommandFailed
from cli.models.rollout_wait import NotServed, wait_until_own_model_serves, wait_until_served
from cli.models.versions import READ_AT_ONCE, ModelVersion, ModelVersions, ServingStack
from cli.options import Json, Recipe, Stage
from cli.parallel import map_in_parallel
from cli.services import Services, get_services
from cli.stage.aws import AwsFailed
from cli.training.inputs import load_recipe

Number = Annotated[int, typer.Argument(metavar="VERSION", help="A version's number.", min=1)]
Wait = Annotated[bool, typer.Option("--wait", help="Return when the endpoint serves it, or fail with the reason why not.")]
OWN_MODEL = "the deployment's own model"
SHIPPED = "the endpoint serves the model it was deployed with"

app = typer.Typer(no_args_is_help=True, help="Look at a model's versions, approve one, and go back to the one before.")


@app.command("list")
def list_(
    context: typer.Context,
    stage: Stage = "local",
    limit: Annotated[int, typer.Option(help="How many to show.", min=1)] = 20,
    recipe: Recipe = "",
    as_json: Json = False,
) -> None:
    """List a model's versions, the newest first, then the model of the deployment, which has no number; and which one serves.

    Examples:
    inferstack models list
    inferstack models list --stage prod --json
    """
    with err.status(ASKING_AWS):
        versions = open_versions(context, stage, recipe)
        found = versions.list_newest(limit + 1)
        newest = found[:limit]
        rows = list(zip(newest, map_in_parallel(versions.read_metrics, newest, READ_AT_ONCE), strict=True))
        stack = versions.describe_stack()
    if as_json:
        print_json([*(_build_document(version, metrics) for version, metrics in rows), _build_own_document(stack)])
        return
    print_table([*(_build_row(version, metrics) for version, metrics in rows), _build_own_row(stack)])
    if not newest:
        err.print("no version yet; a training pipeline registers them")
    if len(found) > limit:
        err.print("there are older versions: --limit shows more")


@app.command()
def approve(  # noqa: PLR0917 - typer makes options of arguments
    context: typer.Context, version: Number, stage: Stage = "local", wait: Wait = False, recipe: Recipe = "", as_json: Json = False
) -> None:
    """Approve a version: the newest approved one is rolled out. One that was rolled back is tried again.

    Examples:
    inferstack models approve 3 --wait
    inferstack models approve 3 --stage prod
    """
    with err.status(ASKING_AWS):
        versions = open_versions(context, stage, recipe)
        versions.set_approval(versions.describe(version), "Approved", "approved with inferstack")
        newest = max(versions.list_approved(), default=version)
    if newest > version:
        err.print(f"version {newest} is approved and newer, so it serves; this one takes its place when that is rejected")
    _finish(get_services(context), versions, version, wait=wait and newest == version, as_json=as_json)


@app.command()
def rollback(  # noqa: PLR0917 - typer makes options of arguments
    context: typer.Context,
    stage: Stage = "local",
    reason: Annotated[str, typer.Option(help="What was wrong with it; stays with the version.")] = "no reason given",
    wait: Wait = False,
    recipe: Recipe = "",
    as_json: Json = False,
) -> None:
    """Reject the version that serves. The newest approved one before it takes its place, or else the model of the deployment.

    Examples:
    inferstack models rollback --reason "sevens come out as ones" --wait
    inferstack models rollback --stage prod
    """
    with err.status(ASKING_AWS):
        versions = open_versions(context, stage, recipe)
        serving = versions.describe_stack().package_arn
        if not serving:
            raise CommandFailed(
                f"{SHIPPED}, so there is nothing to roll back",
                advice=f"for another model deploy with another model_dir, or approve a version that {versions.list_command} shows",
            )
        bad = versions.describe(int(serving.rsplit("/", 1)[1]))
        before = next((number for number in versions.list_approved() if number != bad.number), None)
    if before is not None and before > bad.number:
        raise CommandFailed(
            f"version {before} is approved and newer than {bad.number}, so it is about to be rolled out",
            advice="wait for it, or reject it in SageMaker first",
        )
    versions.set_approval(bad, "Rejected", f"rolled back by hand: {reason}")
    if before is None:
        _finish_with_own_model(get_services(context), versions, wait=wait, as_json=as_json)
    else:
        _finish(get_services(context), versions, before, wait=wait, as_json=as_json)


def open_versions(context: typer.Context, stage: str, recipe: str) -> ModelVersions:
    """Return the versions of a stage's model, or of one of several."""
    if recipe:
        load_recipe(recipe)
    return ModelVersions(stage, get_services(context).connect_aws(stage), recipe)


def _finish(services: Services, versions: ModelVersions, number: int, *, wait: bool, as_json: bool) -> None:
    """Wait if asked to, and print whether the version serves."""
    if wait:
        with _show_state(versions, f"version {number}", as_json=as_json) as report:
            wait_until_served(versions, number, sleep=services.sleep, clock=services.clock, report=report)
    stack = versions.describe_stack()
    version = versions.describe(number, stack)
    if as_json:
        print_json(_build_document(version, versions.read_metrics(version)))
    elif version.serves and not stack.is_updating:
        out.print(f"version {number} serves")
    else:
        out.print(f"version {number} is {version.status}; {versions.list_command} shows whether it serves", soft_wrap=True)


def _finish_with_own_model(services: Services, versions: ModelVersions, *, wait: bool, as_json: bool) -> None:
    """Wait if asked to, and print whether the model of the deployment serves."""
    if wait:
        with _show_state(versions, OWN_MODEL, as_json=as_json) as report:
            wait_until_own_model_serves(versions, sleep=services.sleep, clock=services.clock, report=report)
    stack = versions.describe_stack()
    if as_json:
        print_json(_build_own_document(stack))
    else:
        serves = stack.serves_own_model and not stack.is_updating
        later = f"{OWN_MODEL} is on its way back; {versions.list_command} shows when it serves"
        out.print(f"{OWN_MODEL} serves" if serves else later, soft_wrap=True)


@contextmanager
def _show_state(versions: ModelVersions, what: str, *, as_json: bool) -> Iterator[Callable[[str], object]]:
    """Show how far a rollout is; Ctrl-C, credentials that end and a network that is gone leave it as it is."""
    goes_on = f"the rollout of {what} goes on; {versions.list_command} shows what serves"
    try:
        with explain_interrupt(lambda: goes_on):
            if as_json:
                yield lambda _: None
                return
            with err.status(what) as status:
                yield lambda state: status.update(f"{what}: {state}")
    except NotServed:
        raise
    except AwsFailed:
        err.print(goes_on, soft_wrap=True)
        raise


def _build_row(version: ModelVersion, metrics: dict[str, float]) -> dict[str, Any]:
    name, value = next(((name, metrics[name]) for name in ("balanced_accuracy", "accuracy", "r2") if name in metrics), ("", 0.0))
    return {
        "version": version.number,
        "status": version.status,
        "score": f"{name} {value:.4f}" if name else "",
        "age": format_age(version.created_at),
        "serves": "yes" if version.serves else "",
        "reason": version.why,
    }


def _build_document(version: ModelVersion, metrics: dict[str, float]) -> dict[str, Any]:
    return {**asdict(version), "metrics": metrics}


def _build_own_row(stack: ServingStack) -> dict[str, Any]:
    return {
        "version": "shipped",
        "status": "",
        "score": "",
        "age": "",
        "serves": "yes" if stack.serves_own_model else "",
        "reason": OWN_MODEL,
    }


def _build_own_document(stack: ServingStack) -> dict[str, Any]:
    """Return the document of the model that is no version: it has no number, and nobody registered or approved it."""
    empty = {field.name: "" for field in fields(ModelVersion)}
    return {**empty, "number": None, "status": "Shipped", "why": OWN_MODEL, "serves": stack.serves_own_model, "metrics": {}}
