"""A line of levels: read at once, or not at all."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.shared.reading.drafts.levels import pack_document, pack_levels
from recipes.instances import from_json
from recipes.recipe import load
from tests.rows import open_upload

DIGITS = load("digits")
LEVELS = {str(level): level for level in range(256)}
CELLS = st.sampled_from(["0"] * 12 + ["5", "05", "00", "0.0", "z", "", "10", "100", "255", "256", " 0", "-0"])


@given(cells=st.lists(CELLS, min_size=1, max_size=40), mark=st.sampled_from([",", ", ", ";", "\t"]))
def test_are_packed_if_each_is_a_whole_number_as_it_is_written(cells: list[str], mark: str) -> None:
    line = mark.join(cells)
    known = [LEVELS.get(cell) for cell in line.split(mark)]
    assert pack_levels(line.encode(), mark.encode()) == (None if None in known else bytes(level for level in known if level is not None))


SHAPE = (2, 3)
PLAIN = st.sampled_from([(",", ":"), (", ", ": ")])
INSTANCES = st.lists(st.binary(min_size=6, max_size=6), min_size=1, max_size=3)
PUT = st.sampled_from(["", "5", "0", "[", "]", "],[", "], [", ",", ", ", " ", ".", "-", "z", "}"])


def write_document(instances: list[bytes], separators: tuple[str, str], *, is_flat: bool) -> str:
    nested = [list(each) if is_flat else [list(each[:3]), list(each[3:])] for each in instances]
    return json.dumps({"instances": nested}, separators=separators)


@given(INSTANCES, PLAIN, st.booleans())
def test_in_a_plain_document_are_packed(instances: list[bytes], separators: tuple[str, str], is_flat: bool) -> None:
    assert pack_document(write_document(instances, separators, is_flat=is_flat).encode(), SHAPE) == instances


@pytest.mark.parametrize(
    "instance", [[[1, 2], [3, 4], [5, 6]], [[1, 2], [3, 4, 5, 6]], [[1] * 6], [[1] * 3], [1] * 5, [1] * 7, [1, [2, 3]], []]
)
def test_of_another_shape_are_left_to_a_parser(instance: list[Any]) -> None:
    assert pack_document(json.dumps({"instances": [instance]}).encode(), SHAPE) == []


@pytest.mark.parametrize("instance", ["[1, 2, 3,4 5, 6, 7]", "[[1,2,3]4,[5,6,7]]", "[[1,2,3],4[5,6,7]]", "[[1, 2, 3],4 [5, 6, 7]]"])
def test_with_a_number_inside_a_mark_are_left_to_a_parser(instance: str) -> None:
    head = '{"instances": [' if " " in instance else '{"instances":['
    assert pack_document(f"{head}{instance}]}}".encode(), SHAPE) == []


@given(INSTANCES, PLAIN, st.booleans(), st.tuples(st.integers(0, 120), st.integers(0, 2), PUT))
def test_in_any_other_document_are_packed_as_a_parser_reads_them_or_left_to_it(
    instances: list[bytes], separators: tuple[str, str], is_flat: bool, edit: tuple[int, int, str]
) -> None:
    text = write_document(instances, separators, is_flat=is_flat)
    at, length, put = edit
    edited = text[:at] + put + text[at + length :]
    packed = pack_document(edited.encode(), SHAPE)
    assert not packed or packed == from_json(json.loads(edited)["instances"], SHAPE, may_hold_booleans=True)


@given(st.binary(min_size=784, max_size=784).map(list), st.sampled_from([(",", ":"), (", ", ": "), (" , ", ": ")]))
def test_in_json_lines_are_read_as_in_a_document(levels: list[int], separators: tuple[str, str]) -> None:
    lines = "\n".join([json.dumps(levels, separators=separators)] * 2).encode()
    document = json.dumps({"instances": [levels] * 2}).encode()
    found = []
    for content in (lines, document):
        rows = open_upload(content, DIGITS)
        found.append([(row.number, row.instance, row.error and row.error.code) for row in rows.rows])
    assert found[0] == found[1]
