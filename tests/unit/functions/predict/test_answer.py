"""What an answer says of several instances in a picture has the recipe's own word for one."""

import json

import pytest

from functions.predict.answering.answer import describe_instances, list_notes
from functions.shared.reading.batch import Batch
from recipes.recipe import load

BATCH = Batch(b"", counts={0: 3}, marks={0: 1})


@pytest.mark.parametrize(
    ("name", "field", "code"), [("digits", "digits_found", "several-digits"), ("natural_images", "things_found", "several-things")]
)
def test_calls_what_is_found_by_the_recipe_s_word(name: str, field: str, code: str) -> None:
    recipe = load(name)
    assert describe_instances([{}], BATCH, recipe) == [{field: 3, "marks_found": 1}]
    notes = list_notes(BATCH, recipe)
    assert [note.code for note in notes] == [code, "unread-marks"]
    said = json.dumps([[note._asdict()[part] for part in ("code", "detail")] for note in notes])
    assert ("digit" in said) == (name == "digits")
