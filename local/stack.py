"""Starts and stops the whole stack on this machine. The command and the tests call it; it prints nothing."""

import fcntl
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from deployment.paths import CDK, EMULATOR_PYTHON, ROOT, SERVING_PYTHON, state_dir
from deployment.this_machine import HOST
from emulator.ministack.process import HEALTH_PATH
from emulator.ports import Ports
from local import cdk
from local.bundles import BundlesFailed, build_bundles
from local.errors import LocalStackError
from local.free_ports import choose_ports
from local.process import start_group, stop_group
from local.run_state import RunState, read_state, remove_state, write_state

START_LIMIT_S = 30
HEALTH_POLL_S = 0.1
LOG_TAIL_CHARACTERS = 1500
AWS_VARIABLES = ("AWS_ENDPOINT_URL", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
EMULATOR_VARIABLES = ("AUTH",)  # passed on from this process
OnStep = Callable[[str, str], None]  # (step, what it is doing; "" when it is done)


def up(on_step: OnStep = lambda *_: None, *, port: int | None = None, context: Mapping[str, str] | None = None) -> RunState:
    """Start the stack, or return the one that runs.

    Args:    on_step: called as each step begins, goes on and ends.
             port: the first of four; else $INFERSTACK_PORT, else 4566 or the next free ones.
             context: settings to override, as `-c` would.
    Raises:  LocalStackError: with the reason; whatever had been started is stopped.
    """
    running = read_state()
    if running is not None:
        return running
    _require_environments()
    folder = state_dir()
    folder.mkdir(parents=True, exist_ok=True)
    with _lock(folder):
        ports = choose_ports(port)
        shutil.rmtree(folder / "logs", ignore_errors=True)  # of the run before
        assembly, log = folder / "cdk.out", folder / "logs/emulator.log"
        env = cdk.build_environment(ports.gateway, folder / "cdk-home")
        emulator = _start_emulator(ports, folder, env, log)
        try:
            with ThreadPoolExecutor(1) as pool:
                synthesis = pool.submit(_synthesize, assembly, context or {})
                with _step(on_step, "start the emulator"):
                    _wait_until_ready(emulator, ports, log)
                with _step(on_step, "synthesize the stacks"):
                    synthesis.result()
            with _step(on_step, "bootstrap") as on_line:
                cdk.bootstrap(assembly, env, on_line)
            with _step(on_step, "deploy") as on_line:
                outputs = cdk.deploy(assembly, folder / "outputs.json", env, on_line)
            state = _build_state(emulator.pid, ports, outputs, env)
            write_state(state)
        except BaseException as error:
            stop_group(emulator.pid)
            if isinstance(error, (cdk.CdkFailed, BundlesFailed, subprocess.SubprocessError)):
                raise LocalStackError(str(error)) from error
            raise
    return state


def down() -> bool:
    """Stop the stack that runs, and return whether there was one. Afterwards none of its processes and ports is left."""
    state = remove_state()  # first, so that whoever watches the stack sees that it is stopped on purpose
    if state is not None:
        stop_group(state.pid)
    return state is not None


def _start_emulator(ports: Ports, folder: Path, env: Mapping[str, str], log: Path) -> "subprocess.Popen[bytes]":
    command: list[str | Path] = [EMULATOR_PYTHON, "-m", "emulator", str(ports.gateway), str(folder)]
    passed_on = {name: os.environ[name] for name in EMULATOR_VARIABLES if name in os.environ}
    return start_group(command, env={**env, "PYTHONPATH": str(ROOT), **passed_on}, cwd=ROOT, log=log)


def _synthesize(assembly: Path, context: Mapping[str, str]) -> None:
    build_bundles("local")
    cdk.synth(assembly, context)


def _wait_until_ready(emulator: "subprocess.Popen[bytes]", ports: Ports, log: Path) -> None:
    import httpx  # noqa: PLC0415 - 100 ms that `--help` need not pay

    deadline = time.monotonic() + START_LIMIT_S
    while time.monotonic() < deadline:
        if emulator.poll() is not None:
            raise LocalStackError(f"the emulator ended with status {emulator.returncode}. {_read_tail(log)}")
        try:
            if httpx.get(f"http://{HOST}:{ports.gateway}{HEALTH_PATH}", timeout=2, trust_env=False).is_success:
                return
        except httpx.HTTPError:
            pass
        time.sleep(HEALTH_POLL_S)
    raise LocalStackError(f"the emulator was not ready after {START_LIMIT_S} s. {_read_tail(log)}")


def _build_state(pid: int, ports: Ports, outputs: Mapping[str, str], env: Mapping[str, str]) -> RunState:
    return RunState(
        pid=pid,
        port=ports.gateway,
        api_url=outputs["ApiUrl"],
        page_url=f"http://{HOST}:{ports.page}",
        s3_endpoint=env["AWS_ENDPOINT_URL"],
        dump_bucket=outputs["DumpBucketName"],
        uploads_bucket=outputs["UploadsBucketName"],
        results_bucket=outputs["ResultsBucketName"],
        events_url=outputs["EventsUrl"],
        endpoint=outputs["EndpointName"],
        started_at=time.time(),
        aws={name: env[name] for name in AWS_VARIABLES},
    )


def _require_environments() -> None:
    if missing := [path for path in (EMULATOR_PYTHON, SERVING_PYTHON, CDK) if not path.exists()]:
        raise LocalStackError(f"{missing[0].relative_to(ROOT)} is missing: run `make setup`")


@contextmanager
def _lock(folder: Path) -> Iterator[None]:
    """Refuse a second `up` while one is running: both would write the same folder."""
    with (folder / "up.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise LocalStackError("another `up` is running: wait for it, or stop it") from error
        yield


@contextmanager
def _step(on_step: OnStep, name: str) -> Iterator[cdk.OnLine]:
    on_step(name, "…")
    yield lambda line: on_step(name, line) if cdk.EVENT.match(line) else None
    on_step(name, "")


def _read_tail(log: Path) -> str:
    try:
        return log.read_text(errors="replace")[-LOG_TAIL_CHARACTERS:].strip()
    except OSError:
        return ""
