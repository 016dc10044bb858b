"""The grants of the roles that are deployed, and for each a call that is denied without it: decided again by the emulator's evaluator."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from deployment.paths import EMULATOR_PYTHON, ROOT
from deployment.stages import PARTS, read_context, stack_name
from local.run_state import RunState
from tests.grants import Grant, describe, list_policies, split_all
from tests.local.conftest import Client

Json = dict[str, Any]


def find_needs(state: RunState, folder: Path, client: Client) -> dict[Grant, Json | None]:
    """Return each grant of a running stack with a call that needs it, of those that the emulator has recorded, or None.

    Args:    folder: of the stack's state.
    """
    grants, policies = {}, {}
    for role, deployed in _list_deployed(state, client):
        grants.setdefault(role, []).extend(grant for grant, _ in deployed)
        policies.setdefault(role, []).extend(statement for _, statement in deployed)
    calls = [json.loads(line) for line in (folder / "logs/calls.jsonl").read_text().splitlines()]
    given = {"policies": policies, "calls": calls}
    command = [EMULATOR_PYTHON, "-m", "emulator.ministack.access.replay"]
    done = subprocess.run(command, cwd=ROOT, input=json.dumps(given), capture_output=True, text=True, timeout=120, check=True)
    found = json.loads(done.stdout)
    return {grant: call for role in grants for grant, call in zip(grants[role], found[role], strict=True)}


def _list_deployed(state: RunState, client: Client) -> Iterator[tuple[str, list[tuple[Grant, Json]]]]:
    """Yield the name of each role with its grants, and the statement of each as it is deployed."""
    cloudformation, iam, settings = client("cloudformation"), client("iam"), read_context("local", state.context)
    for part in PARTS:
        name = stack_name("local", part)
        template = cloudformation.get_template(StackName=name)["TemplateBody"]
        deployed = cloudformation.describe_stack_resources(StackName=name)["StackResources"]
        ids = {each["LogicalResourceId"]: each["PhysicalResourceId"] for each in deployed}
        for role, policy in list_policies({part: template}):
            document = iam.get_role_policy(RoleName=ids[role], PolicyName=policy["PolicyName"])["PolicyDocument"]
            written = (describe(role, each, settings) for each in split_all(policy["PolicyDocument"]["Statement"]))
            yield ids[role], list(zip(written, split_all(document["Statement"]), strict=True))
