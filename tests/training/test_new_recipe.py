"""From a csv to a recipe that is trained and passes the contract tests as it is, in a copy of the checkout."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from deployment.paths import ROOT
from tests.tables import CUSTOMERS, FLATS, RENTALS

TABLES = {"churn": CUSTOMERS, "bikes": RENTALS, "rent": FLATS}
PROGRAM = """
import sys, pytest
from typer.testing import CliRunner
from cli.main import app
for name in sys.argv[1:]:
    for call in (["new", "recipe", name, "--from", f"{name}.csv"], ["train", name, "--out", f"recipes/{name}/pretrained", "--json"]):
        done = CliRunner().invoke(app, call)
        assert done.exit_code == 0, done.output
chosen = " or ".join(sys.argv[1:])
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
    for name in ("test_every_recipe.py", "test_golden_rows.py"):
        shutil.copy(ROOT / "tests/contract" / name, into / "tests/contract")


def test_is_trained_and_passes_the_contract_tests_as_it_is(tmp_path: Path) -> None:
    copy_checkout(tmp_path)
    for name, content in TABLES.items():
        (tmp_path / f"{name}.csv").write_bytes(content)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), str(tmp_path / "lambda")])}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *TABLES], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert (done.returncode, "passed" in done.stdout) == (0, True), done.stdout[-3000:] + done.stderr[-2000:]
    assert "failed" not in done.stdout
    for name in TABLES:
        assert (tmp_path / "recipes" / name / "pretrained/manifest.json").exists()
