"""What Lambda gets, for each target it is built for."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from deployment.bundle import find_bundle
from deployment.bundle.build import build_bundle
from deployment.stages import HERE_ARCHITECTURE, HERE_PYTHON, settings_for

LIMIT_MB = 30
TARGETS = [("3.13", "arm64"), ("3.13", "x86_64"), (HERE_PYTHON, HERE_ARCHITECTURE)]


@pytest.fixture(scope="module", params=TARGETS, ids="-".join)
def built(request: pytest.FixtureRequest) -> Path:
    python, architecture = request.param
    return build_bundle(find_bundle(settings_for("dev", function_python=python, function_architecture=architecture), "predict"))


@pytest.fixture(scope="module")
def built_here() -> Path:
    return build_bundle(find_bundle(settings_for("local"), "predict"))


def test_is_small_unpacked(built: Path) -> None:
    assert sum(path.stat().st_size for path in built.rglob("*") if path.is_file()) < LIMIT_MB * 1e6


def test_holds_the_function_and_nothing_it_never_runs(built: Path) -> None:
    names = {str(path.relative_to(built)) for path in built.rglob("*") if path.is_file()}
    assert {"functions/predict/__init__.py", "functions/shared/http/__init__.py", "recipes/errors.py", "PIL/Image.py"} <= names
    assert not [
        n for n in names if re.search(r"(^|/)(tests?|golden|pretrained|numpy|boto3)/|test_|\.md$|\.dist-info/|dataset\.py|\.onnx$", n)
    ]


def test_holds_every_library_that_another_one_needs(built: Path) -> None:
    there = {path.name for path in built.glob("pillow.libs/*")}
    needed = {name.decode() for path in built.rglob("*.so*") for name in re.findall(rb"lib\w+-[0-9a-f]{8}\.so[.\d]*", path.read_bytes())}
    assert needed
    assert needed <= there


def test_is_for_the_machine_it_says(built: Path, request: pytest.FixtureRequest) -> None:
    machine = {"arm64": 0xB7, "x86_64": 0x3E}[request.node.callspec.params["built"][1]]
    for package, name in (("PIL", "_imaging"), ("zlib_ng", "zlib_ng")):
        (module,) = built.glob(f"{package}/{name}.cpython-*.so")
        assert int.from_bytes(module.read_bytes()[18:20], "little") == machine
        assert f"cpython-{request.node.callspec.params['built'][0].replace('.', '')}-" in module.name


def test_reads_pictures_in_a_bare_interpreter(built_here: Path) -> None:
    program = (
        "import io; from PIL import Image; from recipes.pictures.decode import decode\n"
        "for kind in ('PNG', 'JPEG', 'WEBP', 'GIF', 'BMP', 'TIFF'):\n"
        "    out = io.BytesIO(); Image.new('L', (28, 28), 9).save(out, kind, compression='tiff_lzw')\n"
        "    assert decode(out.getvalue()).size == (28, 28)\n"
        "out = io.BytesIO(); Image.new('RGBA', (280, 280), 9).save(out, 'PNG')\n"
        "import sys; assert 'zlib_ng' not in sys.modules; decode(out.getvalue()); assert 'zlib_ng.zlib_ng' in sys.modules\n"
        "import functions.predict, functions.shared.http, recipes.errors\n"
    )
    environment = {"PYTHONPATH": str(built_here), "PATH": os.environ["PATH"]}
    done = subprocess.run([sys.executable, "-S", "-c", program], env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_starts_from_bytecode_that_is_never_checked_against_the_source(built_here: Path) -> None:
    compiled = {path.parent.parent / f"{path.name.split('.')[0]}.py": path for path in built_here.rglob("*.pyc")}
    sources = set(built_here.rglob("*.py"))
    assert set(compiled) == sources
    assert {path.read_bytes()[4:8] for path in compiled.values()} == {b"\x01\x00\x00\x00"}  # hash-based, unchecked (PEP 552)


def test_is_not_built_twice(built_here: Path) -> None:
    before = built_here.stat().st_mtime_ns
    assert build_bundle(find_bundle(settings_for("local"), "predict")) == built_here
    assert built_here.stat().st_mtime_ns == before
