"""Which tests go to the same process under `pytest -n 3`. Only speed depends on it: each process has fixtures of its own."""

from collections.abc import Collection
from pathlib import PurePath

import pytest

# Files of tests/local that do without the stack that the others share.
APART = {
    "test_bundle.py",
    "test_canary.py",
    "test_destroy.py",
    "test_doctor.py",
    "test_lambda_logs.py",
    "test_make_up.py",
    "test_policies.py",
    "test_runtime_api.py",
    "test_server_process.py",
    "test_several.py",
    "test_stack_waits.py",
    "test_transfers.py",
}
# Files that bring what they ask with them: another such stack costs less than to wait for these beside the others. What they make the
# stack's roles do, others do too: test_calls.py asks which calls need a grant, of those on one stack.
SECOND = {
    "test_cold_start.py",
    "test_lambda.py",
    "test_operator_rights.py",
    "test_release.py",
    "test_s3_limits.py",
    "test_sagemaker.py",
    "test_sqs_limits.py",
}
# Files that share the stack with sign-in.
SIGNED = {
    "test_amplify_sign_in.py",
    "test_owners.py",
    "test_real_sign_in.py",
    "test_verify_signed.py",
}
ROOMS = (("tests", "local"), ("tests", "sdk"))  # whose files share the stack; the SDK's run is one of its own
FIRST = ("stack", "second stack", "signed", "infra")  # the longest, which would end after all others if they began later


def find_lane(nodeid: str) -> str:
    """Return what a test shares a process with: one of three stacks, what is synthesized, or its file."""
    path = PurePath(nodeid.partition("::")[0])
    if path.name in SIGNED:
        return "signed"
    if path.name in SECOND:
        return "second stack"
    if path.name.startswith("test_real_") or (path.parts[:2] in ROOMS and path.name not in APART):
        return "stack"
    return "infra" if path.parts[:2] == ("tests", "infra") else str(path)


def find_place(nodeid: str) -> int:
    """Return how early a test's lane begins, the earliest with 0."""
    lane = find_lane(nodeid)
    return FIRST.index(lane) if lane in FIRST else len(FIRST)


def check_lane(nodeid: str, fixtures: Collection[str]) -> None:
    """Refuse a test whose process would start a stack that another process has.

    Raises:  UsageError: the test asks for the stack of another lane.
    """
    lane = find_lane(nodeid)
    if stacks := {"stack", "signed"} & set(fixtures) - {lane.removeprefix("second ")}:
        raise pytest.UsageError(
            f"{nodeid} asks for {', '.join(stacks)} in the lane {lane}, which would start one of its own:"
            " move the test, or name its file in tests/lanes.py"
        )
