"""Digits that touch or stand in a column, in a picture that is asked about as one: the shipped model says how many there are."""

import json
from typing import Any

import pytest
from PIL import Image

from functions.predict.handler import Handler
from functions.predict.service import Service
from recipes.recipe import load
from tests.digits import digit, encoded, on_page
from tests.events import ID_KEY, event
from tests.fakes import FakeContext
from tests.real_model import RealModel


@pytest.fixture(scope="module")
def handler() -> Handler:
    return Handler(Service(load("digits"), RealModel("digits"), id_key=ID_KEY))


def ask(handler: Handler, picture: Image.Image, **query: str) -> dict[str, Any]:
    response = handler(event("POST", "/predictions", encoded(picture), "image/png", query=query), FakeContext())
    assert response["statusCode"] == 200, response["body"]
    return dict(json.loads(response["body"]))


def touching(*labels: int, down: bool = False) -> Image.Image:
    """Return digits whose boxes touch, or under each other, black on white."""
    page, at = Image.new("L", (400, 400), 255), 60
    for label in labels:
        large = digit(label).resize((112, 112), Image.Resampling.BICUBIC)
        ink = large.crop(large.point([255 * (level > 90) for level in range(256)], "L").getbbox())
        page.paste(0, (150, at) if down else (at, 150), ink)
        at += ink.height + 16 if down else ink.width
    return page


@pytest.mark.parametrize(("labels", "down"), [((5, 8), False), ((7, 2), False), ((3, 6, 4), False), ((8, 6), True)])
def test_says_how_many_there_are_and_reads_them_when_all_are_asked_for(handler: Handler, labels: tuple[int, ...], down: bool) -> None:
    picture = touching(*labels, down=down)
    answer = ask(handler, picture)
    (one,) = answer["predictions"]
    assert (one["verdict"] == "certain", one["digits_found"]) == (False, len(labels))
    assert [note["code"] for note in answer["notes"]] == ["several-digits"]
    assert [each["label"] for each in ask(handler, picture, digits="all")["predictions"]] == list(labels)


@pytest.mark.parametrize("label", range(10))
def test_says_nothing_of_one(handler: Handler, label: int) -> None:
    assert "digits_found" not in ask(handler, on_page(digit(label)))["predictions"][0]
