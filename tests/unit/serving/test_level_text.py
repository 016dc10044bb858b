"""Levels in a large text: read by numpy as a parser reads them, or left to it."""

import json
from collections.abc import Iterator
from typing import Any

import numpy as np
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recipes import instances
from serving.bodies import codecs, level_text
from serving.bodies.level_text import Levels, read_csv, read_json

SHAPE = (2, 3)
SPACED, DENSE = (", ", ": "), (",", ":")
BATCHES = st.lists(st.binary(min_size=6, max_size=6), min_size=1, max_size=9).map(
    lambda rows: np.frombuffer(b"".join(rows), np.uint8).reshape(-1, *SHAPE)
)
PUT = st.sampled_from(
    ["", "5", "0", "00", "256", "[", "]", "],[", "]], [[", ",", ", ", " ", ".", "-", "/", ":", "true", "}", "\n", "\r", "\r\n"]
)
EDITS = st.lists(st.tuples(st.integers(0, 300), st.integers(0, 2), PUT), min_size=1, max_size=2)


@pytest.fixture(autouse=True, scope="module")
def small_pieces() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(level_text, "PIECE_BYTES", 20)
        yield


def write_json(batch: Levels, separators: tuple[str, str], *, is_flat: bool) -> str:
    return json.dumps({"instances": (batch.reshape(len(batch), -1) if is_flat else batch).tolist()}, separators=separators)


def write_csv(batch: Levels, ends: str) -> str:
    return ends.join(",".join(map(str, row)) for row in batch.reshape(len(batch), -1))


def edit(text: str, edits: list[tuple[int, int, str]]) -> bytes:
    for at, length, put in edits:
        text = text[:at] + put + text[at + length :]
    return text.encode()


@given(BATCHES, st.sampled_from([SPACED, DENSE]), st.booleans())
def test_are_those_of_plain_json(batch: Levels, separators: tuple[str, str], is_flat: bool) -> None:
    found = read_json(write_json(batch, separators, is_flat=is_flat).encode(), SHAPE)
    np.testing.assert_array_equal(found, batch, strict=True)


@given(BATCHES, st.sampled_from(["\n", "\r\n"]), st.sampled_from(["", "\n", "\r\n\r\n"]))
def test_are_those_of_plain_csv(batch: Levels, ends: str, last: str) -> None:
    np.testing.assert_array_equal(read_csv((write_csv(batch, ends) + last).encode(), SHAPE), batch, strict=True)


@given(BATCHES, st.sampled_from([SPACED, DENSE]), st.booleans(), EDITS)
def test_in_any_other_json_are_those_that_a_parser_finds_or_left_to_it(
    batch: Levels, separators: tuple[str, str], is_flat: bool, edits: list[tuple[int, int, str]]
) -> None:
    body = edit(write_json(batch, separators, is_flat=is_flat), edits)
    found = read_json(body, SHAPE)
    if found is not None:
        known = instances.from_json(orjson.loads(body)["instances"], SHAPE, may_hold_booleans=True)
        assert found.tobytes() == b"".join(known)


@given(BATCHES, st.sampled_from(["\n", "\r\n"]), EDITS)
def test_in_any_other_csv_are_those_that_a_parser_finds_or_left_to_it(batch: Levels, ends: str, edits: list[tuple[int, int, str]]) -> None:
    body = edit(write_csv(batch, ends), edits)
    found = read_csv(body, SHAPE)
    if found is not None:
        assert found.tobytes() == b"".join(instances.from_csv(body, SHAPE, orjson.loads))


@pytest.mark.parametrize("instance", ["[1, 2, 3,4 5, 6, 7]", "[[1, 2, 3]4, [5, 6, 7]]", "[[1, 2, 3], [4, 5, 6]]1, [[1, 2, 3], [4, 5, 6]]"])
def test_with_a_number_inside_a_mark_are_left_to_a_parser(instance: str) -> None:
    assert read_json(f'{{"instances": [{instance}]}}'.encode(), SHAPE) is None
    assert read_csv(b"1,2,3,4,5,6\r7\n1,2,3,4,5,6", SHAPE) is None


def test_leave_a_last_line_of_one_number_to_a_parser_which_a_piece_begins_with() -> None:
    assert read_csv(b"0,10,100,100,100,100\n5", SHAPE) is None


@pytest.mark.parametrize("inside", ["", "[[0,0,0],[0,0,0]],", "[[0,0,0],[0,0,0]],[]", "[[0,0,0],[0,0,0]],[[]]", "[],[]"])
def test_leave_an_instance_without_values_to_a_parser(inside: str) -> None:
    assert read_json(b'{"instances":[%b]}' % (inside * 9).encode(), SHAPE) is None


@pytest.mark.parametrize("dtype", ["uint8", "float32"])
@pytest.mark.parametrize("decode", [codecs.from_csv, codecs.from_json])
def test_of_a_large_body_are_read_here_where_they_are_bytes(decode: Any, dtype: str, monkeypatch: pytest.MonkeyPatch) -> None:
    batch = np.arange(1 << 16).astype(np.uint8).reshape(-1, *(2, 4))
    texts = {codecs.from_csv: write_csv(batch, "\n"), codecs.from_json: write_json(batch, SPACED, is_flat=False)}
    if dtype == "uint8":
        monkeypatch.setattr(codecs, "orjson", None)
    np.testing.assert_array_equal(decode(texts[decode].encode(), (2, 4), dtype), batch.astype(dtype), strict=True)
