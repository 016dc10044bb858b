"""The whole stack on this machine: up, down and what is running. The command and the tests call it; it prints nothing."""

import fcntl
import json
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from deployment.paths import CDK, EMULATOR_PYTHON, PYTHON, ROOT, SERVING_PYTHON, state_dir
from emulator.front_doors import ports
from local import cdk
from local.process import group_alive, listens, start, stop_group

DEFAULT_PORT = 4566
START_LIMIT_S, BUNDLE_LIMIT_S = 30, 180
PORTS_TRIED = 50
LOWEST_PORT, HIGHEST_PORT = 1024, 65532
Progress = Callable[[str, str], None]  # (step, what is happening in it; "" when it is done)


class LocalStackError(RuntimeError):
    """The stack could not be brought up; nothing of it is left running."""


@dataclass(frozen=True, slots=True)
class RunState:
    """A running stack: where to find it, and how to reach it with any AWS client.

    Args:    pid: the emulator's process, and the group of all it started.
             port: AWS's APIs, S3 among them. The API, the page and the Event API have the next three.
             aws: the environment variables for AWS clients.
    """

    pid: int
    port: int
    api_url: str
    page_url: str
    s3_endpoint: str
    dump_bucket: str
    uploads_bucket: str
    results_bucket: str
    events_url: str
    endpoint: str
    started_at: float
    aws: dict[str, str] = field(default_factory=dict)


def up(progress: Progress = lambda *_: None, *, port: int | None = None, context: Mapping[str, str] | None = None) -> RunState:
    """Bring the stack up, or return the one that runs.

    Args:    progress: told each step's name as it begins and ends.
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
    with _only_one(folder):
        chosen = choose_port(port)
        shutil.rmtree(folder / "logs", ignore_errors=True)  # of the run before
        assembly, env = folder / "cdk.out", cdk.environment(chosen, folder / "cdk-home")
        command: list[str | Path] = [EMULATOR_PYTHON, "-m", "emulator", str(chosen), str(folder)]
        emulator = start(command, env={**env, "PYTHONPATH": str(ROOT), **_passed_on()}, cwd=ROOT, log=folder / "logs/emulator.log")
        try:
            with ThreadPoolExecutor(1) as pool:
                synthesized = pool.submit(_synthesize, assembly, context or {})
                with _step(progress, "start the emulator"):
                    _wait_until_ready(emulator, chosen, folder / "logs/emulator.log")
                with _step(progress, "synthesize the stacks"):
                    synthesized.result()
            with _step(progress, "bootstrap") as detail:
                cdk.bootstrap(assembly, env, detail)
            outputs = folder / "outputs.json"
            with _step(progress, "deploy") as detail:
                cdk.deploy(assembly, outputs, env, detail)
            state = _state(emulator.pid, chosen, outputs, env)
            (folder / "run.json").write_text(json.dumps(asdict(state), indent=2) + "\n")
        except BaseException as error:
            stop_group(emulator.pid)
            if isinstance(error, (cdk.CdkFailed, subprocess.SubprocessError)):
                raise LocalStackError(str(error)) from error
            raise
    return state


def down() -> bool:
    """Stop the stack that runs, and return whether there was one. When it returns no process and no port of it is left."""
    path = state_dir() / "run.json"
    state = _parse(path)
    if state is None:
        return False
    was_alive = _is_ours(state)
    path.unlink(missing_ok=True)  # first, so that whoever watches sees it was on purpose
    if was_alive:
        stop_group(state.pid)
    return was_alive


def read_state() -> RunState | None:
    """Return the stack that runs, or None; what a crash left behind is not taken for one."""
    state = _parse(state_dir() / "run.json")
    return state if state is not None and _is_ours(state) else None


def emulator_alive(state: RunState) -> bool:
    """Return whether the emulator still runs."""
    return group_alive(state.pid)


def stopped_on_purpose(state: RunState) -> bool:
    """Return whether `down` stopped this very stack: it removes the state, which a crash leaves behind."""
    left = _parse(state_dir() / "run.json")
    return left is None or left.pid != state.pid


def _is_ours(state: RunState) -> bool:
    """Whether the process that the state names is still the emulator: numbers are used again."""
    try:
        command = Path(f"/proc/{state.pid}/cmdline").read_bytes()
    except OSError:
        return group_alive(state.pid) and listens(state.port)
    return b"emulator" in command and str(state.port).encode() in command


def _synthesize(assembly: Path, context: Mapping[str, str]) -> None:
    done = subprocess.run(
        [PYTHON, "-m", "deployment.bundle", "--stage", "local"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=BUNDLE_LIMIT_S,
        check=False,
    )
    if done.returncode:
        raise LocalStackError(f"the function's bundle could not be built. {done.stderr.strip()[-2000:]}")
    cdk.synth(assembly, context)


def _wait_until_ready(emulator: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    deadline = time.monotonic() + START_LIMIT_S
    while time.monotonic() < deadline:
        if emulator.poll() is not None:
            raise LocalStackError(f"the emulator ended with status {emulator.returncode}. {_tail(log)}")
        try:
            with urlopen(f"http://127.0.0.1:{port}/_ministack/health", timeout=2):
                return
        except (URLError, OSError):
            time.sleep(0.1)
    raise LocalStackError(f"the emulator was not ready after {START_LIMIT_S} s. {_tail(log)}")


def _state(pid: int, port: int, outputs: Path, env: Mapping[str, str]) -> RunState:
    found = {name: value for stack in json.loads(outputs.read_text()).values() for name, value in stack.items()}
    _, _, page_port, _ = ports(port)
    return RunState(
        pid=pid,
        port=port,
        api_url=found["ApiUrl"],
        page_url=f"http://127.0.0.1:{page_port}",
        s3_endpoint=env["AWS_ENDPOINT_URL"],
        dump_bucket=found["DumpBucketName"],
        uploads_bucket=found["UploadsBucketName"],
        results_bucket=found["ResultsBucketName"],
        events_url=found["EventsUrl"],
        endpoint=found["EndpointName"],
        started_at=time.time(),
        aws={
            name: env[name]
            for name in ("AWS_ENDPOINT_URL", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
        },
    )


def choose_port(port: int | None) -> int:
    """Return the first of four free ports: the one asked for, else 4566 or the next that is; raise LocalStackError if there is none."""
    given = str(port or os.environ.get("INFERSTACK_PORT", ""))
    if given:
        asked = int(given) if given.isdecimal() else 0
        if not LOWEST_PORT <= asked <= HIGHEST_PORT:
            raise LocalStackError(f"the port is {given!r}; expected a number from {LOWEST_PORT} to {HIGHEST_PORT}, the first of four")
        if taken := [each for each in ports(asked) if listens(each)]:
            raise LocalStackError(
                f"port {taken[0]} is in use by another program: stop it, or set INFERSTACK_PORT to the first of four free ones"
            )
        return asked
    for first in range(DEFAULT_PORT, DEFAULT_PORT + 10 * PORTS_TRIED, 10):
        if not any(listens(each) for each in ports(first)):
            return first
    raise LocalStackError(f"no four free ports from {DEFAULT_PORT} on: set INFERSTACK_PORT")


def _require_environments() -> None:
    if missing := [path for path in (EMULATOR_PYTHON, SERVING_PYTHON, CDK) if not path.exists()]:
        raise LocalStackError(f"{missing[0].relative_to(ROOT)} is missing: run `make setup`")


def _passed_on() -> dict[str, str]:
    return {name: os.environ[name] for name in ("AUTH",) if name in os.environ}


@contextmanager
def _only_one(folder: Path) -> Iterator[None]:
    """Refuse a second `up` while one is on its way: both would write the same folder."""
    with (folder / "up.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise LocalStackError("another `up` is on its way: wait for it, or stop it") from error
        yield


@contextmanager
def _step(progress: Progress, name: str) -> Iterator[cdk.Line]:
    progress(name, "…")
    yield lambda text: progress(name, text) if cdk.EVENT.match(text) else None
    progress(name, "")


def _parse(path: Path) -> RunState | None:
    try:
        return RunState(**json.loads(path.read_text()))
    except (OSError, ValueError, TypeError):
        return None


def _tail(log: Path) -> str:
    try:
        return log.read_text(errors="replace")[-1500:].strip()
    except OSError:
        return ""
