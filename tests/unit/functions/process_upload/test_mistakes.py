"""What tools did to an upload is named as it is in a request."""

import pytest

from recipes.errors import InvalidInput
from recipes.recipe import load
from tests.cases.mistakes import MISTAKES
from tests.rows import open_upload

# An upload that is empty has words of its own, and so have files of other kinds.
OTHERS = {"nothing", "a page", "a pointer", "a document", "a document that is said to be a picture"}


@pytest.mark.parametrize("name", sorted(MISTAKES.keys() - OTHERS))
def test_names(name: str) -> None:
    body, _, said, advised = MISTAKES[name]
    content = body.encode() if isinstance(body, str) else body
    try:
        rows = open_upload(content, load("digits"))
        error = next(row.error for row in rows.rows if row.error)
    except InvalidInput as raised:
        error = raised
    assert said in error.detail
    assert advised in error.advice
    assert "the body" not in error.detail


LONG = b"[" + b"0, " * 400_000
LARGE = {
    "a word of Python": (b'{"instances": [%b0]], "x": True}' % LONG, "a value of Python"),
    "a comma too many": (b'{"instances": [%b0]],}' % LONG, "a comma before a closing bracket"),
    "an API's event": (b'{"isBase64Encoded": true, "body": "%b"}' % (b"A" * 1_200_000), "the event that an API sends"),
    "libsvm": (b"7 153:3 154:18\n" * 80_000, "a table of libsvm"),
    "an array's bytes": (bytes(784) * 10_000, "7,840,000 bytes without a header"),
}


@pytest.mark.parametrize("name", LARGE)
def test_names_what_was_done_to_more_than_a_megabyte(name: str) -> None:
    content, said = LARGE[name]
    try:
        rows = open_upload(content, load("digits"))
        error = next(row.error for row in rows.rows if row.error)
    except InvalidInput as raised:
        error = raised
    assert said in error.detail
