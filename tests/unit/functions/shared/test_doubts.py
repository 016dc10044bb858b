"""Many instances of which the model is certain of few are told as a whole."""

import json

import pytest

from functions.predict.handler import Handler
from functions.predict.service import Service
from functions.process_upload.lines import Line
from functions.process_upload.results.predictions import Metadata
from functions.process_upload.results.tally import Tally
from functions.shared.doubts import LEAST, list_doubt_notes
from recipes.recipe import load
from tests.asking import ask_handler
from tests.events import ID_KEY, event
from tests.fakes import FakeEndpoint

DIGITS = load("digits")


@pytest.mark.parametrize(
    ("verdicts", "is_told"),
    [
        ({"certain": 5, "unsure": 4, "not a digit": 3}, True),
        ({"not a digit": LEAST}, True),
        ({"certain": 6, "unsure": 6}, False),
        ({"certain": 1, "unsure": LEAST - 2}, False),
        ({"certain": 1000, "not a digit": 999}, False),
        ({}, False),
    ],
)
def test_tells_of_many_that_are_doubted(verdicts: dict[str, int], is_told: bool) -> None:
    assert [note.code for note in list_doubt_notes(verdicts, DIGITS)] == ["mostly-doubted"] * is_told


@pytest.mark.parametrize(("format_", "is_told"), [("npy", True), ("image", False)])
def test_a_summary_tells_it_of_rows_and_not_of_one_picture(format_: str, is_told: bool) -> None:
    tally = Tally(DIGITS)
    for row in range(1, LEAST + 1):
        tally.add(Line(row, {}, {"label": 7, "verdict": "unsure"}, "1"))
    notes = tally.summarize(Metadata(format_)).get("notes", [])
    assert [(note["code"], note["detail"]) for note in notes] == [("mostly-doubted", "the model is certain of 0 of 12 digits")] * is_told


@pytest.mark.parametrize("certain", [5, 6])
def test_an_answer_tells_it(certain: int) -> None:
    verdicts = ["certain"] * certain + ["unsure"] * (LEAST - certain)
    answer = json.dumps({"predictions": [{"label": 7, "verdict": verdict} for verdict in verdicts], "model": {}}).encode()
    handler = Handler(Service(DIGITS, FakeEndpoint(answer=answer), id_key=ID_KEY))
    body = json.dumps({"instances": [[0] * 300 + [255] * 100 + [0] * 384] * LEAST})
    _, document = ask_handler(handler, event("POST", "/predictions", body, "application/json"))
    assert ("mostly-doubted" in [note["code"] for note in document.get("notes", [])]) == (certain < LEAST / 2)
