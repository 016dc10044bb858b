"""What names an assembly: a digest of all that it is made of, the same for the command and for the cdk CLI."""

import json
import platform
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

from deployment.paths import ROOT
from recipes.models.model_files import MEMBERS

# All that app.py and the CLI read of the checkout, and more: a folder is looked through whole. A test compares it with what is read.
SOURCES = (
    *("app.py", "cdk.json", "cdk.context.json", "package.json", "package-lock.json", "pyproject.toml", "docs/openapi.yaml"),
    *("clients", "deployment", "lambda", "pipeline", "recipes", "requirements", "serving", "stacks", "training", "web"),
    # How it is made:
    *("local/app.py", "local/assembly.py", "local/assembly_key.py", "local/beside.py", "local/bundles.py", "local/cdk.py"),
    "node_modules/.package-lock.json",  # what npm installed
)
PACKAGES = ".venv/lib/python*/site-packages/*.dist-info"  # what uv installed; each is named by its version
# Of the environment, what CDK, jsii, Node and Python read: a new name of theirs counts until it is known to say nothing.
INPUT = ("CDK_", "CONTEXT_", "JSII_", "NODE_OPTIONS", "NODE_PATH", "PYTHONHOME", "PYTHONPATH")
NO_INPUT = frozenset(
    {
        "CDK_CONTEXT_JSON",  # the settings, which count by themselves
        *("CDK_OUTDIR", "CDK_ERROR_FILE", "CDK_PERF_COUNTERS_FILE", "CDK_HOME"),
        *("CDK_CLI_VERSION", "CDK_CLI_ASM_VERSION", "CDK_DISABLE_CLI_TELEMETRY", "CDK_DISABLE_VERSION_CHECK"),
        *("JSII_NODE", "JSII_RUNTIME_PACKAGE_CACHE_ROOT", "JSII_SILENCE_WARNING_UNTESTED_NODE_VERSION"),
    }
)
# What the CLI adds to the settings. Where it adds something else, the command does not find what the CLI has kept, and asks it.
CLI_CONTEXT = {
    "aws:cdk:enable-path-metadata": True,
    "aws:cdk:enable-asset-metadata": True,
    "aws:cdk:disable-version-reporting": True,
    "aws:cdk:bundling-stacks": ["**"],
    "@aws-cdk/core:failSynthOnValidationErrors": False,
}


def merge_context(given: Mapping[str, object], home: Path, checkout: Path = ROOT) -> dict[str, object]:
    """Return the settings that the CLI hands the app: those given by -c, of the checkout, of a person, and its own."""
    files = ((home / ".cdk.json", True), (checkout / "cdk.context.json", False), (checkout / "cdk.json", True))
    merged: dict[str, object] = {}
    for path, has_others in files:
        with suppress(FileNotFoundError, ValueError):  # what is no JSON, the CLI refuses
            content = json.loads(path.read_bytes())
            merged |= content.get("context", {}) if has_others else content
    return {**merged, **given, **CLI_CONTEXT}


def find_key(context: Mapping[str, object], environment: Mapping[str, str], built: Iterable[Path], checkout: Path = ROOT) -> str:
    """Return what names an assembly of these settings: a digest of all that it is made of.

    Args:    context: all settings and flags that the app gets.
             environment: the app's.
             built: the functions' bundles.
    """
    hash_ = sha256()

    def add(*parts: object) -> None:
        for part in parts:
            content = part if isinstance(part, bytes) else str(part).encode()
            hash_.update(f"{len(content)} ".encode() + content)

    add("machine", platform.machine(), sys.version)
    add("packages", *sorted(path.name for path in checkout.glob(PACKAGES)))
    add("settings", json.dumps(context, sort_keys=True))
    add("environment", *(part for each in sorted(environment.items()) if counts(each[0]) for part in each))
    folders = [*(checkout / name for name in SOURCES), *built, Path(environment.get("HOME", "")) / ".cdk.json"]
    if model := context.get("model_dir"):
        folders += [checkout / str(model) / name for name in MEMBERS]  # a stranger's folder may hold a link to all of the disk
    for folder in folders:
        for path in _list_files(folder):
            add("file", path, path.lstat().st_mode & 0o111, path.readlink() if path.is_symlink() else "")
            add(path.read_bytes() if path.is_file() else "")
    return hash_.hexdigest()[:32]


def counts(name: str) -> bool:
    """Return whether a variable of the environment may be read by a synthesis."""
    return name.startswith(INPUT) and name not in NO_INPUT


def _list_files(path: Path, above: tuple[Path, ...] = ()) -> Iterator[Path]:
    """Yield the files of a folder and the links in it, sorted, or the one file, if it is there; bytecode is made of its source.

    Args:    above: the folders that it is in, so that a link to one of them has an end.
    """
    if path.is_symlink() or path.is_file():
        yield path
    if path.is_dir() and path.name != "__pycache__" and (folder := path.resolve()) not in above:
        for each in sorted(path.iterdir()):
            yield from _list_files(each, (*above, folder))
