"""What docs/adding-a-function.md promises: a folder is a function, and nothing lists the functions."""

import re
from pathlib import Path

import pytest

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
