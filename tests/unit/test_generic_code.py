"""What belongs to one recipe stays in its folder: elsewhere code follows from what a recipe declares.

Numbers and texts of the code are looked at, not comments and docstrings, which may give an example.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from deployment.paths import ROOT
from recipes.recipe import list_names

FOLDERS = ("lambda", "serving", "pipeline", "stacks", "training", "recipes", "deployment", "cli")
OWN = (*(f"recipes/{name}/" for name in list_names()), "training/drawings/")  # the last draws digits for the digits' trainers
NUMBERS = {28, 784}  # the side of a digit, and its pixels
CLASSES = 10  # of digits: what is called with it, in COUNTED or as one of COUNTS, counts classes
DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
COUNTED, COUNTS = {"range", "eye", "zeros", "ones", "full", "empty", "Linear"}, {"minlength", "num_classes", "classes"}
NAMES = {"L", "pixels"}  # Pillow's mode of grey pictures, and what the digits' models call their input
TEXTS = re.compile(r"mnist|\bdigits?\b|\bdigits_|-digits\b|seven\.png|\b28\b|\b784\b", re.IGNORECASE)
# Where such a word stands for a reason: the file, and why.
REASONS = {
    "cli/commands/new.py": "of a name, as it may be written",
    "cli/commands/predict.py": "?digits=all is the contract's parameter, and digits are an example of several things",
    "cli/commands/train.py": "the forms of data that digits have, among others",
    "cli/status/example_call.py": "of a recipe that is drawn",
    "cli/options.py": "an example of a recipe",
    "cli/scaffold/names.py": "of a name, as it may be written",
    "cli/verify/samples.py": "of a recipe that finds several in a picture",
    "deployment/api_contract.py": "?digits=all is the contract's parameter",
    "deployment/rules.py": "of a number and of names, as they may be written",
    "deployment/settings.py": "the default recipe",
    "lambda/functions/predict/answering/answer.py": "?digits=all is the contract's parameter, and its advice names it",
    "lambda/functions/predict/handler.py": "?digits=all is the contract's parameter",
    "lambda/functions/predict/answering/pages.py": "?digits=all is the contract's parameter",
    "lambda/functions/predict/routes.py": "?digits=all is the contract's parameter",
    "lambda/functions/shared/reading/tables/header.py": "a column that is called digit holds a label",
    "lambda/functions/predict/answering/seen.py": "a field of the contract; grey is one value a pixel",
    "lambda/functions/shared/reading/documents/json_instance.py": "a field that people call an instance by, among others",
    "lambda/functions/shared/reading/arrays/npz_rows.py": "an array that people call instances by, among others",
    "lambda/functions/shared/json_body.py": "of a number as it is written",
    "recipes/pictures/decode.py": "reads grey pictures for recipes that are grey",
    "recipes/pictures/opaque.py": "makes grey pictures for recipes that are grey",
    "recipes/pictures/plain_png.py": "a mode of pictures, beside the coloured ones",
    "recipes/pictures/squares.py": "reads grey pictures for recipes that are grey",
    "recipes/trust.py": "the verdict's name is the contract's; only a model with the digits' head for trust has one",
    "recipes/models/artifact.py": "of a hash, and the threshold of the digits' head for trust",
    "training/reports/classifier_plots.py": "of the digits' head for trust",
    "training/reports/evaluation.py": "of the digits' head for trust",
    "training/metrics/trust.py": "of the digits' head for trust",
    "training/trainers/calibration.py": "of the digits' head for trust",
    "training/comparison/candidates.py": "of the digits' head for trust, by which a gate is called",
    "pipeline/steps.py": "of the digits' head for trust, by which a gate is called",
    "training/drawings/photo_rows.py": "a row of photos that are grey",
    "training/drawings/robustness.py": "the digits' own rows",
    "training/train.py": "what any recipe of pictures calls its input",
    "training/trainers/densenet_export.py": "what any recipe of pictures calls its input",
    "training/trainers/hog_features.py": "of the digits' trainers, which refuse another size",
    "training/trainers/network.py": "of the digits' trainers, which refuse another size",
    "training/trainers/tuning.py": "of the digits' trainers",
    "training/trainers/xgboost_trainer.py": "what any recipe of pictures calls its input",
}


def list_words(path: Path) -> Iterator[str]:
    """Yield the numbers and texts of a file that only digits have; without docstrings."""
    documents = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):  # a docstring comes after what it is of
        if isinstance(node, DOCUMENTED) and node.body and isinstance(node.body[0], ast.Expr):
            documents.add(node.body[0].value)
        elif isinstance(node, ast.Constant) and node not in documents:
            if isinstance(node.value, str) and (found := TEXTS.search(node.value)):
                yield f"line {node.lineno}: {found[0]!r}"
            elif isinstance(node.value, str) and node.value in NAMES:
                yield f"line {node.lineno}: {node.value!r}"
            elif type(node.value) is int and node.value in NUMBERS:
                yield f"line {node.lineno}: {node.value}"
        elif isinstance(node, ast.Call) and _counts_classes(node):
            yield f"line {node.lineno}: {CLASSES} classes"


def _counts_classes(call: ast.Call) -> bool:
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    counts = [*(call.args if name in COUNTED else ()), *(each.value for each in call.keywords if each.arg in COUNTS)]
    return any(isinstance(each, ast.Constant) and each.value == CLASSES for count in counts for each in ast.walk(count))


FILES = [
    path for folder in FOLDERS for path in sorted((ROOT / folder).rglob("*.py")) if not path.relative_to(ROOT).as_posix().startswith(OWN)
]


def test_nothing_of_one_recipe_stands_in_what_all_share_but_for_a_reason_that_still_holds() -> None:
    found = {path.relative_to(ROOT).as_posix(): list(list_words(path)) for path in FILES}
    assert {name: words for name, words in found.items() if bool(words) != (name in REASONS)} == {}


@pytest.mark.parametrize(
    "line", ["np.eye(10)", "np.zeros((3, 10))", "np.bincount(x, minlength=10)", 'x.convert("L")', 'x["pixels"]', "28", '"a digit"']
)
def test_finds_what_only_digits_have(line: str, tmp_path: Path) -> None:
    (tmp_path / "any.py").write_text(f"y = {line}")
    assert len(list(list_words(tmp_path / "any.py"))) == 1


@pytest.mark.parametrize("line", ["timeout(10)", "x[:10]", '"pixels of a TIFF"', "np.eye(classes)"])
def test_lets_other_tens_and_words_be(line: str, tmp_path: Path) -> None:
    (tmp_path / "any.py").write_text(f"y = {line}")
    assert not list(list_words(tmp_path / "any.py"))
