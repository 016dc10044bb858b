"""Each notebook stays a reader of the project, and begins as the others do."""

import ast
import re
import subprocess
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import pytest
import yaml
from nbformat import NotebookNode

from deployment.paths import ROOT
from recipes.natural_images import generate
from recipes.recipe import list_names, load
from tests.notebooks.running import FOLDER, NAMES, code, read

FIRST = ("markdown", "code", "markdown", "code")  # what it is, its parameters, where it runs, what it needs


@pytest.fixture(params=NAMES)
def notebook(request: pytest.FixtureRequest) -> NotebookNode:
    return read(request.param)


def test_each_tutorial_has_one() -> None:
    assert set(NAMES) <= set(list_names())
    assert {"digits", "house_price", "natural_images", "salary", "stop_search"} <= set(NAMES)


def test_it_defines_nothing_of_its_own(notebook: NotebookNode) -> None:
    trees = [ast.parse(cell.source) for cell in code(notebook)]  # a magic would be no Python
    assert any(isinstance(node, ast.ImportFrom) for tree in trees for node in ast.walk(tree))
    defined = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
    assert [ast.unparse(node) for tree in trees for node in ast.walk(tree) if isinstance(node, defined)] == []


def test_what_it_imports_of_the_project_is_there(notebook: NotebookNode) -> None:
    """Notebooks are run by slow tests alone, and a room that moved would be missed by all the others."""
    imports = [node for cell in code(notebook) for node in ast.walk(ast.parse(cell.source)) if isinstance(node, ast.ImportFrom)]
    names = [
        (node.module or "", each.name) for node in imports for each in node.names if (ROOT / (node.module or "").split(".")[0]).is_dir()
    ]
    assert names
    assert [(module, name) for module, name in names if not is_there(module, name)] == []


def is_there(module: str, name: str) -> bool:
    return hasattr(import_module(module), name) or find_spec(f"{module}.{name}") is not None


def list_calls(notebook: NotebookNode, name: str) -> list[ast.Call]:
    calls = [node for cell in code(notebook) for node in ast.walk(ast.parse(cell.source)) if isinstance(node, ast.Call)]
    return [call for call in calls if ast.unparse(call.func) == name]


def test_it_says_what_it_is_doing_while_it_trains(notebook: NotebookNode) -> None:
    assert [ast.unparse(call) for call in list_calls(notebook, "train") if "evaluating" not in {each.arg for each in call.keywords}] == []


def test_a_kernel_that_ends_stops_the_stack_that_it_started(notebook: NotebookNode) -> None:
    stops = [call for call in list_calls(notebook, "atexit.register") if ast.unparse(call) == "atexit.register(down)"]
    assert len(stops) == len(ups := list_calls(notebook, "up"))
    assert [ast.unparse(call) for call in ups if "end_with_caller" not in {each.arg for each in call.keywords}] == []  # one that is killed


def test_the_photos_notebook_trains_as_the_model_that_ships_was() -> None:
    """With less of either it is right on a fifth of eight classes, and every plot after that shows a model that learned nothing."""
    candidate = load("natural_images").find_candidate("densenet_small")
    (parameters,) = [cell.source for cell in code(read("natural_images")) if "parameters" in cell.metadata.get("tags", [])]
    assert f"EACH = {generate.EACH} " in parameters
    assert f'CANDIDATE, EPOCHS = "{candidate.name}", {candidate.hyperparameters["epochs"]} ' in parameters


def test_it_is_committed_without_outputs(notebook: NotebookNode) -> None:
    assert [cell.id for cell in code(notebook) if cell.outputs or cell.execution_count or cell.metadata.keys() - {"tags"}] == []


def test_it_begins_as_the_others_do(notebook: NotebookNode) -> None:
    """What finds the checkout and says what is missing cannot be imported, so it stands in each, in the same words."""
    assert tuple(cell.cell_type for cell in notebook.cells[:4]) == FIRST
    assert [cell.source for cell in notebook.cells[2:4]] == [cell.source for cell in read("digits").cells[2:4]]


def test_the_environment_of_studio_lab_has_a_kernel_of_a_python_that_the_project_takes() -> None:
    environment = yaml.safe_load((FOLDER.parent / "environment.yml").read_text())
    assert environment["name"] == "inferstack"
    assert {"python=3.11", "ipykernel"} <= set(environment["dependencies"])


@pytest.mark.parametrize("address", ["https://github.com/someone/something.git", "git@github.com:someone/something.git"])
def test_the_launch_buttons_lead_to_where_the_project_is_published(address: str, tmp_path: Path) -> None:
    (block,) = re.findall(r"test_every_notebook\.py -->\n```bash\n(.*?)```", (FOLDER.parent / "docs/training.md").read_text(), re.DOTALL)
    (tmp_path / "notebooks").symlink_to(FOLDER)
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    subprocess.run(["git", "remote", "add", "origin", address], cwd=tmp_path, check=True)
    lines = subprocess.run(["bash", "-ec", block], cwd=tmp_path, check=True, capture_output=True, text=True).stdout.splitlines()
    place = "https://studiolab.sagemaker.aws/import/github/someone/something/blob/main/notebooks"
    assert [line.rpartition("](")[2] for line in lines] == [f"{place}/{name}.ipynb)" for name in NAMES]
