"""What tools do to bodies on their way: the error names it and how it is done right."""

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.predict.handler import Handler
from functions.predict.service import Service
from functions.shared.reading.mistakes.bodies import explain_request
from recipes.errors import UnsupportedType
from recipes.recipe import load
from tests.asking import ask_handler
from tests.cases.mistakes import FORM, MISTAKES, PNG
from tests.cases.writing import BOTH, npz
from tests.events import ID_KEY, event
from tests.fakes import FakeEndpoint


@pytest.mark.parametrize(("body", "declared", "said", "advised"), MISTAKES.values(), ids=MISTAKES)
def test_names(ask: Any, body: bytes | str, declared: str | None, said: str, advised: str) -> None:
    status, problem = ask("POST", "/predictions", body, declared)
    assert 400 <= status < 500
    assert said in problem["detail"]
    assert advised in problem["advice"]
    assert len(problem["detail"]) < 300


@pytest.mark.parametrize("field", ["id", "profile", "Metadata", "home-database"])
def test_takes_no_address_in_another_field_for_what_is_wrong(field: str, ask: Any) -> None:
    body = json.dumps({field: "https://example.com/1", "instances": [[256] * 784]})
    assert "256" in ask("POST", "/predictions", body, "application/json")[1]["detail"]


@given(st.text("Az09+/-_", min_size=40, max_size=60), st.integers(0, 3))
def test_refuses_any_text_of_base64_s_characters_in_words(text: str, padding: int) -> None:
    error = explain_request(UnsupportedType("any"), (text + "=" * padding).encode(), load("digits"))
    assert error.detail in {"any", "the body is JSON or CSV in base64", "the body is base64 in base64"}


def test_blames_no_tool_for_a_picture_that_is_damaged(ask: Any) -> None:
    _, problem = ask("POST", "/predictions", PNG[:200], "image/png")
    assert "line breaks" not in problem["detail"]


@pytest.mark.parametrize("picture", [b"II*\0" + bytes(600), b"\xff\xd8\xff" + bytes(600)], ids=["a TIFF", "a JPEG"])
def test_blames_no_tool_for_a_picture_that_is_known_and_not_read(picture: bytes) -> None:
    """A small one may have no line break by chance."""
    assert explain_request(UnsupportedType("not read here"), picture, load("digits")).detail == "not read here"


@pytest.fixture
def ask_for_numbers() -> Any:
    handler = Handler(Service(load("salary"), FakeEndpoint(answer=b'{"predictions": [{"value": 1.5}], "model": {}}'), id_key=ID_KEY))

    return lambda *request: ask_handler(handler, event(*request))


def test_refuses_a_number_that_may_have_been_several_lines(ask_for_numbers: Any) -> None:
    status, problem = ask_for_numbers("POST", "/predictions", "34", FORM)
    assert (status, "several lines" in problem["detail"]) == (415, True)
    assert "content-type: text/csv" in problem["advice"]
    assert [ask_for_numbers("POST", "/predictions", body, declared)[0] for body, declared in (("34", "text/csv"), ("[34]", FORM))] == [
        200,
        200,
    ]


def test_tells_who_asks_for_numbers_of_no_picture(ask_for_numbers: Any) -> None:
    assert ask_for_numbers("POST", "/predictions", base64.b64encode(PNG), "image/png")[0] == 415


def test_an_npz_is_no_zip_of_something_else(ask: Any) -> None:
    status, problem = ask("POST", "/predictions", npz(x_train=BOTH, x_test=BOTH), "application/x-npz")
    assert (status, problem["detail"][:13]) == (422, "the npz holds")
