"""Whatever is sent, the caller gets an answer that says what is wrong with it: never a 5xx, never an exception."""

import base64
import json
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from functions.predict.handler import Handler
from functions.predict.service import Service
from recipes.recipe import load
from tests.digits import any_digit, encoded
from tests.events import ID_KEY, event
from tests.fakes import FakeContext, FakeEndpoint

HANDLER = Handler(Service(load("digits"), FakeEndpoint(), id_key=ID_KEY))
TYPES = ["image/png", "image/jpeg", "application/json", "text/csv", "application/x-npy", "application/octet-stream", "", None]
PNG, JPEG = encoded(any_digit()), encoded(any_digit(), "JPEG")
NPY_HEADER = b"\x93NUMPY\x01\x00v\x00{'descr': '|u1', 'fortran_order': False, 'shape': (1, 28, 28), }"


def check(request: dict[str, Any]) -> None:
    response = HANDLER(request, FakeContext())
    answer = json.loads(response["body"])
    if response["statusCode"] == 200:
        assert answer["predictions"]
        return
    assert response["statusCode"] in {400, 413, 415, 422}, answer
    assert answer["status"] == response["statusCode"]
    assert answer["detail"]
    assert len(response["body"]) < 1500  # it says what is wrong, it does not send the payload back


@given(body=st.binary(max_size=400), content_type=st.sampled_from(TYPES) | st.text(max_size=30))
def test_answers_any_bytes(body: bytes, content_type: str | None) -> None:
    check(event("POST", "/predictions", body, content_type))


@given(body=st.text(max_size=200) | st.text('0123456789,.-[]{}" \nenutrflasi:', max_size=200), content_type=st.sampled_from(TYPES))
@example("\ud800", "application/json")
@example("[" * 5000, "application/json")
@example("1e999", "application/json")
@example("9" * 5000, "text/csv")
def test_answers_any_text(body: str, content_type: str | None) -> None:
    check(event("POST", "/predictions", body, content_type))


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["instances", "image", "x"]), inner, max_size=3),
    max_leaves=12,
)


@given(anything | st.builds(lambda value: {"instances": value}, anything) | st.builds(lambda value: {"image": value}, anything))
def test_answers_any_json(document: object) -> None:
    check(event("POST", "/predictions", json.dumps(document), "application/json"))


@given(st.sampled_from([PNG, JPEG]), st.integers(0, 2000), st.binary(min_size=1, max_size=8), st.booleans())
def test_answers_any_broken_picture(picture: bytes, at: int, patch: bytes, cut: bool) -> None:
    at %= len(picture)
    broken = picture[:at] if cut else picture[:at] + patch + picture[at + len(patch) :]
    check(event("POST", "/predictions", broken, "image/png"))
    check(event("POST", "/predictions", json.dumps({"image": base64.b64encode(broken).decode()}), "application/json"))


@given(st.integers(6, len(NPY_HEADER) - 1), st.binary(min_size=1, max_size=4))
def test_answers_any_broken_npy(at: int, patch: bytes) -> None:
    header = NPY_HEADER[:at] + patch + NPY_HEADER[at + len(patch) :]
    check(event("POST", "/predictions", header.ljust(127) + b"\n" + bytes(784), "application/x-npy"))


@given(st.dictionaries(st.sampled_from(["include", "variant", "x"]), st.text(max_size=20)))
def test_answers_any_query(query: dict[str, str]) -> None:
    check(event("POST", "/predictions", bytes(PNG), "image/png", query=query))
