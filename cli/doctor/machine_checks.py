"""What this machine has of all that a local run and a synth need."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from cli.finding import Finding
from deployment.paths import CDK, EMULATOR_PYTHON, NODE, ROOT, SERVING_PYTHON, state_dir
from local.errors import NoPorts
from local.free_ports import reserve_ports
from local.room import RUN_BYTES, find_free_bytes
from local.run_state import read_state
from recipes.recipe import list_names


def check_machine() -> Iterator[Finding]:
    """Yield a finding for each thing, programs first."""
    version = ".".join(map(str, sys.version_info[:3]))
    yield Finding("Python", sys.version_info >= (3, 11), version, "install Python 3.11 or newer")
    for name, path in (
        ("uv", ROOT / ".venv/bin/uv"),
        ("Node", NODE),
        ("cdk CLI", CDK),
        ("server environment", SERVING_PYTHON),
        ("emulator environment", EMULATOR_PYTHON),
    ):
        yield _check_program(name, path, fix="make setup")
    yield from map(check_model, list_names())
    free_gb = shutil.disk_usage(ROOT).free / 1e9
    yield Finding("disk", free_gb > 2, f"{free_gb:.1f} GB free", "free 2 GB: environments and npm packages take about 1.2 GB")
    if not (folder := state_dir()).is_relative_to(ROOT):
        yield check_room(folder)
    yield _check_ports()


def check_room(folder: Path) -> Finding:
    """Return whether a run can be written into a folder, which may be on another disk than the checkout."""
    free = find_free_bytes(folder)
    fix = f"make room: a run takes about {RUN_BYTES / 1e6:.0f} MB"
    return Finding(f"disk of {folder}", free >= RUN_BYTES, f"{free / 1e9:.1f} GB free", fix)


def check_model(name: str, recipes: Path = ROOT / "recipes") -> Finding:
    """Return whether the model that a recipe ships has the digest in its manifest."""
    title, fix = f"model of {name}", f"git checkout -- recipes/{name}/pretrained"
    folder = recipes / name / "pretrained"
    if not folder.exists():
        return Finding(title, False, "not trained yet", f"inferstack train {name} --out recipes/{name}/pretrained")
    try:
        manifest = json.loads((folder / "manifest.json").read_text())
        is_intact = hashlib.sha256((folder / "model.onnx").read_bytes()).hexdigest() == manifest["sha256"]
        version = f"{manifest['name']} {manifest['version']}"
    except (OSError, ValueError, KeyError, TypeError) as error:
        return Finding(title, False, str(error), fix)
    return Finding(title, is_intact, version if is_intact else "model.onnx does not have the digest in manifest.json", fix)


def _check_program(name: str, path: Path, *, fix: str) -> Finding:
    if not path.exists():
        return Finding(name, False, "missing", fix)
    node_first = {**os.environ, "PATH": f"{NODE.parent}{os.pathsep}{os.environ.get('PATH', '')}"}
    try:
        run = subprocess.run([path, "--version"], capture_output=True, text=True, timeout=30, check=False, env=node_first)
    except (OSError, subprocess.TimeoutExpired) as error:
        return Finding(name, False, str(error), fix)
    return Finding(name, run.returncode == 0, (run.stdout or run.stderr).strip().splitlines()[0], fix)


def _check_ports() -> Finding:
    running = read_state()
    if running is not None:
        return Finding("port", True, f"a local stack runs on {running.port}")
    try:
        with reserve_ports(None) as reserved:
            return Finding("port", True, f"{reserved.ports.gateway} and the next three are free")
    except NoPorts as error:
        return Finding("port", False, str(error), "set INFERSTACK_PORT to the first of four free ports")
