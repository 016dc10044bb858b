"""What docs/adding-a-function.md promises: a folder is a function, and nothing lists the functions."""

import re
import sys
from importlib import import_module
from pathlib import Path

import pytest

import functions
from tests.events import event
from tests.fakes import FakeContext

ROOT = Path(__file__).resolve().parents[2]
FUNCTIONS = sorted(path.name for path in (ROOT / "lambda/functions").iterdir() if (path / "__init__.py").exists() and path.name != "shared")


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_folder_has_what_every_function_has(function: str) -> None:
    assert {"function.py", "handler.py", "config.py"} <= {path.name for path in (ROOT / "lambda/functions" / function).iterdir()}


def test_the_projects_file_names_no_function() -> None:
    """But for the adapters, which are excepted one by one, each with the AWS client that it meets."""
    name = re.compile(rf"\bfunctions[./]({'|'.join(FUNCTIONS)})\b")
    lines = [line.strip() for line in (ROOT / "pyproject.toml").read_text().splitlines() if name.search(line)]
    assert [line for line in lines if not line.endswith(('-> boto3",', '-> botocore",'))] == []


def test_the_function_of_the_page_answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = (ROOT / "docs/adding-a-function.md").read_text()
    (folder := tmp_path / "labels").mkdir()
    for name, code in re.findall(r"```python\n# lambda/functions/labels/(\w+\.py)\n(.*?)```", page, re.DOTALL):
        (folder / name).write_text(code)
    assert {path.name for path in folder.iterdir()} == {"routes.py", "config.py", "handler.py", "function.py"}
    (folder / "__init__.py").touch()
    monkeypatch.setattr(functions, "__path__", [*functions.__path__, str(tmp_path)])
    monkeypatch.setenv("RECIPE", "digits")
    response = import_module("functions.labels.function").handler(event("GET", "/labels"), FakeContext())
    for name in [name for name in sys.modules if name.startswith("functions.labels")]:
        del sys.modules[name]
    assert response["statusCode"] == 200
    assert "9" in response["body"]
