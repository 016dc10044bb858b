"""The pictures that a recipe keeps: each is made into the pixels whose digest stands beside it, whatever decodes it."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

import recipes
from recipes.recipe import list_names, load


def list_cases() -> dict[str, tuple[str, Path, dict[str, Any]]]:
    found = {}
    for name in list_names():
        file = Path(recipes.__path__[0], name, "golden/cases.json")
        for case in json.loads(file.read_text()) if file.exists() else []:
            if "pixels_sha256" in case:
                found[f"{name}-{case['file']}"] = (name, file.with_name(case["file"]), case)
    return found


@pytest.mark.parametrize("which", CASES := list_cases())
def test_is_read_as_it_is_kept(which: str) -> None:
    name, picture, case = CASES[which]
    recipe = load(name)
    assert hashlib.sha256(recipe.from_image(picture.read_bytes())).hexdigest() == case["pixels_sha256"]
    assert case["label"] in recipe.labels
