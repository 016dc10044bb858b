"""A stage's templates and assets, kept by all that they are made of, so that a second `up`, `synth` or `destroy` synthesizes nothing."""

import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from deployment.paths import BUILD
from deployment.this_machine import REGION
from local import cdk
from local.assembly_key import find_key, merge_context
from local.bundles import build_bundles

STORE = BUILD / "assemblies"
KEPT = 6  # of them: some settings, before and after an edit


def synthesize(assembly: Path, context: Mapping[str, str], *, stage: str = "local", validate: bool = False) -> None:
    """Replace a folder by the stage's assembly with these settings: a copy of the kept one, or a new one where anything is new.

    Args:    validate: it holds by CDK's own rules too.
    Raises:  BundlesFailed, CdkFailed: it cannot be synthesized.
             InvalidSettings: there are no such settings.
    """
    given = {"stage": stage, **context}
    merged = merge_context(given, Path.home())
    settings = {name: value for name, value in merged.items() if name != "stage"}
    built = build_bundles(stage, settings)  # also before a kept one: what is built anew after it was removed may be other bytecode
    environment = cdk.build_synth_environment(Path(), validate=validate) | {"CDK_DEFAULT_REGION": REGION}  # the CLI adds it
    find = partial(find_key, merged, environment, built)
    replace_by_kept(assembly, STORE, find, partial(cdk.synth, context=given, validate=validate))


def replace_by_kept(assembly: Path, store: Path, find_key: Callable[[], str], make: Callable[[Path], None]) -> None:
    """Do so with a folder of assemblies, with what tells the key of now, and with what makes one in a folder that is not there."""
    with find_or_make(store, find_key, make) as source:
        _replace_by_copy(assembly, source)


@contextmanager
def find_or_make(store: Path, find_key: Callable[[], str], make: Callable[[Path], None]) -> Iterator[Path]:
    """Lend the kept assembly of the key of now, or a new one, which is kept unless something it is made of changed meanwhile."""
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
        yield source
    for old in sorted(store.glob("[0-9a-f]*"), key=_tell_age)[:-KEPT]:
        shutil.rmtree(old, ignore_errors=True)


def _tell_age(path: Path) -> float:
    """Return when it was last used; 0 where another process has just taken it away."""
    with suppress(FileNotFoundError):
        return path.stat().st_mtime
    return 0


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
