"""Which tests go to the same process under `pytest -n 3`. Only speed depends on it: each process has fixtures of its own."""

from pathlib import PurePath
from typing import Any

from xdist.scheduler import LoadScopeScheduling

# Files of tests/local that do without the stack that the others share.
APART = {
    "test_bundle.py",
    "test_canary.py",
    "test_destroy.py",
    "test_lambda_logs.py",
    "test_make_up.py",
    "test_server_process.py",
    "test_several.py",
    "test_stack_waits.py",
}
SIGNED = {"test_owners.py", "test_real_sign_in.py", "test_sign_in.py", "test_verify_signed.py"}  # those that share the one with sign-in


def find_lane(nodeid: str) -> str:
    """Return what a test shares a process with: one of two stacks, which take half a minute to start, what is synthesized, or its file."""
    path = PurePath(nodeid.partition("::")[0])
    if path.name in SIGNED and path.parts[1] != "unit":
        return "signed"
    if path.name.startswith("test_real_") or (path.parts[:2] == ("tests", "local") and path.name not in APART):
        return "stack"
    return "infra" if path.parts[:2] == ("tests", "infra") else str(path)


class LaneScheduling(LoadScopeScheduling):
    """Gives each process a lane at a time, in the order of the tests: those that take seconds come before those of tests/unit."""

    def __init__(self, config: Any, log: Any) -> None:
        config.option.loadscopereorder = False
        super().__init__(config, log)

    def _split_scope(self, nodeid: str) -> str:
        return find_lane(nodeid)
