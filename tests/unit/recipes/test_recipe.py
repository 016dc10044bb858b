import json
import subprocess
import sys
from pathlib import Path

import pytest

from recipes.columns import Quantity
from recipes.errors import UnsupportedType
from recipes.recipe import list_names, load

ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.parametrize("name", list_names())
def test_every_recipe_keeps_the_contract(name: str) -> None:
    recipe = load(name)
    assert recipe.name == name
    assert recipe.title
    if recipe.kind == "classification":
        assert len(set(recipe.labels)) == len(recipe.labels) > 1
    else:
        assert not recipe.labels
    if recipe.features:
        assert recipe.target
        assert recipe.instance_shape == (len(recipe.features),)
        for column in (*recipe.features, recipe.target):
            assert column.name
            assert isinstance(column, Quantity) or len(set(column.values)) == len(column.values) > 1
        assert set(recipe.groups) <= {category.name for category in recipe.categories}
    assert recipe.candidates
    assert all(0 <= threshold <= 1 for threshold in recipe.thresholds.values())
    for candidate in recipe.candidates:
        assert recipe.find_candidate(candidate.name) is candidate


def test_digits_is_there() -> None:
    digits = load("digits")
    assert digits.labels == tuple(range(10))
    assert digits.instance_shape == (28, 28)
    assert digits.instance_size == digits.instance_bytes == 784
    assert digits.takes_pictures


def test_a_recipe_of_numbers_refuses_a_picture() -> None:
    salary = load("salary")
    assert (salary.kind, salary.instance_size, salary.instance_bytes, salary.takes_pictures) == ("regression", 1, 4, False)
    with pytest.raises(UnsupportedType, match="takes rows of a table, not pictures"):
        salary.from_image(b"a picture")


@pytest.mark.parametrize("name", ["letters", "", "Digits", "digits.golden", "../digits", "recipe", "os"])
def test_names_the_recipes_there_are(name: str) -> None:
    with pytest.raises(KeyError, match=r"no recipe .* there are .*digits"):
        load(name)


def test_a_recipe_that_cannot_be_imported_is_not_called_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "recipes.salary.recipe", raising=False)
    monkeypatch.setitem(sys.modules, "recipes.columns", None)
    with pytest.raises(ModuleNotFoundError, match=r"recipes\.columns"):
        load("salary")


def test_names_the_candidates_there_are() -> None:
    with pytest.raises(KeyError, match="digits has no candidate 'best'; it has cnn, xgboost, xgboost_tuned"):
        load("digits").find_candidate("best")


def test_transforms_without_numpy() -> None:
    """The function's bundle has no room for it."""
    program = (
        "import json, sys; from recipes.recipe import load; load('digits').from_image(open('recipes/digits/golden/7.png', 'rb').read());"
        "print(json.dumps(sorted(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    modules = json.loads(done.stdout)
    assert "PIL" in modules
    assert not {"numpy", "torch", "onnxruntime", "boto3"} & set(modules)
