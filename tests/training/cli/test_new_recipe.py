"""From a csv, or folders of pictures, to a recipe that is trained and passes the contract tests as it is, in a copy of the checkout."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from PIL import Image

from deployment.paths import ROOT
from tests.tables import CUSTOMERS, FLATS, RENTALS

TABLES = {"churn": CUSTOMERS, "bikes": RENTALS, "rent": FLATS}
PROGRAM = """
import sys, pytest
from typer.testing import CliRunner
from cli.main import app
for source in sys.argv[1:]:
    name = source.partition(".")[0]
    data = [] if source.endswith(".csv") else ["--data", source]
    for call in (["new", "recipe", name, "--from", source], ["train", name, *data, "--out", f"recipes/{name}/pretrained", "--json"]):
        done = CliRunner().invoke(app, call)
        assert done.exit_code == 0, done.output
chosen = " or ".join(source.partition(".")[0] for source in sys.argv[1:])
sys.exit(pytest.main(["-q", "-p", "no:cacheprovider", "-p", "no:randomly", "tests/contract", "-k", chosen]))
"""


def copy_checkout(into: Path) -> None:
    """Link what a new recipe does not change, and copy what finds itself by its place: the recipes, and the tests of each of them."""
    for path in ROOT.iterdir():
        if path.name not in {"recipes", "tests"} and not path.name.startswith("."):
            (into / path.name).symlink_to(path)
    shutil.copytree(ROOT / "recipes", into / "recipes", ignore=shutil.ignore_patterns("pretrained", "__pycache__"))
    (into / "tests/contract").mkdir(parents=True)
    for path in (ROOT / "tests").iterdir():
        if path.name != "contract":
            (into / "tests" / path.name).symlink_to(path)
    for name in ("contract/test_every_recipe", "contract/test_golden_rows", "contract/test_golden_pictures", "unit/recipes/test_recipe"):
        shutil.copy(ROOT / f"tests/{name}.py", into / "tests/contract")


def write_photos(folder: Path) -> str:
    """Write pictures of two kinds that colour tells apart, beside one that is broken, and return the folder's name."""
    for kind, color in (("lake", (20, 60, 200)), ("wood", (30, 140, 40))):
        (folder / kind).mkdir(parents=True)
        for at in range(7):
            picture = Image.new("RGB", (60, 45), color)
            picture.paste((220, 220, 30 * at), (5 * at, 5, 5 * at + 20, 25))
            picture.save(folder / kind / f"{at}.png")
    (folder / "wood/torn.jpg").write_bytes(b"\xff\xd8\xff\xe0 no picture")
    return folder.name


def test_is_trained_and_passes_the_contract_tests_as_it_is(tmp_path: Path) -> None:
    copy_checkout(tmp_path)
    for name, content in TABLES.items():
        (tmp_path / f"{name}.csv").write_bytes(content)
    sources = [f"{name}.csv" for name in TABLES] + [write_photos(tmp_path / "places")]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), str(tmp_path / "lambda")])}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *sources], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert (done.returncode, "passed" in done.stdout) == (0, True), done.stdout[-3000:] + done.stderr[-2000:]
    assert "failed" not in done.stdout
    for name in (*TABLES, "places"):
        assert (tmp_path / "recipes" / name / "pretrained/manifest.json").exists()
