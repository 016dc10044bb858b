"""The notebook works, and stays a reader of the project: executed for real, its stack and all."""

import ast
import os
import re
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbformat import NotebookNode

from tests.conftest import free_ports, state_in

NOTEBOOK = Path(__file__).resolve().parents[2] / "notebooks/digits.ipynb"
FEWER = "LIMIT = 200"  # of each split: a run takes a minute at most
JUPYTERS = ("HOME", "TMPDIR", "IPYTHONDIR", "MPLCONFIGDIR", "JUPYTER_RUNTIME_DIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Where Jupyter and the notebook write, and nowhere else; a stack that a failed run leaves in it is stopped."""
    from local.stack import down

    folder = tmp_path_factory.mktemp("notebook")
    yield folder
    for left in folder.glob("*/stack"):
        with state_in(left):
            down()


@pytest.fixture(scope="module")
def executed(home: Path) -> NotebookNode:
    """The notebook after a run with fewer images."""
    notebook = read()
    (limit,) = [cell for cell in notebook.cells if "parameters" in cell.metadata.get("tags", [])]
    limit.source = FEWER
    ours = {name: value for name, value in os.environ.items() if not name.startswith("INFERSTACK_STATE")}
    with pytest.MonkeyPatch.context() as patch:
        for name in JUPYTERS:
            patch.setenv(name, str(home))
        client = NotebookClient(notebook, timeout=200, kernel_name="python3", resources={"metadata": {"path": str(NOTEBOOK.parent)}})
        return client.execute(env={**ours, **dict.fromkeys(JUPYTERS, str(home)), "INFERSTACK_PORT": str(free_ports())})


def read() -> NotebookNode:
    return nbformat.read(NOTEBOOK, as_version=4)


def code() -> list[NotebookNode]:
    return [cell for cell in read().cells if cell.cell_type == "code"]


def said(notebook: NotebookNode, kind: str) -> str:
    """Return all that its cells show of one kind: `text`, printed, or a type of displayed data."""
    outputs = [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]
    return "\n".join(output.get(kind, "") or output.get("data", {}).get(kind, "") for output in outputs)


def test_is_answered_over_http_by_the_model_that_it_trained(executed: NotebookNode) -> None:
    printed = said(executed, "text")
    (version,) = re.findall(r"^version (\S+)$", printed, re.MULTILINE)
    assert f"by {{'name': 'xgboost', 'version': '{version}'" in printed


def test_shows_that_the_pipeline_does_not_register_a_model_below_the_threshold(executed: NotebookNode) -> None:
    assert re.search(r"^NotGoodEnough +Failed .* below the threshold", said(executed, "text"), re.MULTILINE)


def test_shows_the_reports_own_plots(executed: NotebookNode) -> None:
    from training.classifier_plots import plot_confusion, plot_robustness

    shown = said(executed, "text/html")
    for plot in (plot_confusion([[1, 0], [0, 1]]), plot_robustness({"clean": 1.0})):
        assert f'<img alt="{plot.title}"' in shown


def test_leaves_nothing_behind(executed: NotebookNode, home: Path) -> None:
    assert list(home.glob("inferstack-notebook-*")) == []
    assert [path.name for path in NOTEBOOK.parent.iterdir()] == [NOTEBOOK.name]


def test_defines_nothing_of_its_own() -> None:
    trees = [ast.parse(cell.source) for cell in code()]  # a magic would be no Python
    assert any(isinstance(node, ast.ImportFrom) for tree in trees for node in ast.walk(tree))
    defined = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
    assert [ast.unparse(node) for tree in trees for node in ast.walk(tree) if isinstance(node, defined)] == []


def test_is_committed_without_outputs() -> None:
    assert [cell.id for cell in code() if cell.outputs or cell.execution_count or cell.metadata.keys() - {"tags"}] == []
