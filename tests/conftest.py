"""What every kind of test may share: the whole stack, brought up once for all who ask for it, an AWS account of moto's, and how many
examples a property is tried on."""

import gc
import json
import os
import random
import socket
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from local.run_state import RunState
    from tests.moto_aws import Bucket

# `make unit` takes "quick". An example has no time limit: how long it takes depends on the machine.
settings.register_profile("thorough", max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("quick", settings.get_profile("thorough"), max_examples=10)
settings.load_profile("thorough")

# By these a developer's shell, or GitHub, tells Rich and Typer what they print to. Typer reads some of them when it is imported.
TERMINAL = ("COLUMNS", "FORCE_COLOR", "GITHUB_ACTIONS", "LINES", "PY_COLORS", "TERM", "TERMINAL_WIDTH", "TTY_COMPATIBLE", "TTY_INTERACTIVE")
for _name in TERMINAL:
    os.environ.pop(_name, None)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Take what the imports make out of the garbage collector's way: it stays until the end, and each collection would look through it."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.set_threshold(20_000)  # with Python's 700 it looks 6,000 times in `make unit`, a tenth of the time, and finds little
        gc.enable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let the longest lanes begin first, and each stack be started in one process only."""
    from tests.lanes import check_lane, find_place

    for item in items:
        if not item.nodeid.startswith("tests/unit"):  # which start nothing, and may call anything a stack
            check_lane(item.nodeid, getattr(item, "fixturenames", ()))
    items.sort(key=lambda item: find_place(item.nodeid))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    from tests.lane_scheduling import LaneScheduling

    return LaneScheduling(config, log)


def free_ports() -> int:
    """Return the first of four free ports that a stack needs, below those that the system gives to outgoing connections."""
    from emulator.front.ports import Ports

    for _ in range(50):
        first = random.randrange(20_000, 32_000)
        try:
            for port in Ports.starting_at(first):
                with socket.socket() as probe:
                    probe.bind(("127.0.0.1", port))
        except (OSError, OverflowError):
            continue
        return first
    raise RuntimeError("no four free ports in a row")


@pytest.fixture
def results() -> "Iterator[Bucket]":
    """The bucket of results in an AWS account that holds nothing else."""
    from tests.moto_aws import Bucket, empty_account

    with empty_account():
        yield Bucket("results")


@contextmanager
def state_in(folder: Path) -> Iterator[None]:
    """Name the state's folder, only while somebody asks: the other tests see no stack."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("INFERSTACK_STATE_DIR", str(folder))
        yield


@pytest.fixture(scope="session")
def stack_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the shared stack keeps its state and logs; INFERSTACK_STATE_DIR for a command that is to find it."""
    return tmp_path_factory.mktemp("stack")


@pytest.fixture(scope="session")
def stack(stack_dir: Path) -> "Iterator[RunState]":
    """The real stack on ports and in a folder of its own, so that a `make up` beside the tests stays as it is."""
    with bring_up(stack_dir) as state:
        yield state


@pytest.fixture(scope="session")
def signed_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same folder of the stack with sign-in."""
    return tmp_path_factory.mktemp("signed")


@pytest.fixture(scope="session")
def signed(signed_dir: Path) -> "Iterator[RunState]":
    """A stack where users sign in and see only what is theirs, on instances; uploads of over 1 MB go to Batch Transform."""
    with bring_up(signed_dir, auth="jwt", endpoint_kind="cpu", transform_over_mb="1") as state:
        yield state


@contextmanager
def bring_up(folder: Path, **context: str) -> "Iterator[RunState]":
    """Run a stack with these settings, on ports of its own and with its state in a folder; at its end, no call of its roles was denied."""
    from local.stack import down, up

    with state_in(folder):
        state = up(port=free_ports(), context=context, end_with_caller=True)
    try:
        yield state
    finally:
        with state_in(folder):
            down()
    assert list_denied(folder) == []


def list_denied(folder: Path) -> list[dict[str, Any]]:
    """Return the calls of the deployed roles that were denied on the stack with its state in a folder.

    A stack that is deleted loses its policies while its functions may still run: what they are denied then is left out.
    """
    calls = list(map(json.loads, (folder / "logs/calls.jsonl").read_text().splitlines()))
    deletions = {
        call["resource"].split("/")[1]: number for number, call in reversed([*enumerate(calls)]) if "DeleteStack" in call["action"]
    }
    return [
        call
        for number, call in enumerate(calls)
        if not call["allowed"]
        and ":assumed-role/Inferstack-" in call["principal"]
        and not any(number > first and f"/{stack}-" in call["principal"] for stack, first in deletions.items())
    ]
