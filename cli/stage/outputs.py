"""Names of a stage's queues and buckets, as its stacks tell them in their outputs.

Every function raises AwsFailed if there is no such stack, or it is older than the output.
"""

from dataclasses import dataclass
from typing import Any

from cli.stage.aws import AwsFailed, translate_aws_errors
from deployment.stages import PARTS, stack_name


@dataclass(frozen=True, slots=True)
class Queues:
    """The URLs of a stage's queues."""

    uploads: str
    dead_letters: str


def find_queues(stage: str, cloudformation: Any) -> Queues:
    """Return a stage's queues."""
    return Queues(*_read_outputs(stage, cloudformation, "Web", "UploadQueueUrl", "DeadLetterQueueUrl"))


def find_uploads_bucket(stage: str, cloudformation: Any) -> str:
    """Return the name of a stage's bucket of uploads."""
    return _read_outputs(stage, cloudformation, "Web", "UploadsBucketName")[0]


def find_results_bucket(stage: str, cloudformation: Any) -> str:
    """Return the name of a stage's bucket of results."""
    return _read_outputs(stage, cloudformation, "Web", "ResultsBucketName")[0]


def find_dump_bucket(stage: str, cloudformation: Any) -> str:
    """Return the name of a stage's dump bucket."""
    return _read_outputs(stage, cloudformation, "Storage", "DumpBucketName")[0]


def find_model_group(stage: str, cloudformation: Any) -> str:
    """Return the name of a stage's model package group."""
    return _read_outputs(stage, cloudformation, "Storage", "ModelPackageGroupName")[0]


def find_recipe(stage: str, cloudformation: Any) -> str:
    """Return the name of a stage's recipe, or of the first of several."""
    return _read_outputs(stage, cloudformation, "Web", "Recipe")[0]


def find_page_url(stage: str, cloudformation: Any) -> str:
    """Return the address of a stage's page."""
    return _read_outputs(stage, cloudformation, "Web", "PageUrl")[0]


def find_user_pool(stage: str, cloudformation: Any) -> dict[str, str]:
    """Return the user_pool_id and the client_id of a stage with auth=jwt; raise AwsFailed where it has no users."""
    (auth,) = _read_outputs(stage, cloudformation, "Web", "Auth")
    if auth != "jwt":
        advice = "with auth=iam, requests are signed: `--profile NAME`" if auth == "iam" else "ask without a token"
        raise AwsFailed(f"the stage {stage} has no users: its auth is {auth}, not jwt", advice=advice)
    pool, client = _read_outputs(stage, cloudformation, "Web", "UserPoolId", "UserPoolClientId")
    return {"user_pool_id": pool, "client_id": client}


def read_all_outputs(stage: str, cloudformation: Any) -> dict[str, str]:
    """Return the outputs of all stacks of a stage, by name."""
    outputs = {}
    for part in PARTS:
        outputs.update(read_stack_outputs(stack_name(stage, part), cloudformation))
    return outputs


def read_stack_outputs(name: str, cloudformation: Any) -> dict[str, str]:
    """Return the outputs of one stack, by name."""
    with translate_aws_errors():
        (stack,) = cloudformation.describe_stacks(StackName=name)["Stacks"]
    return {each["OutputKey"]: each["OutputValue"] for each in stack.get("Outputs", [])}


def _read_outputs(stage: str, cloudformation: Any, stack: str, *names: str) -> list[str]:
    name = stack_name(stage, stack)
    outputs = read_stack_outputs(name, cloudformation)
    try:
        return [outputs[output] for output in names]
    except KeyError as error:
        raise AwsFailed(f"the stack {name} has no output {error.args[0]}", advice="deploy it again: it is older than that") from error
