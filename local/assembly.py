"""The local stage's templates and assets, kept by all that they are made of, so that a second `up` synthesizes nothing.

Only for this machine: what is deployed to AWS is synthesized each time.
"""

import os
import platform
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

from deployment.paths import BUILD, ROOT
from local import cdk
from local.bundles import build_bundles

KEPT = 6  # of them: some settings, before and after an edit
# All that app.py and the CLI read of the checkout, and more: a folder is looked through whole. A test compares it with what is read.
SOURCES = (
    *("app.py", "cdk.json", "cdk.context.json", "package.json", "package-lock.json", "pyproject.toml", "docs/openapi.yaml"),
    *("clients", "deployment", "lambda", "pipeline", "recipes", "requirements", "serving", "stacks", "training", "web"),
    *("local/assembly.py", "local/bundles.py", "local/cdk.py"),  # how it is made
    "node_modules/.package-lock.json",  # what npm installed
)
PACKAGES = ".venv/lib/python*/site-packages/*.dist-info"  # what uv installed; each is named by its version
NO_INPUT = ("CDK_HOME", "TERM", "TMPDIR")  # of the environment
Make = Callable[[Path, Mapping[str, str]], None]


def synthesize(assembly: Path, context: Mapping[str, str]) -> None:
    """Replace a folder by the stage's assembly with these settings: a copy of the kept one, or a new one where anything is new.

    Raises:  BundlesFailed, CdkFailed: it cannot be synthesized.
    """
    replace_by_kept(assembly, context, BUILD / "assemblies", _make)


def replace_by_kept(assembly: Path, context: Mapping[str, str], store: Path, make: Make, checkout: Path = ROOT) -> None:
    """Do so with a store of assemblies, and with what makes one in a folder that is not there."""
    key = find_key(context, checkout)
    kept = store / key
    store.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=store, prefix=".") as folder:
        new = Path(folder) / "cdk.out"
        if not kept.is_dir():
            make(new, context)
            if find_key(context, checkout) == key:  # else something was edited meanwhile, and may be in it or not
                with suppress(OSError):  # another process was faster
                    new.rename(kept)
        source = kept if kept.is_dir() else new
        os.utime(source)
        shutil.rmtree(assembly, ignore_errors=True)
        shutil.copytree(source, assembly)
    for old in sorted(store.glob("[0-9a-f]*"), key=lambda path: path.stat().st_mtime)[:-KEPT]:
        shutil.rmtree(old, ignore_errors=True)


def find_key(context: Mapping[str, str], checkout: Path = ROOT, environment: Mapping[str, str] | None = None) -> str:
    """Return what names an assembly of these settings: a digest of all that it is made of.

    Args:    environment: the CLI's, when it is not that of this process.
    """
    environment = cdk.build_environment(0, Path(), secret_key="") if environment is None else environment
    hash_ = sha256()

    def add(*parts: object) -> None:
        for part in parts:
            content = part if isinstance(part, bytes) else str(part).encode()
            hash_.update(f"{len(content)} ".encode() + content)

    add("machine", platform.machine(), sys.version)
    add("packages", *sorted(path.name for path in checkout.glob(PACKAGES)))
    add("settings", *(part for setting in sorted(context.items()) for part in setting))
    add("environment", *(part for each in sorted(environment.items()) if each[0] not in NO_INPUT for part in each))
    folders = [checkout / name for name in SOURCES] + [Path(environment.get("HOME", "")) / ".cdk.json"]
    if model := context.get("model_dir"):
        folders.append(checkout / model)
    for folder in folders:
        for path in _list_files(folder):
            add("link" if path.is_symlink() else "file", path, path.lstat().st_mode & 0o111)
            add(path.readlink() if path.is_symlink() else path.read_bytes())
    return hash_.hexdigest()[:32]


def _list_files(path: Path) -> Iterator[Path]:
    """Yield the files of a folder and the links in it, sorted, or the one file, if it is there; bytecode is made of its source."""
    if path.is_symlink() or path.is_file():
        yield path
    elif path.is_dir() and path.name != "__pycache__":
        for each in sorted(path.iterdir()):
            yield from _list_files(each)


def _make(folder: Path, context: Mapping[str, str]) -> None:
    build_bundles("local")
    cdk.synth(folder, context)
