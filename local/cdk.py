"""The real cdk CLI against the emulator: synth, bootstrap and deploy, with a limit on each and no call to anywhere else."""

import os
import re
import signal
import subprocess
import threading
from collections.abc import Callable, Mapping
from pathlib import Path

from deployment.paths import CDK, PYTHON, ROOT

SYNTH_LIMIT_S, BOOTSTRAP_LIMIT_S, DEPLOY_LIMIT_S, DESTROY_LIMIT_S = 180, 120, 300, 120
ACCOUNT, REGION = "000000000000", "us-east-1"
# An event's line: stack | done/all (all is left out in a rollback) | time | status | resource type | which, and after a failure why.
EVENT = re.compile(
    r"^(?P<stack>\S+) \|\s*(?P<done>\d+)(?:/(?P<all>\d+))? \| [^|]+ \| (?P<status>[A-Z_]+)\s*\| (?P<type>\S+)\s*\| (?P<what>.+?)\s*$"
)
Line = Callable[[str], None]


class CdkFailed(RuntimeError):
    """The CLI ended with an error, or did not end in time; the message is the reason it gave."""


def environment(gateway_port: int, home: Path) -> dict[str, str]:
    """Return the environment in which AWS clients reach the emulator and nothing else."""
    kept = {name: os.environ[name] for name in ("HOME", "LANG", "TMPDIR", "TERM") if name in os.environ}
    return {
        **kept,
        "PATH": f"{PYTHON.parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{gateway_port}",
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        # The CLI remembers which account a key belongs to: a key and a home of our own keep that apart from real ones.
        "AWS_ACCESS_KEY_ID": "inferstack-local",
        "AWS_SECRET_ACCESS_KEY": "inferstack-local",
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


def synth(assembly: Path, context: Mapping[str, str], *, stage: str = "local", line: Line = lambda _: None) -> None:
    """Write the stage's templates and assets into a folder; needs no emulator, no account and no network."""
    env = environment(0, assembly.parent / "cdk-home")
    chosen = [part for name, value in {"stage": stage, **context}.items() for part in ("-c", f"{name}={value}")]
    _run(["synth", "--quiet", "--output", str(assembly), *chosen], env, SYNTH_LIMIT_S, line)


def bootstrap(assembly: Path, env: Mapping[str, str], line: Line = lambda _: None) -> None:
    """Make the toolkit stack that a deploy puts its assets in."""
    _run(["bootstrap", f"aws://{ACCOUNT}/{REGION}", "--app", str(assembly)], env, BOOTSTRAP_LIMIT_S, line)


def deploy(assembly: Path, outputs: Path, env: Mapping[str, str], line: Line = lambda _: None) -> None:
    """Deploy every stack of the assembly and write their outputs as JSON."""
    arguments = [
        "--require-approval",
        "never",
        "--concurrency",
        "4",
        "--method",
        "direct",
        "--progress",
        "events",
        "--outputs-file",
        str(outputs),
    ]
    _run(["deploy", "--all", "--app", str(assembly), *arguments], env, DEPLOY_LIMIT_S, line)


def destroy(assembly: Path, env: Mapping[str, str], line: Line = lambda _: None) -> None:
    """Delete every stack of the assembly."""
    _run(["destroy", "--all", "--force", "--app", str(assembly)], env, DESTROY_LIMIT_S, line)


def _run(arguments: list[str], env: Mapping[str, str], limit_s: float, line: Line) -> None:
    """Run the CLI, hand each line on, and raise CdkFailed with the reason if it fails or takes too long."""
    command = [str(CDK), "--no-notices", "--no-color", "--ci", *arguments]
    said: list[str] = []
    late = threading.Event()
    with subprocess.Popen(
        command,
        cwd=ROOT,
        env=dict(env),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as process:

        def give_up() -> None:
            late.set()
            _end(process, signal.SIGKILL)

        timer = threading.Timer(limit_s, give_up)
        timer.start()
        try:
            for raw in process.stdout or ():
                said.append(raw.rstrip())
                line(said[-1])
            code = process.wait()
        except BaseException:
            _end(process, signal.SIGTERM)
            raise
        finally:
            timer.cancel()
    if late.is_set():
        raise CdkFailed(f"cdk {arguments[0]} was not done after {limit_s:g} s. {reason(said)}")
    if code:
        raise CdkFailed(f"cdk {arguments[0]} failed. {reason(said)}")


def _end(process: "subprocess.Popen[str]", signal_: signal.Signals) -> None:
    """Signal the CLI and the app it runs, if they still do."""
    if process.poll() is None:
        os.killpg(process.pid, signal_)


def reason(said: list[str]) -> str:
    """Return the lines that say why: failed resources first, else the CLI's error, else its last words."""
    failed = [found.group("what") for text in said if (found := EVENT.match(text)) and found.group("status").endswith("FAILED")]
    errors = [text.strip() for text in said if "❌" in text or "Error:" in text or text.startswith("InvalidSettings")]
    return "\n".join(dict.fromkeys([*failed, *errors])) or "\n".join(said[-5:])
