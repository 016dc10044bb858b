"""Starts and stops the whole stack on this machine. The command and the tests call it; it prints nothing."""

import fcntl
import os
import secrets
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from deployment.paths import CDK, EMULATOR_PYTHON, ROOT, SERVING_PYTHON, state_dir
from deployment.stages import read_context
from deployment.this_machine import HOST
from emulator.caller import GO_ON
from emulator.front.ports import Ports
from emulator.ministack.process import HEALTH_PATH
from local import cdk
from local.assembly import synthesize
from local.beside import run_beside
from local.bundles import BundlesFailed
from local.demo_user import SIGN_IN_OUTPUTS, add_demo_user
from local.errors import LocalStackError, StackRunsAlready
from local.free_ports import ReservedPorts, reserve_ports
from local.kept import Kept, find_mark, open_kept
from local.process import TERM_LIMIT_S, start_group, stop_group
from local.room import RUN_BYTES, find_free_bytes
from local.run_state import RunState, find_orphans, read_state, remove_state, write_state
from local.up_lock import LOCK

START_LIMIT_S = 30
HEALTH_POLL_S = 0.1
KEEP_LIMIT_S = 60  # the emulator writes what the next run begins with, on a slow disk too
LOG_TAIL_CHARACTERS = 1500
AWS_VARIABLES = ("AWS_ENDPOINT_URL", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
TEMPORARY = "tmp"  # a folder of the state's, for what a run needs only while it runs
OnStep = Callable[[str, str], None]  # (step, what it is doing; "" when it is done)


def up(
    on_step: OnStep = lambda *_: None,
    *,
    port: int | None = None,
    context: Mapping[str, str] | None = None,
    keep: bool = False,
    fresh: bool = False,
    end_with_caller: bool = False,
) -> RunState:
    """Start the stack, and return where it is. Of two that start at one moment in one folder, the second waits for the first.

    Args:    on_step: called as each step begins, goes on and ends.
             port: the first of four; else $INFERSTACK_PORT, else 4566 or the next free ones.
             context: settings to override, as `-c` would.
             keep: begin with the jobs, models and approvals of the run before, and leave this one's for the next.
             fresh: with keep, throw away those of the run before.
             end_with_caller: the stack stops when this process has ended, killed too; otherwise it runs until `down`.
    Raises:  StackRunsAlready: another process started one.
             NoPorts: there are no four ports to start on.
             LocalStackError: with the reason; whatever had been started is stopped.
    """
    _require_environments()
    folder = state_dir()
    _require_room(folder)
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)  # logs, and the keys of this run
    with _lock(folder, on_step):
        if (running := read_state()) is not None:
            raise StackRunsAlready(running)
        _stop_orphans()
        kept = open_kept(context or {}, fresh=fresh) if keep else None
        with reserve_ports(port) as reserved:
            return _start(reserved, folder, context or {}, on_step, kept, end_with_caller=end_with_caller)


def _start(
    reserved: ReservedPorts, folder: Path, context: Mapping[str, str], on_step: OnStep, kept: Kept | None, *, end_with_caller: bool
) -> RunState:
    ports = reserved.ports
    assembly, log = folder / "cdk.out", folder / "logs/emulator.log"
    for name in ("logs", TEMPORARY):
        shutil.rmtree(folder / name, ignore_errors=True)  # of the run before
    (folder / TEMPORARY).mkdir(mode=0o700)
    env = cdk.build_environment(ports.gateway, folder / "cdk-home", secret_key=secrets.token_hex(20)) | {"TMPDIR": str(folder / TEMPORARY)}
    emulator = _start_emulator(reserved, folder, env | (kept.environment if kept else {}), log)
    for listener in reserved.sockets:
        listener.close()  # the emulator's own are open: when it ends, nothing listens any more
    try:
        with run_beside() as pool:
            synthesis = pool.submit(synthesize, assembly, _add_sign_in_url(context, ports))
            bootstrap = pool.submit(cdk.bootstrap, folder, env)  # its requests wait in the open sockets until the emulator takes them
            with _step(on_step, "start the emulator"):
                _wait_until_ready(emulator, ports, log)
            with _step(on_step, "bootstrap"):
                bootstrap.result()
            with _step(on_step, "synthesize the stacks"):
                synthesis.result()
        with _step(on_step, "deploy") as on_line:
            outputs = cdk.deploy(assembly, folder / "outputs.json", env, on_line, parameters=kept.parameters if kept else {})
        state = add_demo_user(_build_state(emulator.pid, ports, outputs, env, context))
        if kept:
            state = replace(state, kept_file=str(kept.file), kept_mark=find_mark(kept.file), kept_note=kept.note)
        write_state(state)
        if emulator.stdin and not end_with_caller:
            with emulator.stdin as pipe:
                pipe.write(GO_ON)
    except BaseException as error:
        with _step(on_step, "stop what was started"):
            _stop(emulator.pid)
        if isinstance(error, (cdk.CdkFailed, BundlesFailed, subprocess.SubprocessError)):
            raise LocalStackError(str(error)) from error
        raise
    return state


def down(*, only_own: bool = False) -> bool:
    """Stop the stack that runs, and return whether there was one. Afterwards none of its processes and ports is left.

    Args:    only_own: leave a stack alone that another process started.
    """
    if only_own and ((running := read_state()) is None or running.started_by != os.getpid()):
        return False
    _stop_orphans()
    state = remove_state()  # first, so that whoever watches the stack sees that it is stopped on purpose
    if state is not None:
        _stop(state.pid, limit_s=KEEP_LIMIT_S if state.kept_file else TERM_LIMIT_S)
    return state is not None


def _stop_orphans() -> None:
    if (group := find_orphans()) is not None:
        _stop(group)


def _stop(pid: int, *, limit_s: float = TERM_LIMIT_S) -> None:
    """Stop all processes of a stack, and remove what they keep while they run: the functions' bundles, unpacked."""
    stop_group(pid, limit_s=limit_s)
    shutil.rmtree(state_dir() / TEMPORARY, ignore_errors=True)


def _start_emulator(reserved: ReservedPorts, folder: Path, env: Mapping[str, str], log: Path) -> "subprocess.Popen[bytes]":
    sockets = [listener.fileno() for listener in reserved.sockets]
    command: list[str | Path] = [EMULATOR_PYTHON, "-m", "emulator", str(reserved.ports.gateway), str(folder), *map(str, sockets)]
    return start_group(
        command,
        env={**env, "PYTHONPATH": os.pathsep.join((str(ROOT), str(ROOT / "lambda")))},
        cwd=ROOT,
        log=log,
        descriptors=sockets,
        stdin=subprocess.PIPE,
    )


def _add_sign_in_url(context: Mapping[str, str], ports: Ports) -> Mapping[str, str]:
    """Return the settings with where the sign-in's pages are, if there is a sign-in: otherwise no port is part of the templates."""
    has_sign_in = read_context("local", context).auth == "jwt"
    return {**({"sign_in_url": f"http://{HOST}:{ports.gateway}"} if has_sign_in else {}), **context}


def _wait_until_ready(emulator: "subprocess.Popen[bytes]", ports: Ports, log: Path) -> None:
    deadline = time.monotonic() + START_LIMIT_S
    while time.monotonic() < deadline:
        if emulator.poll() is not None:
            raise LocalStackError(f"the emulator ended with status {emulator.returncode}. {_read_tail(log)}")
        if _is_healthy(ports):
            return
        time.sleep(HEALTH_POLL_S)
    raise LocalStackError(f"the emulator was not ready after {START_LIMIT_S} s. {_read_tail(log)}")


def _is_healthy(ports: Ports) -> bool:
    connection = HTTPConnection(HOST, ports.gateway, timeout=2)
    try:
        connection.request("GET", HEALTH_PATH)
        return connection.getresponse().status == HTTPStatus.OK
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def _build_state(pid: int, ports: Ports, outputs: Mapping[str, str], env: Mapping[str, str], context: Mapping[str, str]) -> RunState:
    return RunState(
        pid=pid,
        port=ports.gateway,
        api_url=outputs["ApiUrl"],
        page_url=outputs["PageUrl"],
        s3_endpoint=env["AWS_ENDPOINT_URL"],
        dump_bucket=outputs["DumpBucketName"],
        uploads_bucket=outputs["UploadsBucketName"],
        results_bucket=outputs["ResultsBucketName"],
        events_url=outputs["EventsUrl"],
        endpoint=outputs["EndpointName"],
        auth=outputs["Auth"],
        recipe=outputs["Recipe"],
        recipes=outputs.get("Recipes", outputs["Recipe"]).split(","),
        started_at=time.time(),
        aws={name: env[name] for name in AWS_VARIABLES},
        context=dict(context),
        demo_user={field: outputs[name] for field, name in SIGN_IN_OUTPUTS.items() if name in outputs},
    )


def _require_environments() -> None:
    if missing := [path for path in (EMULATOR_PYTHON, SERVING_PYTHON, CDK) if not path.exists()]:
        raise LocalStackError(f"{missing[0].relative_to(ROOT)} is missing: run `make setup`")


def _require_room(folder: Path) -> None:
    """Refuse a disk that is full: whatever of the run writes first would fail, and say something else."""
    if (free := find_free_bytes(folder)) < RUN_BYTES:
        raise LocalStackError(
            f"the disk of {folder} is full: {free / 1e6:.0f} MB are free, and a run needs {RUN_BYTES / 1e6:.0f} MB; "
            "make room, or name a folder of another disk in INFERSTACK_STATE_DIR"
        )


@contextmanager
def _lock(folder: Path, on_step: OnStep) -> Iterator[None]:
    """Wait until no other `up` is on its way: both would write the same folder."""
    with (folder / LOCK).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            with _step(on_step, "wait for another `up`"):
                fcntl.flock(lock, fcntl.LOCK_EX)
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
