"""What the jobs function reads in a request."""

import json
from typing import Any

import pytest

from functions.jobs.handler import parse_job_request, parse_limit
from recipes.errors import InvalidInput, TooLarge

LIMIT, RECIPES = 1000, ("digits",)


@pytest.mark.parametrize(("text", "limit"), [("1", 1), ("020", 20), ("100", 100)])
def test_takes_a_limit_of_1_to_100(text: str, limit: int) -> None:
    assert parse_limit(text) == limit


# Python's int() raises for more than 4,300 digits, and takes digits of other scripts.
@pytest.mark.parametrize("text", ["", "0", "101", "-1", "1.5", "many", "1\n", "٣", "9" * 4301], ids=lambda text: text[:9])
def test_refuses_another_limit(text: str) -> None:
    with pytest.raises(InvalidInput, match=r"^limit is '.{0,20}'; expected 1 to 100$"):
        parse_limit(text)


def read_size(text: str) -> int | None:
    return parse_job_request(f'{{"name": "a", "size_bytes": {text}}}'.encode(), LIMIT, RECIPES).size_bytes


@pytest.mark.parametrize(("text", "size"), [("1", 1), ("7.0", 7), ("1e3", 1000), ("1000", 1000)])
def test_takes_a_size_as_json_writes_whole_numbers(text: str, size: int) -> None:
    assert repr(read_size(text)) == repr(size)


def test_takes_an_upload_of_any_size() -> None:
    assert parse_job_request(b'{"name": "a"}', LIMIT, RECIPES).size_bytes is None


@pytest.mark.parametrize("text", ["null", "0", "-1", "1.5", "true", '"7"', "[]", "NaN", "Infinity", "1e400", "0.0"])
def test_refuses_what_is_no_size(text: str) -> None:
    with pytest.raises(InvalidInput, match="size_bytes is not a whole number of 1 or more"):
        read_size(text)


@pytest.mark.parametrize("text", ["1001", "1e300", "9" * 4000])
def test_refuses_a_size_over_the_limit_in_a_short_sentence(text: str) -> None:
    with pytest.raises(TooLarge, match=r"^the file has [0-9,]+ bytes; an upload takes at most 1,000$"):
        read_size(text)


TYPES = ["image/jpg", "application/csv", "image/png; charset=binary", "text/csv; charset=utf-8; header=present", "text/csv;charset=UTF-8"]


@pytest.mark.parametrize("content_type", TYPES)
def test_takes_a_content_type_as_browsers_and_tools_write_it(content_type: str) -> None:
    assert parse_job_request(json.dumps({"name": "a", "content_type": content_type}).encode(), LIMIT, RECIPES).content_type == content_type


@pytest.mark.parametrize(
    "content_type", ["", "png", "image/png\r\nx-a: b", "image/png; a=\u00e9", "image/png; ${filename}", f"a/b;{'c' * 200}"]
)
def test_refuses_what_is_no_content_type(content_type: str) -> None:
    with pytest.raises(InvalidInput, match="content_type is not a media type"):
        parse_job_request(json.dumps({"name": "a", "content_type": content_type}).encode(), LIMIT, RECIPES)


@pytest.mark.parametrize(("field", "value"), [("csv", None), ("content_type", None), ("name", None), ("csv", 0), ("name", " ")])
def test_refuses_a_field_of_another_type(field: str, value: Any) -> None:
    with pytest.raises(InvalidInput, match=f"^{field} is "):
        parse_job_request(json.dumps({"name": "a", field: value}).encode(), LIMIT, RECIPES)


def test_takes_the_columns_that_results_repeat() -> None:
    assert parse_job_request(b'{"name": "a.csv", "keys": ["customer_id", "order"]}', LIMIT, RECIPES).keys == ("customer_id", "order")
    assert parse_job_request(b'{"name": "a.csv"}', LIMIT, RECIPES).keys == ()
    with pytest.raises(InvalidInput, match='keys is "a"; expected 1 to 4 names of columns'):
        parse_job_request(b'{"name": "a.csv", "keys": "a"}', LIMIT, RECIPES)


@pytest.mark.parametrize("field", ["key", "Csv", "", "x" * 500])
def test_refuses_a_field_that_there_is_not(field: str) -> None:
    """A misspelt one would be answered as if it had not been sent."""
    with pytest.raises(InvalidInput, match=r"^there is no field '.{0,40}'; expected name, content_type, size_bytes, csv, keys, recipe$"):
        parse_job_request(json.dumps({"name": "a.csv", field: True}).encode(), LIMIT, RECIPES)
