"""Runs the real cdk CLI against the emulator: synth, bootstrap, deploy and destroy, each with a time limit, none with other calls."""

import json
import os
import re
import signal
import subprocess
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

from deployment.paths import CDK, PYTHON, ROOT
from deployment.stages import PARTS, stack_name
from deployment.this_machine import ACCOUNT, HOST, REGION
from local.beside import end_with_caller, send_signal
from recipes.errors import InferstackError

SYNTH_LIMIT_S, BOOTSTRAP_LIMIT_S, DEPLOY_LIMIT_S, DESTROY_LIMIT_S = 180, 120, 300, 120
# An event's line: stack | done/all (no all in a rollback) | time | status | resource type | the resource, and the reason of a failure.
EVENT = re.compile(
    r"^(?P<stack>\S+) \|\s*(?P<done>\d+)(?:/(?P<all>\d+))? \| [^|]+ \| (?P<status>[A-Z_]+)\s*\| (?P<type>\S+)\s*\| (?P<resource>.+?)\s*$"
)
OnLine = Callable[[str], None]


class CdkFailed(InferstackError):
    """The CLI ended with an error, or not in time; the message is its reason."""

    code = "cdk-failed"
    title = "cdk failed"


def build_environment(gateway_port: int, home: Path, *, secret_key: str) -> dict[str, str]:
    """Return the environment in which AWS clients reach the emulator and nothing else.

    Args:    home: where the CLI keeps what it remembers.
             secret_key: of this run of the emulator, which checks each signature.
    """
    inherited = {name: os.environ[name] for name in ("HOME", "LANG", "TMPDIR", "TERM") if name in os.environ}
    return {
        **inherited,
        "PATH": f"{PYTHON.parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
        "AWS_ENDPOINT_URL": f"http://{HOST}:{gateway_port}",
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        # The CLI remembers the account of each key: a key and a home of their own keep that apart from real ones.
        "AWS_ACCESS_KEY_ID": "inferstack-local",
        "AWS_SECRET_ACCESS_KEY": secret_key,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "CDK_HOME": str(home),
        "CDK_DISABLE_CLI_TELEMETRY": "true",
        "CDK_DISABLE_VERSION_CHECK": "true",
        "CI": "true",
        "NO_COLOR": "1",
        "JSII_SILENCE_WARNING_UNTESTED_NODE_VERSION": "1",
    }


def build_synth_environment(home: Path, *, validate: bool) -> dict[str, str]:
    """Return the environment of a synthesis: it reaches no AWS, not even the emulator.

    Args:    home: where the CLI keeps what it remembers.
             validate: check the templates by CDK's own rules too. The emulator refuses by itself what it deploys.
    """
    return build_environment(0, home, secret_key="") | ({} if validate else {"CDK_VALIDATION": "false"})


def synth(assembly: Path, context: Mapping[str, str], *, validate: bool = False) -> None:
    """Write a stage's templates and assets into a folder; needs no emulator, no account and no network.

    Args:    context: `stage`, and the settings to override.
             validate: see build_synth_environment.
    """
    env = build_synth_environment(assembly.parent / "cdk-home", validate=validate)
    arguments = [part for name, value in context.items() for part in ("-c", f"{name}={value}")]
    _run(["synth", "--quiet", "--output", str(assembly), *arguments], env, SYNTH_LIMIT_S)


def find_user(assembly: Path) -> int | None:
    """Return the process of a CLI that reads or writes an assembly, as its locks there say, or None."""
    for lock in assembly.glob("*.lock"):
        with suppress(FileNotFoundError, ValueError, ProcessLookupError):  # it has ended, now or by a crash
            process = int(lock.read_text())
            with suppress(PermissionError):  # another user's
                os.kill(process, 0)
            return process
    return None


def bootstrap(folder: Path, env: Mapping[str, str]) -> None:
    """Create the toolkit stack, which holds the assets of deployments and the roles that deploy, as `cdk bootstrap` does in AWS.

    Args:    folder: any without a cdk.json. The CLI would run the app that one names, though it needs nothing of it.
    """
    # The default of the CLI, named: ministack takes the empty list that stands for it for a policy without a name.
    options = ["--cloudformation-execution-policies", "arn:aws:iam::aws:policy/AdministratorAccess"]
    _run(["bootstrap", f"aws://{ACCOUNT}/{REGION}", *options], env, BOOTSTRAP_LIMIT_S, cwd=folder)


def deploy(
    assembly: Path, outputs: Path, env: Mapping[str, str], on_line: OnLine = lambda _: None, *, parameters: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Deploy every stack of the assembly, write their outputs as JSON, and return them by name; of several recipes the first's.

    Args:    parameters: of stacks, like Inferstack-local-Inference:ModelPackageArn; the others keep their values, or have their defaults.
    """
    options = ["--require-approval", "never", "--concurrency", "4", "--method", "direct", "--progress", "events"]
    given = [part for name, value in (parameters or {}).items() for part in ("--parameters", f"{name}={value}")]
    _run(["deploy", "--all", "--app", str(assembly), *options, *given, "--outputs-file", str(outputs)], env, DEPLOY_LIMIT_S, on_line)
    written = json.loads(outputs.read_text())
    return {name: value for part in PARTS for name, value in written.get(stack_name("local", part), {}).items()}


def destroy_stack(assembly: Path, name: str, env: Mapping[str, str], limit_s: float = DESTROY_LIMIT_S) -> None:
    """Delete one stack of the assembly, and none that uses it."""
    _run(["destroy", name, "--exclusively", "--force", "--app", str(assembly)], env, limit_s)


def _run(arguments: list[str], env: Mapping[str, str], limit_s: float, on_line: OnLine = lambda _: None, *, cwd: Path = ROOT) -> None:
    """Run the CLI, pass each line on, and raise CdkFailed with the reason if it fails or takes too long."""
    command = [str(CDK), "--no-notices", "--no-color", "--ci", *arguments]
    lines: list[str] = []
    timed_out = threading.Event()
    with subprocess.Popen(
        command,
        cwd=cwd,
        env=dict(env),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as process:

        def kill() -> None:
            timed_out.set()
            send_signal(process, signal.SIGKILL)

        timer = threading.Timer(limit_s, kill)
        timer.start()
        try:
            with end_with_caller(process):
                for line in process.stdout or ():
                    lines.append(line.rstrip())
                    on_line(lines[-1])
                code = process.wait()
        finally:
            timer.cancel()
    if timed_out.is_set():
        raise CdkFailed(f"cdk {arguments[0]} was not done after {limit_s:g} s. {find_reason(lines)}")
    if code:
        raise CdkFailed(f"cdk {arguments[0]} failed. {find_reason(lines)}")


def find_reason(lines: list[str]) -> str:
    """Return the lines that tell why the CLI failed: failed resources and its errors, else its last lines."""
    failed = [event["resource"] for line in lines if (event := EVENT.match(line)) and event["status"].endswith("FAILED")]
    errors = [line.strip() for line in lines if "❌" in line or "Error:" in line or line.startswith("InvalidSettings")]
    return "\n".join(dict.fromkeys([*failed, *errors])) or "\n".join(lines[-5:])
