"""Builds a bundle without Docker.

Bytecode belongs to one minor version of Python. It is compiled when an interpreter of the target's version is at hand (the running one, or
one uv finds on this machine) and left out otherwise: Lambda then compiles while starting, on every cold start. A bundle that is there is
kept as it is when such an interpreter comes later; remove .build/lambda to have it compiled.
"""

import os
import shutil
import ssl
import subprocess
import sys
import sysconfig
import tempfile
from contextlib import suppress
from fnmatch import fnmatch
from pathlib import Path

from deployment.bundle import Bundle
from deployment.bundle.contents import list_members, list_requirements
from deployment.sources import name_below
from deployment.stages import HERE_PYTHON
from deployment.zips import pack_zip
from recipes.errors import NotBuilt

WHEEL_PLATFORM = {"x86_64": "x86_64-manylinux_2_28", "arm64": "aarch64-manylinux_2_28"}

KEPT = 8  # bundles of one function: two or three stages, before and after a few edits

# Parts of Pillow for formats, colour profiles, fonts and windows that no recipe reads; Pillow imports each only when it is asked for.
# Of zlib-ng what reads and writes gzip files.
PRUNED = (
    *("PIL/_avif.*", "PIL/_imagingcms.*", "PIL/_imagingft.*", "PIL/_imagingtk.*", "PIL/py.typed", "PIL/*.pyi"),
    *("zlib_ng/gzip_ng*", "zlib_ng/py.typed", "zlib_ng/*.pyi", "zlib_ng/zlib-ng/*"),
    *("*.dist-info/*", ".lock", "bin/*"),
    *(f"pillow.libs/lib{name}-*" for name in ("avif", "harfbuzz", "freetype", "brotlicommon", "brotlidec", "lcms2", "png16")),
)


def build_bundle(bundle: Bundle) -> Path:
    """Return the bundle's folder, building it and its zip unless they are there. Needs the network, or uv's cache, the first time."""
    path = bundle.path
    if bundle.is_built:
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".building-") as folder:
        content = Path(folder) / "content"
        content.mkdir()
        _install(bundle, content)
        for name, source in list_members(bundle.function).items():
            target = content / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)
        _compile(bundle, content)
        content.chmod(0o755)
        archive = Path(folder) / "archive"
        archive.write_bytes(pack_zip(name_below(content, filter(Path.is_file, content.rglob("*")))))
        archive.replace(bundle.archive)
        with suppress(OSError):  # another build was faster
            content.rename(path)
    _remove_old(path.parent, bundle.function)
    return path


def _remove_old(folder: Path, function: str) -> None:
    """Remove all but the newest bundles of the function: a synth under way still finds its own."""
    bundles = sorted(filter(Path.is_dir, folder.glob(f"{function}-*")), key=lambda path: path.stat().st_mtime)
    for old in bundles[:-KEPT]:
        shutil.rmtree(old, ignore_errors=True)
        old.with_name(f"{old.name}.zip").unlink(missing_ok=True)


def _install(bundle: Bundle, content: Path) -> None:
    """Put the locked wheels of the target there, without what is pruned."""
    if not (requirements := list_requirements(bundle.function)):
        return
    command = [_uv(), "pip", "install", "--quiet", "--target", str(content), "--link-mode", "copy", "--no-deps", "--require-hashes"]
    command += ["--only-binary", ":all:", "--python-version", bundle.python, "--python-platform", WHEEL_PLATFORM[bundle.architecture]]
    command += ["--requirements", str(requirements[0])]
    done = subprocess.run(command, env=_trust_store(), capture_output=True, text=True, timeout=300, check=False)
    if done.returncode:
        raise NotBuilt(f"uv could not install {bundle.function}'s packages:\n{done.stderr}", advice="the first build needs a package index")
    for path in sorted(content.rglob("*"), reverse=True):
        name = str(path.relative_to(content))
        if path.is_file() and any(fnmatch(name, pattern) for pattern in PRUNED):
            path.unlink()
        elif path.is_dir() and not any(path.iterdir()):
            path.rmdir()


def _trust_store() -> dict[str, str]:
    """Return the environment with which uv trusts this machine's certificates, as under make; it fails where there are none."""
    paths = ssl.get_default_verify_paths()
    has_store = paths.cafile or (paths.capath and any(Path(paths.capath).iterdir()))
    return {**({"UV_SYSTEM_CERTS": "true"} if has_store else {}), **os.environ}


def _uv() -> str:
    """Return the project's own uv, wherever this was started from."""
    return str(Path(sysconfig.get_path("scripts")) / "uv")


def find_interpreter(python: str) -> str | None:
    """Return an interpreter that writes the target version's bytecode, or None."""
    if python == HERE_PYTHON:
        return sys.executable
    command = [_uv(), "python", "find", "--no-project", "--system", "--no-python-downloads", python]
    found = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    return found.stdout.strip() if found.returncode == 0 else None


def _compile(bundle: Bundle, content: Path) -> None:
    """Compile every module; the bytecode is never checked against the source, whose time Lambda changes, and names /var/task."""
    if interpreter := find_interpreter(bundle.python):
        command = [interpreter, "-m", "compileall", "-q", "-j", "1", "--invalidation-mode", "unchecked-hash"]
        command += ["-s", str(content), "-p", "/var/task", str(content)]
        subprocess.run(command, env={**os.environ, "PYTHONHASHSEED": "0"}, check=True, timeout=300)
