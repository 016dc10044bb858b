"""Columns that an upload's results repeat, because its sender asks for them."""

import csv
import io
import json
from typing import Any

import pytest

from functions.process_upload.documents import JobDetails, StagedJob
from functions.process_upload.events import Upload
from functions.process_upload.results.predictions import Metadata, limit_notes
from functions.shared.answer_table import format_csv
from functions.shared.jobs import Job
from functions.shared.keys import LONGEST_KEY, MOST_KEYS, parse_keys, parse_listed
from functions.shared.reading.notes import Note
from recipes.errors import InvalidInput
from recipes.recipe import load
from tests.moto_aws import Bucket
from tests.rows import open_upload
from tests.uploads import World

DIGITS, SALARY = load("digits"), load("salary")
PIXELS = [f"pixel{number}" for number in range(784)]
LEVELS = ["0"] * 400 + ["255"] * 100 + ["0"] * 284


def write(*rows: list[str]) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue().encode()


def read_keys(content: bytes, keys: tuple[str, ...], recipe: Any = SALARY) -> list[Any]:
    return [each.about.get("keys", each.error) for each in open_upload(content, recipe._replace(keys=keys)).rows]


TABLES: dict[str, tuple[bytes, list[dict[str, Any]]]] = {
    "csv": (b"Customer ID,order,experience\nC-7,1,3.1\n,2,4\n", [{"customer id": "C-7", "order": "1"}, {"customer id": "", "order": "2"}]),
    "csv with a label, an id and an index": (
        b",id,order,experience,customer id,salary,other\n0,a,1,3.1,C-7,50000,x\n1,b,2,4,C-8,60000,y\n",
        [{"customer id": "C-7", "order": "1"}, {"customer id": "C-8", "order": "2"}],
    ),
    "records": (
        b'[{"experience": 3.1, "customer id": "C-7", "order": 1}, {"experience": 4, "customer id": null, "order": 2.5}]',
        [{"customer id": "C-7", "order": 1}, {"customer id": None, "order": 2.5}],
    ),
    "lines of JSON": (
        b'{"instance": [3.1], "customer id": "C-7", "order": 1}\n{"instance": [4], "customer id": "C-8", "order": true}\n',
        [{"customer id": "C-7", "order": 1}, {"customer id": "C-8", "order": True}],
    ),
}


@pytest.mark.parametrize(("content", "expected"), TABLES.values(), ids=TABLES)
def test_repeats_the_columns_that_are_asked_for(content: bytes, expected: list[dict[str, Any]]) -> None:
    assert read_keys(content, ("customer id", "order")) == expected


@pytest.mark.parametrize("name", TABLES)
def test_calls_no_column_left_out_that_is_repeated(name: str) -> None:
    rows = open_upload(TABLES[name][0], SALARY._replace(keys=("customer id", "order")))
    list(rows.rows)
    assert not [note for note in rows.notes if "customer" in note.detail.lower() or "order" in note.detail]


def test_repeats_a_column_beside_pixels_and_one_that_the_model_reads() -> None:
    assert read_keys(write(["email", *PIXELS], ["a@example.com", *LEVELS]), ("email",), DIGITS) == [{"email": "a@example.com"}]
    assert read_keys(b"order,experience\n1,3.1\n", ("experience",)) == [{"experience": "3.1"}]


def test_reads_the_same_values_whatever_keys_are_asked_for() -> None:
    table = write(["customer", *PIXELS], ["7", *LEVELS])
    expected = [bytes(map(int, LEVELS))]
    for key in ("customer", "pixel5"):
        rows = open_upload(table, DIGITS._replace(keys=(key,)))
        assert ([row.instance for row in rows.rows], len(rows.notes)) == (expected, int(key != "customer")), key
    named = write([f"z{a}{b}" for a in "abcdefghijklmnopqrstuvwxyzäö" for b in "abcdefghijklmnopqrstuvwxyzäö"], LEVELS)
    assert [row.instance for row in open_upload(named, DIGITS._replace(keys=("zbc",))).rows] == expected


def test_repeats_nothing_that_is_not_asked_for() -> None:
    assert [each.about for each in open_upload(b"customer,experience\nC-7,3.1\n", SALARY).rows] == [{}]


WRONG = {
    "a column that is not there": (b"order,experience\n1,3.1\n", "no column, or more than one, is called 'customer'"),
    "a column that is there twice": (b"customer,customer,experience\n1,2,3.1\n", "no column, or more than one, is called 'customer'"),
    "a table without a header": (b"3.1\n4\n", "no header line"),
    "an array": (
        b"\x93NUMPY\x01\x00v\x00{'descr': '<f4', 'fortran_order': False, 'shape': (1, 1), }".ljust(127) + b"\n" + bytes(4),
        "is npy",
    ),
}


@pytest.mark.parametrize(("content", "said"), WRONG.values(), ids=WRONG)
def test_refuses_an_upload_that_has_no_such_column(content: bytes, said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        list(open_upload(content, SALARY._replace(keys=("customer",))).rows)


@pytest.mark.parametrize(
    "row", ["[3.1]", '{"experience": 3.1}', '{"experience": 3.1, "customer": [1]}', '{"experience": 3.1, "customer": 1e999}']
)
def test_refuses_a_row_of_json_that_has_no_such_field(row: str) -> None:
    with_it = '{"experience": 4, "customer": "C-7"}'
    first, second = read_keys(f"{with_it}\n{row}\n".encode(), ("customer",))
    assert (first, "'customer'" in second.detail) == ({"customer": "C-7"}, True)


@pytest.mark.parametrize("row", ['{"experience": 3.1, "order": NaN}', '{"columns": ["experience", "order"], "data": [[3.1, NaN]]}'])
def test_repeats_no_number_that_is_none_in_json(row: str) -> None:
    (kept,) = open_upload(row.encode(), SALARY._replace(keys=("order",))).rows
    assert kept.about == {"keys": {"order": None}}  # as pandas means it


def test_bounds_what_is_repeated() -> None:
    (error,) = read_keys(f"customer,experience\n{'x' * 257},3.1\n".encode(), ("customer",))
    assert error.code == "too-large"


def test_tells_them_in_the_results_of_an_operators_copy(results: Bucket) -> None:
    world = World(results)
    table = write(["email", "label", "order", *PIXELS], ["=a@example.com", "7", "1", *LEVELS], ["b@example.com", "7", "2", "x"])
    world.deliver_upload("inbox/a.csv", table, {"csv": "true", "keys": "order, email,LABEL"})
    first, second = map(json.loads, world.read("predictions.jsonl").splitlines())
    assert (first["keys"], first["label"], first["expected"]) == ({"order": "1", "email": "=a@example.com", "LABEL": "7"}, 0, 7)
    assert "keys" not in second  # its cells are not known
    first, second = csv.DictReader(io.StringIO(world.read("predictions.csv").decode()))
    assert (first["order"], first["email"], first["LABEL"], second["error"].split(":")[0]) == ("1", "'=a@example.com", "7", "wrong-shape")


def test_fails_a_copy_that_asks_for_what_cannot_be(results: Bucket) -> None:
    world = World(results)
    world.deliver_upload("inbox/a.csv", write(["a", *PIXELS], ["1", *LEVELS]), {"keys": "a,b,c,d,e"})
    assert world.read_summary()["error"]["code"] == "invalid-input"


def test_parts_a_key_from_a_column_of_the_results() -> None:
    answer = {"row": 1, "label": 7, "keys": {"label": "9", "order": "A"}}
    head, line = b"".join(format_csv([answer], DIGITS, keys=("label", "order"))).decode().splitlines()
    assert head.startswith("row,name,id,key(label),order,label,")
    assert line.startswith("1,,,9,A,7,")


@pytest.mark.parametrize("key", ["box", "outside_range", "unknown_categories", "probabilities", "keys", "line", "verdict", "name", "error"])
@pytest.mark.parametrize("recipe", ["salary", "digits", "stop_search"])
def test_repeats_a_column_called_as_a_field_of_any_recipes_answers(key: str, recipe: str) -> None:
    (row,) = csv.DictReader(io.StringIO(b"".join(format_csv([{"row": 1, "keys": {key: "A"}}], load(recipe), keys=(key,))).decode()))
    assert row.get(f"key({key})", row.get(key)) == "A"


def test_gives_each_key_a_column_of_its_own() -> None:
    held = {"label": "9", "key(label)": "A"}
    for keys in (("label", "key(label)"), ("key(label)", "label")):
        head, line = b"".join(format_csv([{"row": 1, "label": 7, "keys": held}], DIGITS, keys=keys)).decode().splitlines()
        assert head.startswith("row,name,id,key(label),key(key(label)),label,")
        assert line.startswith(f"1,,,{','.join(map(held.__getitem__, keys))},7,")


def test_lets_no_column_of_a_key_be_a_formula() -> None:
    head, _ = b"".join(format_csv([{"row": 1, "keys": {"=1+1": "A"}}], DIGITS, keys=("=1+1",))).decode().splitlines()
    assert head.startswith("row,name,id,'=1+1,label")


def test_keeps_them_until_the_job_is_finished() -> None:
    keys = ("customer", "order")
    details = JobDetails.of_record(Job.of_owner("me", "0" * 26), Upload("k", "v", "", 1, "t"), {"keys": list(keys)}, "t")
    staged = StagedJob.from_json(json.loads(json.dumps(StagedJob(details, "csv", 3).to_json())))
    longest = parse_keys([f"{number}" + "é" * (LONGEST_KEY - 5) for number in range(MOST_KEYS)])
    metadata = Metadata("jsonl", csv=True, keys=longest, notes=limit_notes([Note("a", "x" * 900)]))
    headers = metadata.to_headers()
    assert (details.keys, staged.details.keys, Metadata.from_headers(headers)) == (keys, keys, metadata)
    assert sum(len(name) + len(value.encode("ascii")) for name, value in headers.items()) < 2048


@pytest.mark.parametrize("value", [None, "a", [], ["a"] * 5, ["a", "a "], [""], [" "], ["a\n"], ["x" * 41], [1], ["😀" * 40] * 2, {"a": 1}])
def test_refuses_keys_that_are_no_names_of_columns(value: Any) -> None:
    with pytest.raises(InvalidInput, match=r"^keys "):
        parse_keys(value)


def test_reads_the_keys_of_an_operators_copy() -> None:
    assert parse_listed("customer id, order") == ("customer id", "order")
    assert parse_listed("") == ()
