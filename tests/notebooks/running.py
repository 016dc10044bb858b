"""Reads and executes notebooks, with all that Jupyter writes in one folder."""

import os
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbformat import NotebookNode

FOLDER = Path(__file__).resolve().parents[2] / "notebooks"
NAMES = sorted(path.stem for path in FOLDER.glob("*.ipynb"))
JUPYTERS = ("HOME", "TMPDIR", "IPYTHONDIR", "MPLCONFIGDIR", "JUPYTER_RUNTIME_DIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR")
LIMIT_S = 200


def read(name: str) -> NotebookNode:
    return nbformat.read(FOLDER / f"{name}.ipynb", as_version=4)


def code(notebook: NotebookNode) -> list[NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def execute(name: str, home: Path, parameters: str, **environment: str) -> NotebookNode:
    """Return the notebook after a run with other parameters; it and Jupyter write to `home`, and nowhere else."""
    notebook = read(name)
    (cell,) = [each for each in code(notebook) if "parameters" in each.metadata.get("tags", [])]
    cell.source = parameters
    ours = {name: value for name, value in os.environ.items() if not name.startswith("INFERSTACK_STATE")}
    with pytest.MonkeyPatch.context() as patch:
        for variable in JUPYTERS:
            patch.setenv(variable, str(home))
        client = NotebookClient(notebook, timeout=LIMIT_S, kernel_name="python3", resources={"metadata": {"path": str(FOLDER)}})
        return client.execute(env={**ours, **dict.fromkeys(JUPYTERS, str(home)), **environment})


def said(notebook: NotebookNode, kind: str) -> str:
    """Return all that its cells show of one kind: `text`, printed, or a type of displayed data."""
    outputs = [output for cell in code(notebook) for output in cell.outputs]
    return "\n".join(output.get(kind, "") or output.get("data", {}).get(kind, "") for output in outputs)
