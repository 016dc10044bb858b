"""Every grant of every stage is needed: by a call on a local stack, or by what AWS or people call, as `tests/held_grants.py` lists it."""

import re
from collections.abc import Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest

from emulator.access import Check
from emulator.cloudformation.references import list_read_checks
from emulator.sagemaker.permissions.execution_role import FIND_DIGEST, list_image_checks, use_container
from tests.grants import Grant, list_grants
from tests.held_grants import HELD, find_holder, matches
from tests.infra.combinations import cover_pairs, list_valid

ROOT = Path(__file__).resolve().parents[2]
IMAGE = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/images:tag"


@pytest.fixture(scope="module")
def shared(synthesize: Any) -> set[Grant]:
    """What the roles of the stack that the local tests share may do."""
    return read_grants(synthesize("local"))


@pytest.fixture(scope="module")
def all_grants(synthesize: Any, shared: set[Grant]) -> list[set[Grant]]:
    """The same of each combination of settings."""
    stages = [synthesize("prod"), *(synthesize("dev", **combination) for combination in cover_pairs(list_valid()))]
    return [shared, *map(read_grants, stages)]


def read_grants(stage: Any) -> set[Grant]:
    return set(list_grants(stage.templates, stage.settings))


class Recorder:
    """A role that may do everything, and what was asked of it."""

    def __init__(self) -> None:
        self.actions: set[str] = set()

    def require(self, check: Check, /) -> None:
        self.actions.add(check.action)

    def get_client(self, service: str, /) -> Any:
        raise NotImplementedError(service)

    def credentials(self) -> dict[str, str]:
        return {}


def test_every_combination_grants_only_what_something_needs(all_grants: list[set[Grant]], shared: set[Grant]) -> None:
    assert len(shared) > 150
    assert sorted(grant for grant in set().union(*all_grants) - shared if find_holder(grant) is None) == []


def test_holds_nothing_elsewhere_that_no_role_has(all_grants: list[set[Grant]]) -> None:
    rows = [(role, (action,), end) for role, actions, end in HELD for action in actions]
    assert [row for row in rows if not any(matches(grant, *row) for grant in set().union(*all_grants))] == []


def test_says_where_it_is_held() -> None:
    missing = []
    for where in HELD.values():
        file, _, name = where.partition("::")
        if name:
            missing += [] if f"def {name}(" in (ROOT / file).read_text() else [where]
        elif not where.startswith("https://docs.aws.amazon.com/"):
            page, _, anchor = where.partition("#")
            headings = re.findall(r"^#+ (.+)$", (ROOT / page).read_text(), re.MULTILINE)
            missing += [] if anchor in {each.lower().replace(" ", "-") for each in headings} else [where]
    assert missing == []


def test_allows_nothing_twice(all_grants: list[set[Grant]]) -> None:
    twice = [
        (grant, other)
        for grants in all_grants
        for grant in grants
        for other in grants
        if grant != other
        and (grant.role, grant.action, grant.condition) == (other.role, other.action, other.condition)
        and fnmatchcase(grant.resource, other.resource)
    ]
    assert twice == []


def list_ecr_actions(grants: set[Grant], role: str) -> set[str]:
    return {grant.action for grant in grants if grant.role == role and grant.action.startswith("ecr:")}


def test_pulls_the_servers_image_with_all_that_its_role_may_do_in_ecr(synthesize: Any) -> None:
    role = Recorder()
    use_container(role, IMAGE, "Endpoints/any", "any")
    needed = {action for action in role.actions if action.startswith("ecr:")}
    assert list_ecr_actions(read_grants(synthesize("prod")), "EndpointRole") == needed


def test_registers_a_model_with_all_that_the_pipelines_role_may_do_in_ecr(synthesize: Any) -> None:
    needed = {check.action for check in list_image_checks(IMAGE, FIND_DIGEST)}
    assert list_ecr_actions(read_grants(synthesize("prod")), "TrainingExecutionsRole") == needed


def test_lets_a_rollout_read_just_what_the_models_properties_refer_to(synthesize: Any) -> None:
    """In a stage with an image of its own, which the local one lacks: its address is another stack's output."""
    stage = synthesize("prod")
    resources: Mapping[str, Any] = stage.templates["Inference"]["Resources"]
    types = {name: {"ResourceType": each["Type"], "PhysicalResourceId": name} for name, each in resources.items()}
    changed = [each["Properties"] for each in resources.values() if each["Type"].startswith("AWS::SageMaker::")]
    read = {check.action for holds in (True, False) for check in list_read_checks(changed, types, {"HasModelPackage": holds})}
    reads = {"cloudformation:DescribeStacks", "iam:GetRole", "ecr:DescribeRepositories"}
    granted = {grant.action for grant in read_grants(stage) if grant.role == "RegistryCloudFormationRole"}
    assert granted & reads == read
