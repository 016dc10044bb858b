"""A stage's templates and assets, kept by all that they are made of, so that a second `up`, `synth` or `destroy` synthesizes nothing."""

import os
import platform
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from functools import partial
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
    *("local/assembly.py", "local/beside.py", "local/bundles.py", "local/cdk.py"),  # how it is made
    "node_modules/.package-lock.json",  # what npm installed
)
PACKAGES = ".venv/lib/python*/site-packages/*.dist-info"  # what uv installed; each is named by its version
NO_INPUT = ("CDK_HOME", "TERM", "TMPDIR")  # of the environment


def synthesize(assembly: Path, context: Mapping[str, str], *, stage: str = "local", validate: bool = False) -> None:
    """Replace a folder by the stage's assembly with these settings: a copy of the kept one, or a new one where anything is new.

    Args:    validate: it holds by CDK's own rules too.
    Raises:  BundlesFailed, CdkFailed: it cannot be synthesized.
             InvalidSettings: there are no such settings.
    """
    built = build_bundles(stage, context)  # also before a kept one: what is built anew after it was removed may be other bytecode
    context = {"stage": stage, **context}
    environment = cdk.build_synth_environment(Path(), validate=validate)
    find = partial(find_key, context, environment, built)
    replace_by_kept(assembly, BUILD / "assemblies", find, partial(cdk.synth, context=context, validate=validate))


def replace_by_kept(assembly: Path, store: Path, find_key: Callable[[], str], make: Callable[[Path], None]) -> None:
    """Do so with a folder of assemblies, with what tells the key of now, and with what makes one in a folder that is not there."""
    key = find_key()
    kept = store / key
    store.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=store, prefix=".") as folder:
        new = Path(folder) / "cdk.out"
        if not kept.is_dir():
            make(new)
            if find_key() == key:  # else something was edited meanwhile, and may be in it or not
                with suppress(OSError):  # another process was faster
                    new.rename(kept)
        source = kept if kept.is_dir() else new
        os.utime(source)
        _replace_by_copy(assembly, source)
    for old in sorted(store.glob("[0-9a-f]*"), key=lambda path: path.stat().st_mtime)[:-KEPT]:
        shutil.rmtree(old, ignore_errors=True)


def _replace_by_copy(folder: Path, source: Path) -> None:
    """Replace a folder by a copy of another, made beside it: who interrupts it leaves the old one, or none; never a part of one.

    Raises:  CdkFailed: a CLI uses it, which may deploy for minutes and reads files as it needs them.
    """
    if user := cdk.find_user(folder):
        raise cdk.CdkFailed(f"{folder} is used by another cdk, process {user}: wait until it has ended")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}-") as beside:
        new, old = Path(beside) / "new", Path(beside) / "old"
        shutil.copytree(source, new)
        with suppress(FileNotFoundError):  # there was none
            folder.rename(old)
        new.rename(folder)


def find_key(context: Mapping[str, str], environment: Mapping[str, str], built: Iterable[Path], checkout: Path = ROOT) -> str:
    """Return what names an assembly of these settings: a digest of all that it is made of.

    Args:    environment: the CLI's.
             built: the functions' bundles.
    """
    hash_ = sha256()

    def add(*parts: object) -> None:
        for part in parts:
            content = part if isinstance(part, bytes) else str(part).encode()
            hash_.update(f"{len(content)} ".encode() + content)

    add("machine", platform.machine(), sys.version)
    add("packages", *sorted(path.name for path in checkout.glob(PACKAGES)))
    add("settings", *(part for setting in sorted(context.items()) for part in setting))
    add("environment", *(part for each in sorted(environment.items()) if each[0] not in NO_INPUT for part in each))
    folders = [*(checkout / name for name in SOURCES), *built, Path(environment.get("HOME", "")) / ".cdk.json"]
    if model := context.get("model_dir"):
        folders.append(checkout / model)
    for folder in folders:
        for path in _list_files(folder):
            add("file", path, path.lstat().st_mode & 0o111, path.readlink() if path.is_symlink() else "")
            add(path.read_bytes() if path.is_file() else "")
    return hash_.hexdigest()[:32]


def _list_files(path: Path, above: tuple[Path, ...] = ()) -> Iterator[Path]:
    """Yield the files of a folder and the links in it, sorted, or the one file, if it is there; bytecode is made of its source.

    Args:    above: the folders that it is in, so that a link to one of them has an end.
    """
    if path.is_symlink() or path.is_file():
        yield path
    if path.is_dir() and path.name != "__pycache__" and (folder := path.resolve()) not in above:
        for each in sorted(path.iterdir()):
            yield from _list_files(each, (*above, folder))
