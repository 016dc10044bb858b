"""`inferstack doctor`: find what is missing before anything is created."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import typer

from cli.output import Json, out, print_json, print_table
from deployment.paths import ROOT
from local.errors import LocalStackError
from local.free_ports import choose_ports
from local.run_state import read_state
from recipes.recipe import names


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at: its state and, where it is not well, the way to mend it."""

    name: str
    ok: bool
    found: str
    fix: str = ""


def doctor(
    stage: Annotated[str, typer.Option(help="local, or the stage that `cdk deploy` is meant for: dev or prod.")] = "local",
    as_json: Json = False,
) -> None:
    """Look for everything that `make up` or a deploy needs, and create nothing.

    Examples:  inferstack doctor  ·  inferstack doctor --stage dev --json
    """
    findings = [*look_here(), *(look_at_account() if stage != "local" else ())]
    if as_json:
        print_json([asdict(finding) for finding in findings])
    else:
        print_table([{"": "ok" if f.ok else "--", "what": f.name, "found": f.found, "fix": "" if f.ok else f.fix} for f in findings])
        missing = sum(not f.ok for f in findings)
        out.print(f"\n{missing} to mend" if missing else "\nall well")
    if not all(finding.ok for finding in findings):
        raise typer.Exit(1)


def look_here() -> Iterator[Finding]:
    """Yield what this machine has of all that a local run and a synth need."""
    version = ".".join(map(str, sys.version_info[:3]))
    yield Finding("Python", sys.version_info >= (3, 11), version, "install Python 3.11 or newer")
    for name, path, fix in (
        ("uv", ".venv/bin/uv", "make setup"),
        ("Node", ".venv/bin/node", "make setup"),
        ("cdk CLI", "node_modules/.bin/cdk", "make setup"),
        ("server environment", ".venvs/serving/bin/python", "make setup"),
        ("emulator environment", ".venvs/local/bin/python", "make setup"),
    ):
        yield _runs(name, ROOT / path, fix)
    yield from map(check_model, names())
    free_gb = shutil.disk_usage(ROOT).free / 1e9
    yield Finding("disk", free_gb > 2, f"{free_gb:.1f} GB free", "free 2 GB: environments and npm packages take about 1.2 GB")
    yield _port()


def look_at_account() -> Iterator[Finding]:
    """Yield what the AWS account in the environment has of all that a deploy needs. Reads only."""
    import boto3  # noqa: PLC0415 - 300 ms that a local check need not pay
    from botocore.config import Config  # noqa: PLC0415
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415

    session = boto3.Session()
    config = Config(connect_timeout=3, read_timeout=10, retries={"total_max_attempts": 2})

    def asked(name: str, ask: Callable[[], str], fix: str) -> Finding:
        try:
            return Finding(name, True, ask())
        except (BotoCoreError, ClientError) as error:
            return Finding(name, False, str(error), fix)

    region = session.region_name
    yield Finding("region", region is not None, region or "none", "set AWS_REGION or `aws configure set region …`")
    if region is None:
        return

    def account() -> str:
        return str(session.client("sts", config=config).get_caller_identity()["Account"])

    def bootstrap() -> str:
        parameter = session.client("ssm", config=config).get_parameter(Name="/cdk-bootstrap/hnb659fds/version")
        return f"version {parameter['Parameter']['Value']}"

    def sagemaker() -> str:
        endpoints = session.client("sagemaker", config=config).list_endpoints(MaxResults=1)["Endpoints"]
        return "reachable, endpoints can be listed" if endpoints else "reachable, no endpoint yet"

    credentials = asked("credentials", account, "sign in: `aws sso login`, or set AWS_PROFILE")
    yield credentials
    if credentials.ok:
        yield asked("CDK bootstrap", bootstrap, "npx cdk bootstrap")
        yield asked("SageMaker", sagemaker, "allow sagemaker:ListEndpoints, or choose a region that has SageMaker")


def _runs(name: str, path: Path, fix: str) -> Finding:
    if not path.exists():
        return Finding(name, False, "missing", fix)
    try:
        done = subprocess.run([path, "--version"], capture_output=True, text=True, timeout=30, check=False, env=_node_first())
    except (OSError, subprocess.TimeoutExpired) as error:
        return Finding(name, False, str(error), fix)
    return Finding(name, done.returncode == 0, (done.stdout or done.stderr).strip().splitlines()[0], fix)


def _node_first() -> dict[str, str]:
    return {**os.environ, "PATH": f"{ROOT / '.venv/bin'}{os.pathsep}{os.environ.get('PATH', '')}"}


def check_model(name: str, recipes: Path = ROOT / "recipes") -> Finding:
    """Return whether the model that a recipe ships has the digest that its manifest gives."""
    title, fix = f"model of {name}", f"git checkout -- recipes/{name}/pretrained"
    folder = recipes / name / "pretrained"
    try:
        manifest = json.loads((folder / "manifest.json").read_text())
        is_intact = hashlib.sha256((folder / "model.onnx").read_bytes()).hexdigest() == manifest["sha256"]
        version = f"{manifest['name']} {manifest['version']}"
    except (OSError, ValueError, KeyError, TypeError) as error:
        return Finding(title, False, str(error), fix)
    return Finding(title, is_intact, version if is_intact else "model.onnx does not have the digest in manifest.json", fix)


def _port() -> Finding:
    running = read_state()
    if running is not None:
        return Finding("port", True, f"a local stack runs on {running.port}")
    try:
        return Finding("port", True, f"{choose_ports(None).gateway} and the next three are free")
    except LocalStackError as error:
        return Finding("port", False, str(error), "set INFERSTACK_PORT")
