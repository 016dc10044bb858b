"""Bringing the stack up and down: again, wrongly, twice at once, and in the way of others."""

import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import asdict, replace
from hashlib import sha256
from pathlib import Path

import pytest

from emulator.front.ports import Ports
from local import cdk
from local.errors import LocalStackError, NoPorts, StackRunsAlready
from local.free_ports import reserve_ports
from local.process import is_listening
from local.run_state import RunState, read_state, write_state
from local.stack import down, up
from tests.conftest import free_ports
from tests.local.conftest import PRETRAINED, ROOT, Client


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A state folder of this test's own."""
    monkeypatch.setenv("INFERSTACK_STATE_DIR", str(tmp_path / "state"))
    return tmp_path / "state"


@pytest.fixture
def stranger() -> Iterator[int]:
    """A port on which somebody else listens."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        yield int(server.getsockname()[1])


def test_deploys_again_without_a_change(stack: RunState, stack_dir: Path) -> None:
    said: list[str] = []
    cdk.deploy(
        stack_dir / "cdk.out",
        stack_dir / "again.json",
        cdk.build_environment(stack.port, stack_dir / "cdk-home", secret_key=stack.aws["AWS_SECRET_ACCESS_KEY"]),
        said.append,
    )
    stacks = list((stack_dir / "cdk.out").glob("*.template.json"))
    assert sum("no changes" in line for line in said) == len(stacks) >= 5
    assert json.loads((stack_dir / "again.json").read_text()) == json.loads((stack_dir / "outputs.json").read_text())


def test_leaves_the_stack_that_runs_as_it_is(stack: RunState, stack_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INFERSTACK_STATE_DIR", str(stack_dir))
    with pytest.raises(StackRunsAlready) as caught:
        up()
    assert caught.value.state == stack


def unreadable_model(folder: Path) -> Path:
    """Return a model folder with a right digest, whose graph only the server finds to be none."""
    content = b"no graph"
    manifest = json.loads((PRETRAINED / "manifest.json").read_text())
    folder.mkdir()
    (folder / "model.onnx").write_bytes(content)
    (folder / "manifest.json").write_text(json.dumps({**manifest, "sha256": sha256(content).hexdigest(), "size_bytes": len(content)}))
    return folder


@pytest.mark.timeout(200)
def test_ends_a_failing_deploy_with_the_reason_and_leaves_nothing(folder: Path, tmp_path: Path) -> None:
    port, steps = free_ports(), []
    with pytest.raises(LocalStackError, match="cannot load") as caught:
        up(lambda step, _: steps.append(step), port=port, context={"model_dir": str(unreadable_model(tmp_path / "model"))})
    assert list(dict.fromkeys(steps))[-2:] == ["deploy", "stop what was started"]
    assert "Endpoint inferstack-local-digits" in str(caught.value)
    assert not [each for each in Ports.starting_at(port) if is_listening(each)]
    assert read_state() is None


def test_refuses_a_port_that_is_taken(folder: Path, stranger: int) -> None:
    with pytest.raises(NoPorts, match=f"port {stranger} is in use"):
        up(port=stranger)
    assert read_state() is None


def test_does_not_take_what_a_crash_left_for_a_running_stack(folder: Path, stack: RunState) -> None:
    folder.mkdir()
    (folder / "run.json").write_text(json.dumps({**asdict(stack), "pid": os.getpid()}))
    assert read_state() is None
    assert not down()
    assert not (folder / "run.json").exists()


def test_waits_for_a_second_up_on_its_way_and_leaves_its_stack_alone(folder: Path, stack: RunState) -> None:
    import fcntl

    folder.mkdir()
    with (folder / "up.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)

        def finish(step: str, _: str) -> None:
            write_state(stack)
            fcntl.flock(lock, fcntl.LOCK_UN)

        with pytest.raises(StackRunsAlready, match=f"port {stack.port}"):
            up(finish, port=free_ports())


def test_stops_no_stack_of_another_process_when_it_is_interrupted(folder: Path, stack: RunState) -> None:
    folder.mkdir()
    write_state(replace(stack, started_by=os.getppid()))
    assert not down(only_own=True)
    assert read_state() is not None


def test_gives_each_of_two_stacks_that_start_at_one_moment_its_own_ports() -> None:
    with reserve_ports(None) as one, reserve_ports(None) as other:
        assert not set(one.ports) & set(other.ports)
    assert not [port for port in (*one.ports, *other.ports) if is_listening(port)]


def test_gives_up_on_a_cli_that_hangs(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hanging = tmp_path / "cdk"
    hanging.write_text("#!/bin/sh\necho started\nsleep 60\n")
    hanging.chmod(0o755)
    monkeypatch.setattr(cdk, "CDK", hanging)
    monkeypatch.setattr(cdk, "DEPLOY_LIMIT_S", 1)
    before = threading.active_count()
    with pytest.raises(cdk.CdkFailed, match="was not done after 1 s"):
        cdk.deploy(tmp_path, tmp_path / "outputs.json", {"PATH": os.environ["PATH"]})
    assert threading.active_count() <= before + 1


def test_leaves_no_emulator_when_the_process_that_starts_it_is_killed(folder: Path) -> None:
    """As a notebook's kernel is, or `up` by a machine without memory: it stops nothing, and wrote no state by which others could."""
    script = "from local.stack import up; up(lambda step, _: print(step, flush=True), port={}, end_with_caller=True)"
    port = free_ports()
    killed = subprocess.Popen([sys.executable, "-c", script.format(port)], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    with killed:
        assert killed.stdout
        while "bootstrap" not in killed.stdout.readline():
            assert killed.poll() is None
        assert is_listening(port)
        killed.kill()
    deadline = time.monotonic() + 60
    while any(map(is_listening, Ports.starting_at(port))):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_lets_the_functions_role_invoke_its_endpoint_and_nothing_else(stack: RunState, client: Client) -> None:
    """The role in the deployed template, by what it grants: one action on one endpoint, and its own log group."""
    iam = client("iam")
    (role,) = [role["RoleName"] for role in iam.list_roles()["Roles"] if "PredictRole" in role["RoleName"]]
    statements = [
        statement
        for name in iam.list_role_policies(RoleName=role)["PolicyNames"]
        for statement in iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]["Statement"]
    ]
    granted = {action: s["Resource"] for s in statements for action in ([s["Action"]] if isinstance(s["Action"], str) else s["Action"])}
    assert set(granted) == {"sagemaker:InvokeEndpoint", "logs:CreateLogStream", "logs:PutLogEvents"}
    assert str(granted["sagemaker:InvokeEndpoint"]).endswith(f":endpoint/{stack.endpoint}")
