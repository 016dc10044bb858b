"""Builds what a Lambda function runs, without Docker: locked wheels of the target platform, the function's own sources, compiled bytecode.

`python -m deployment.bundle --stage dev` builds; synth only looks up what is there, so it needs no network. A bundle's folder is named
after everything that went into it, so an unchanged one is never built twice.

Bytecode belongs to one minor version of Python. It is compiled when an interpreter of the target's version is at hand (the running one, or
one uv finds on this machine) and left out otherwise: Lambda then compiles while starting, on every cold start. A bundle that is there is
kept as it is when such an interpreter comes later; remove .build/lambda to have it compiled.
"""

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

from deployment.paths import BUILD, ROOT
from deployment.settings import HERE_PYTHON, STAGES, Settings
from recipes.errors import InferstackError, NotBuilt

WHEEL_PLATFORM = {"x86_64": "x86_64-manylinux_2_28", "arm64": "aarch64-manylinux_2_28"}

KEPT = 8  # bundles of one function: two or three stages, before and after a few edits

# What a function never runs. What reads data is training's, pretrained/ is the endpoint's, golden/ is the tests'.
LEFT_OUT = ("__pycache__", "*.pyc", "*.md", "*.csv", "golden", "pretrained", "dataset.py", "tabular.py", "recordio.py", "test_*", "tests")

# Parts of Pillow for formats, fonts and windows that no recipe reads; Pillow imports each only when it is asked for.
PRUNED = (
    *("PIL/_avif.*", "PIL/_webp.*", "PIL/_imagingft.*", "PIL/_imagingtk.*", "PIL/py.typed", "PIL/*.pyi", "*.dist-info/*", ".lock", "bin/*"),
    *(
        f"pillow.libs/lib{name}-*"
        for name in ("avif", "harfbuzz", "freetype", "brotlicommon", "brotlidec", "png16", "webpmux", "webpdemux")
    ),
)


@dataclass(frozen=True, slots=True)
class Bundle:
    """One function's code for one target.

    Args:    function: its name.
             packages: its source folders, relative to the checkout.
             python: the target's Python, like 3.13.
             architecture: x86_64 or arm64.
             lock: of its packages, in requirements/; empty for one that needs none.
    """

    function: str
    packages: tuple[str, ...]
    python: str
    architecture: str
    lock: str

    @property
    def path(self) -> Path:
        """Where it is, or will be."""
        return BUILD / "lambda" / f"{self.function}-{self._digest()}"

    @property
    def lock_path(self) -> Path | None:
        """The hashed requirements of what it is bundled with, if it is with anything."""
        return ROOT / "requirements" / f"{self.lock}.txt" if self.lock else None

    def _digest(self) -> str:
        """Return 16 hexadecimal digits of everything that decides the content."""
        digest = hashlib.sha256(f"{self.python} {self.architecture}".encode())
        locks = [self.lock_path] if self.lock_path else []
        for path in (Path(__file__), *locks, *(path for package in self.packages for path in sources(ROOT / package))):
            content = path.read_bytes()
            digest.update(f"\n{path.relative_to(ROOT)} {len(content)} ".encode() + content)
        return digest.hexdigest()[:16]


def predict(settings: Settings) -> Bundle:
    """Return the predict function's bundle for the stage."""
    return _bundle(settings, "predict", lock="predict")


def process_upload(settings: Settings) -> Bundle:
    """Return the process_upload function's bundle for the stage."""
    return _bundle(settings, "process_upload", lock="predict")


def jobs(settings: Settings) -> Bundle:
    """Return the jobs function's bundle for the stage: it reads no pictures, so the runtime's own botocore is all it needs."""
    return _bundle(settings, "jobs", lock="")


def feedback(settings: Settings) -> Bundle:
    """Return the feedback function's bundle for the stage: the recipe that knows the labels reads pictures too."""
    return _bundle(settings, "feedback", lock="predict")


def rollout(settings: Settings) -> Bundle:
    """Return the rollout function's bundle for the stage: like jobs, it needs no package."""
    return _bundle(settings, "rollout", lock="")


def all_of(settings: Settings) -> tuple[Bundle, ...]:
    """Return every function's bundle for the stage."""
    return predict(settings), process_upload(settings), jobs(settings), feedback(settings), rollout(settings)


def _bundle(settings: Settings, function: str, *, lock: str) -> Bundle:
    packages = ("lambda/functions/__init__.py", "lambda/functions/shared", f"lambda/functions/{function}", "recipes")
    return Bundle(function, packages, settings.function_python, settings.function_architecture, lock)


def sources(package: Path) -> list[Path]:
    """Return the files of a package that a function runs, sorted."""
    kept = []
    for path in [package] if package.is_file() else sorted(package.rglob("*")):
        parts = path.relative_to(package).parts
        if path.is_file() and not any(fnmatch(part, pattern) for part in parts for pattern in LEFT_OUT):
            kept.append(path)
    return kept


def built(bundle: Bundle) -> Path:
    """Return the bundle's folder, or raise NotBuilt naming the command that builds it."""
    if not bundle.path.is_dir():
        advice = f"build it: .venv/bin/python -m deployment.bundle --python {bundle.python} --architecture {bundle.architecture}"
        raise NotBuilt(f"no bundle of {bundle.function} for Python {bundle.python} on {bundle.architecture}; {advice}", advice=advice)
    return bundle.path


def build(bundle: Bundle) -> Path:
    """Return the bundle's folder, building it unless it is there. Needs the network, or uv's cache, the first time."""
    path = bundle.path
    if path.is_dir():
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".building-") as folder:
        content = Path(folder) / "content"
        content.mkdir()
        _install(bundle, content)
        for package in bundle.packages:
            for source in sources(ROOT / package):
                target = content / source.relative_to(ROOT / "lambda" if package.startswith("lambda/") else ROOT)
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(source, target)
        _compile(bundle, content)
        content.chmod(0o755)
        with suppress(OSError):  # another build was faster
            content.rename(path)
    _forget(path.parent, bundle.function)
    return path


def _forget(folder: Path, function: str) -> None:
    """Remove all but the newest bundles of the function: a synth under way still finds its own."""
    found = sorted(folder.glob(f"{function}-*"), key=lambda path: path.stat().st_mtime)
    for old in found[:-KEPT]:
        shutil.rmtree(old, ignore_errors=True)


def _install(bundle: Bundle, content: Path) -> None:
    """Put the locked wheels of the target there, without what is pruned."""
    if bundle.lock_path is None:
        return
    command = [_uv(), "pip", "install", "--quiet", "--target", str(content), "--link-mode", "copy", "--no-deps", "--require-hashes"]
    command += ["--only-binary", ":all:", "--python-version", bundle.python, "--python-platform", WHEEL_PLATFORM[bundle.architecture]]
    done = subprocess.run([*command, "--requirements", str(bundle.lock_path)], capture_output=True, text=True, timeout=300, check=False)
    if done.returncode:
        raise NotBuilt(f"uv could not install {bundle.function}'s packages:\n{done.stderr}", advice="the first build needs a package index")
    for path in sorted(content.rglob("*"), reverse=True):
        name = str(path.relative_to(content))
        if path.is_file() and any(fnmatch(name, pattern) for pattern in PRUNED):
            path.unlink()
        elif path.is_dir() and not any(path.iterdir()):
            path.rmdir()


def _uv() -> str:
    """Return the project's own uv, wherever this was started from."""
    return str(Path(sysconfig.get_path("scripts")) / "uv")


def compiler(python: str) -> str | None:
    """Return an interpreter that writes the target version's bytecode, or None."""
    if python == HERE_PYTHON:
        return sys.executable
    command = [_uv(), "python", "find", "--no-project", "--system", "--no-python-downloads", python]
    found = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    return found.stdout.strip() if found.returncode == 0 else None


def _compile(bundle: Bundle, content: Path) -> None:
    """Compile every module; the bytecode is never checked against the source, whose time Lambda changes, and names /var/task."""
    if interpreter := compiler(bundle.python):
        command = [
            interpreter,
            "-m",
            "compileall",
            "-q",
            "-j",
            "1",
            "--invalidation-mode",
            "unchecked-hash",
            "-s",
            str(content),
            "-p",
            "/var/task",
        ]
        subprocess.run([*command, str(content)], env={**os.environ, "PYTHONHASHSEED": "0"}, check=True, timeout=300)


def main(arguments: list[str] | None = None) -> int:
    """Build the bundles of a stage, or of a target, and print where they are and how large."""
    parser = argparse.ArgumentParser(prog="python -m deployment.bundle", description="Build the Lambda bundles that cdk synth refers to.")
    parser.add_argument("--stage", choices=STAGES, default="local")
    parser.add_argument("--python", metavar="3.x", help="instead of the stage's")
    parser.add_argument("--architecture", choices=tuple(WHEEL_PLATFORM), help="instead of the stage's")
    asked = parser.parse_args(arguments)
    overrides = {"function_python": asked.python, "function_architecture": asked.architecture}
    try:
        settings = Settings.for_stage(asked.stage, **{name: value for name, value in overrides.items() if value})
        paths = {bundle: build(bundle) for bundle in all_of(settings)}
    except InferstackError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    for bundle, path in paths.items():
        size_mb = sum(file.stat().st_size for file in path.rglob("*") if file.is_file()) / 1e6
        bytecode = "with bytecode" if any(path.rglob("*.pyc")) else f"without bytecode: no Python {bundle.python} here"
        sys.stdout.write(f"{path.relative_to(ROOT)}  {size_mb:.1f} MB, {bytecode}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
