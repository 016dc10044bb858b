"""Both doors read the same: what a request answers an upload answers too, instance by instance, and what one refuses the other refuses."""

import json

from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from functions.shared.reading import requests
from recipes.errors import InvalidInput
from recipes.recipe import Recipe, load
from tests.cases.writing import FLAT, MEANT, NAMES
from tests.rows import open_upload

SALARY, DIGITS = load("salary"), load("digits")
PAIR = SALARY._replace(features=SALARY.features * 2, instance_shape=(2,))
READERS = {"csv": requests.read_csv, "json": requests.read_json}


def read_request(content: bytes, kind: str, recipe: Recipe) -> bytes | None:
    try:
        return READERS[kind](content, recipe).instances or None
    except InvalidInput:
        return None


def read_upload(content: bytes, recipe: Recipe) -> tuple[str, bytes | None]:
    """Return the format that an upload is read as, and its instances if every row has one."""
    try:
        rows = open_upload(content, recipe)
        found = list(rows.rows)
    except InvalidInput:
        return "", None
    instances = [row.instance for row in found if row.instance is not None]
    return rows.format, b"".join(instances) or None if len(instances) == len(found) else None


@given(st.text(alphabet="0123456789.,;-+eE \r\n\t\"'|#xyid_", max_size=60), st.sampled_from([SALARY, PAIR]))
@example("0\n1", SALARY)
@example(",x\n0,3", SALARY)
@example("\t\t1", SALARY)
@example("0,\r0", PAIR)
@example("0,0\t", PAIR)
@example("x;y\n1,5;2", PAIR)
def test_reads_any_table_alike(text: str, recipe: Recipe) -> None:
    content = text.encode()
    format_, uploaded = read_upload(content, recipe)
    if format_ == "csv":
        assert read_request(content, "csv", recipe) == uploaded


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 300) | st.floats() | st.sampled_from(["", "x", "aGk="]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["instances", "inputs", "data", "image", "b64", "id", "x", "features", "experience"]), inner, max_size=2
        )
    ),
    max_leaves=10,
)


@given(json_values, st.sampled_from([SALARY, PAIR]), st.sampled_from([None, 1]))
@example([[[1], [2]]], PAIR, None)
def test_reads_any_document_alike(document: object, recipe: Recipe, indent: int | None) -> None:
    content = json.dumps(document, indent=indent).encode()
    assume(content[:1] in {b"{", b"["})
    _, uploaded = read_upload(content, recipe)
    assert read_request(content, "json", recipe) == uploaded


@settings(max_examples=50)
@given(
    delimiter=st.sampled_from([",", ";", "\t", "|"]),
    end=st.sampled_from(["\n", "\r\n", "\r"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    head=st.sampled_from(["", "names", "counts"]),
    label=st.sampled_from(["", "first", "last"]),
    quote=st.sampled_from(["", '"']),
    tail=st.booleans(),
    empty=st.booleans(),
    gain=st.sampled_from([1, 1 / 255]),
)
def test_reads_a_table_however_it_is_written(
    *, delimiter: str, end: str, encoding: str, head: str, label: str, quote: str, tail: bool, empty: bool, gain: float
) -> None:
    rows: list[list[object]] = [[value * gain if gain != 1 else value for value in row] for row in FLAT]
    names = list(NAMES) if head == "names" else list(map(str, range(784 + bool(label))))
    if label:
        at = 0 if label == "first" else 784
        for row, value in zip(rows, (7, 1), strict=True):
            row.insert(at, value)
        if head == "names":
            names.insert(at, "label")
    lines = [delimiter.join(f"{quote}{cell}{quote}" for cell in row) + delimiter * tail for row in ([names] if head else []) + rows]
    content = (end * empty).join([line + end for line in lines]).encode(encoding)
    rows_found = list(open_upload(content, DIGITS).rows)
    assert [row.instance for row in rows_found] == list(MEANT)
    assert [row.label for row in rows_found] == ([7, 1] if label else [None, None])
    assert requests.read_csv(content, DIGITS).instances == b"".join(MEANT)
