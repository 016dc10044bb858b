"""What belongs to one recipe stays in its folder: elsewhere code follows from what a recipe declares.

Numbers and texts of the code are looked at, not comments and docstrings, which may give an example.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from deployment.paths import ROOT

FOLDERS = ("lambda", "serving", "pipeline", "stacks", "training", "recipes", "deployment/bundle")
OWN = ("recipes/digits/", "recipes/natural_images/", "training/drawings/")  # the last draws digits for the digits' trainers
NUMBERS = {28, 784}  # the side of a digit, and its pixels
TEXTS = re.compile(r"mnist|\bdigits?\b|\bdigits_|-digits\b|seven\.png|\b28\b|\b784\b", re.IGNORECASE)
# Where such a word stands for a reason: the file, and why.
REASONS = {
    "lambda/functions/predict/answer.py": "?digits=all is the contract's parameter, and its advice names it",
    "lambda/functions/predict/handler.py": "?digits=all is the contract's parameter",
    "lambda/functions/predict/pages.py": "?digits=all is the contract's parameter",
    "lambda/functions/shared/reading/header.py": "a column that is called digit holds a label",
    "lambda/functions/shared/json_body.py": "of a number as it is written",
    "recipes/trust.py": "the verdict's name is the contract's; only a model with the digits' head for trust has one",
    "serving/artifact.py": "of a hash, and the threshold of the digits' head for trust",
    "training/classifier_plots.py": "of the digits' head for trust",
    "training/report.py": "of the digits' head for trust",
    "training/trust.py": "of the digits' head for trust",
    "training/calibration.py": "of the digits' head for trust",
    "training/robustness.py": "the digits' own rows",
    "training/trainers/hog_features.py": "of the digits' trainers, which refuse another size",
    "training/trainers/network.py": "of the digits' trainers, which refuse another size",
    "training/trainers/tuning.py": "of the digits' trainers",
}


def list_words(path: Path) -> Iterator[str]:
    """Yield the numbers and texts of a file that only digits have; without docstrings."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    documents = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and id(node) not in documents:
            if isinstance(node.value, str) and (found := TEXTS.search(node.value)):
                yield f"line {node.lineno}: {found[0]!r}"
            elif type(node.value) is int and node.value in NUMBERS:
                yield f"line {node.lineno}: {node.value}"


FILES = [
    path for folder in FOLDERS for path in sorted((ROOT / folder).rglob("*.py")) if not path.relative_to(ROOT).as_posix().startswith(OWN)
]


def test_nothing_of_one_recipe_stands_in_what_all_share() -> None:
    found = {path.relative_to(ROOT).as_posix(): list(list_words(path)) for path in FILES}
    assert {name: words for name, words in found.items() if words and name not in REASONS} == {}


@pytest.mark.parametrize("name", REASONS)
def test_each_exception_is_still_needed(name: str) -> None:
    assert list(list_words(ROOT / name))
