"""Answers as CSV, to a request that prefers it."""

import csv
import io
import json
import sys
from typing import Any

import pytest

from functions.predict.handler import Handler
from functions.predict.service import Service
from functions.shared.answer_table import CONTENT_TYPE
from functions.shared.owner import ANYONE
from functions.shared.predictions import Prediction
from recipes.recipe import load
from tests.digits import any_digit, beside_each_other, encoded, on_page
from tests.events import ID_KEY, event
from tests.fakes import FakeContext, FakeEndpoint

JSON = "application/json"
PICTURE = encoded(on_page(any_digit()))
THREE = json.dumps({"instances": [[label] * 784 for label in (7, 0, 12)]})
SALARY = json.dumps({"predictions": [{"value": 41000.5}], "model": {"name": "linear", "version": "2"}}).encode()


def ask(*request: Any, accept: str = "text/csv", recipe: str = "digits", endpoint: FakeEndpoint | None = None, **options: Any) -> Any:
    handler = Handler(Service(load(recipe), endpoint or FakeEndpoint(), id_key=ID_KEY))
    return handler(event("POST", "/predictions", *request, headers={"accept": accept}, **options), FakeContext())


def read(response: Any) -> list[dict[str, str]]:
    assert (response["statusCode"], response["headers"]["content-type"], response["isBase64Encoded"]) == (200, CONTENT_TYPE, False)
    return list(csv.DictReader(io.StringIO(response["body"])))


def test_has_a_line_for_each_instance_in_the_columns_of_an_upload() -> None:
    response = ask(THREE, JSON)
    rows = read(response)
    assert [(row["row"], row["label"], row["probability"], row["verdict"]) for row in rows] == [
        ("1", "7", "0.91", "certain"),
        ("2", "0", "0.91", "certain"),
        ("3", "2", "0.91", "certain"),
    ]
    assert {row["model"] for row in rows} == {"1.0.0+00000000"}
    assert Prediction.from_id(response["headers"]["x-prediction-id"], ANYONE, [ID_KEY]) is not None


def test_tells_the_codes_of_notes_in_a_header() -> None:
    dark_on_bright = json.dumps([[255] * 300 + [0] * 184 + [255] * 300])
    assert ask(dark_on_bright, JSON)["headers"]["x-notes"] == "inverted"
    assert "x-notes" not in ask(PICTURE, "image/png")["headers"]


def test_has_the_value_of_a_recipe_of_numbers() -> None:
    (row,) = read(ask("[[1.5]]", JSON, recipe="salary", endpoint=FakeEndpoint(answer=SALARY)))
    assert (row["value"], row["error"]) == ("41000.5", "")


def test_tells_where_each_digit_of_a_picture_stands() -> None:
    rows = read(ask(beside_each_other(4, 2), "image/png", query={"digits": "all"}))
    assert [(row["picture"], row["line"], len(row["box"].split())) for row in rows] == [("1", "1", 4)] * 2


def test_lets_no_file_name_be_a_formula() -> None:
    part = b'--x\r\ncontent-disposition: form-data; name="image"; filename="=cmd|A0.png"\r\n\r\n' + PICTURE + b"\r\n--x--"
    (row,) = read(ask(part, "multipart/form-data; boundary=x"))
    assert row["name"].startswith("'=cmd")


def test_tells_a_problem_in_json() -> None:
    response = ask(b"{", JSON)
    assert (response["statusCode"], response["headers"]["content-type"]) == (400, "application/problem+json")


def test_has_no_column_for_what_the_model_saw() -> None:
    endpoint = FakeEndpoint()
    response = ask(PICTURE, "image/png", query={"include": "seen"}, endpoint=endpoint)
    assert (response["statusCode"], endpoint.asked) == (422, [])
    assert "include is seen" in response["body"]


@pytest.mark.parametrize("accept", ["*/*", JSON, "image/png", ""])
def test_is_not_even_imported_where_json_is_wanted(accept: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "functions.predict.answering.csv_answer", raising=False)
    assert ask(THREE, JSON, accept=accept)["headers"]["content-type"] == JSON
    assert "functions.predict.answering.csv_answer" not in sys.modules
