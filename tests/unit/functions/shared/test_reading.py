"""Both doors read the same: a request's body and an upload of the same bytes give the same instances, or the same refusal."""

import base64
import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from functions.predict.reading.codecs import decode
from functions.shared.reading import lines, requests
from functions.shared.reading.drafts.levels import pack_levels
from recipes.columns import Quantity
from recipes.errors import InvalidInput
from recipes.recipe import ImageInstance, load
from tests.cases.both_doors import CASES, REFUSED
from tests.cases.writing import PICTURE, SHOWN, Case, Refused
from tests.digits import any_digit, encoded, on_page
from tests.rows import open_upload


def meant_by(case: Case) -> list[bytes]:
    shown = load("digits").from_image(PICTURE) if SHOWN[0] in case.instances else b""
    return [shown if each == SHOWN[0] else each for each in case.instances]


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_request_reads(case: Case) -> None:
    batch = decode(case.body, case.kind, load(case.recipe))
    assert batch.instances == b"".join(meant_by(case))
    assert tuple(note.code for note in batch.notes) == case.notes


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_an_upload_reads(case: Case) -> None:
    rows = open_upload(case.body, load(case.recipe))
    found = list(rows.rows)
    assert [row.error for row in found if row.error] == []
    assert [row.instance for row in found] == meant_by(case)
    assert tuple(note.code for note in rows.notes) == case.notes
    assert tuple(row.label for row in found) == (case.labels or (None,) * len(found))


def test_reads_the_bytes_of_a_picture_as_a_typed_array_of_javascript() -> None:
    """JSON.stringify(new Uint8Array(…)), of a picture that has fewer bytes than an instance has values."""
    small = encoded(any_digit().resize((28, 28)))
    assert len(small) < 784
    batch = decode(json.dumps(dict(enumerate(small))).encode(), "application/json", load("digits"))
    assert batch.instances == load("digits").from_image(small)


@pytest.mark.parametrize("picture", [PICTURE, b"\x89PNG\r\n\x1a\n" + bytes(100)], ids=["good", "broken"])
def test_reads_one_picture_at_most_before_rows_are_taken(picture: bytes) -> None:
    seen = []

    def read(image: bytes) -> ImageInstance:
        seen.append(image)
        return load("digits").read_image(image)

    content = b'{"image": "%b"}\n' % base64.b64encode(picture) * 5
    rows = open_upload(content, load("digits")._replace(read_image=read)).rows
    assert len(seen) == 1
    assert len(list(rows)) == len(seen) == 5


@pytest.mark.parametrize("case", REFUSED.values(), ids=REFUSED)
def test_a_request_refuses(case: Refused) -> None:
    with pytest.raises(InvalidInput) as raised:
        decode(case.body, case.kind, load(case.recipe))
    assert raised.value.code == case.code
    assert case.detail in raised.value.detail
    assert case.advice in raised.value.advice


@pytest.mark.parametrize("case", REFUSED.values(), ids=REFUSED)
def test_an_upload_refuses(case: Refused) -> None:
    try:
        rows = open_upload(case.body, load(case.recipe))
        error = next(row.error for row in rows.rows if row.error)
    except InvalidInput as raised:
        error = raised
    assert error.code == case.code
    assert case.detail in error.detail
    assert case.advice in error.advice


PAIR = load("salary")._replace(features=(*load("salary").features, *load("house_price").features), instance_shape=(2,))


@pytest.mark.parametrize(
    "form", ['{"fields": %s, "values": %s}', '{"feature_names": %s, "data": %s}', '{"data": {"names": %s, "ndarray": %s}}']
)
def test_reads_columns_by_their_names_beside_them(form: str) -> None:
    meant = np.array([[3.1, 1500], [5, 2000]], np.float32)
    for names, rows in ((["experience", "size"], meant), (["size", "experience"], meant[:, ::-1])):
        assert (
            decode((form % (json.dumps(names), json.dumps(rows.tolist()))).encode(), "application/json", PAIR).instances == meant.tobytes()
        )


@pytest.mark.parametrize("body", [b"years,other\n3,30\n", b'[{"years": 3, "other": 30}]', b'{"instances": [{"years": 3}]}'])
def test_reads_no_column_as_two(body: bytes) -> None:
    ages = load("salary")._replace(features=(Quantity("experience", "years"), Quantity("age", "years")), instance_shape=(2,))
    with pytest.raises(InvalidInput, match="no column, or more than one, is called experience in years, age in years"):
        decode(body, "text/csv", ages)


@pytest.mark.parametrize("values", [[1, 2, 120, 4, 5], [120, 10, 33, 99, 120]])
def test_takes_numbers_for_no_file_because_one_is_the_letter_of_a_columns_name(values: list[int]) -> None:
    table = load("salary")._replace(features=(Quantity("x", ""),))
    assert decode(json.dumps(values).encode(), "application/json", table).instances == np.array(values, np.float32).tobytes()


def test_refuses_the_bytes_of_a_table_with_a_column_of_one_letter() -> None:
    table = load("salary")._replace(features=(Quantity("x", ""),))
    with pytest.raises(InvalidInput, match="a file's bytes as a list of numbers"):
        decode(json.dumps(list(b'"x"\r\n3.1\r\n')).encode(), "application/json", table)


def test_reads_a_tensor_of_seldon_by_the_names_beside_it() -> None:
    document = {"data": {"names": ["size", "experience"], "tensor": {"shape": [2, 2], "values": [1500, 3.1, 2000, 5]}}}
    batch = decode(json.dumps(document).encode(), "application/json", PAIR)
    assert batch.instances == np.array([[3.1, 1500], [5, 2000]], np.float32).tobytes()
    assert batch.notes == ()


def test_takes_a_column_of_a_table_for_no_row() -> None:
    with pytest.raises(InvalidInput, match=r"instances\[0\] is 1 value"):
        decode(b"[[3.1], [1500]]", "application/json", PAIR)


@pytest.mark.parametrize("names", ["1stFlrSF,2ndFlrSF", "name,2ndflrsf,1stflrsf"])
def test_reads_columns_whose_own_names_begin_with_a_digit(names: str) -> None:
    floors = load("salary")._replace(
        features=(Quantity("1stFlrSF", "square feet"), Quantity("2ndFlrSF", "square feet")), instance_shape=(2,)
    )
    values = {"name": "Ann", "1stflrsf": "856", "2ndflrsf": "854"}
    body = f"{names}\n{','.join(values[name.lower()] for name in names.split(','))}\n".encode()
    assert decode(body, "text/csv", floors).instances == np.array([856, 854], np.float32).tobytes()


def test_reads_no_row_of_another_table() -> None:
    content = b"Experience,Salary\n3.1,60150\n\nArea,Price\n500,70000\n600,80000\n"
    *_, last = open_upload(content, load("salary")).rows
    assert last.error
    assert last.error.detail == "line 6 belongs to another table, whose header is line 4"


@given(st.lists(st.integers(0, 300), min_size=1, max_size=4), st.sampled_from(",;"))
def test_reads_a_line_of_levels(row: list[int], mark: str) -> None:
    line = mark.join(map(str, row)).encode()
    assert pack_levels(line, mark.encode()) == (bytes(row) if max(row) < 256 else None)


@pytest.mark.parametrize("line", [b"", b"1,", b"01", b"1.0", b" 1", b"1 2", b"-0", b"true", b"[1]", b"1\r", b"256", b"1;2"])
def test_leaves_a_line_of_anything_else_to_other_readers(line: bytes) -> None:
    assert pack_levels(line) is None


def test_packs_no_line_of_a_body_too_short_for_its_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    packed: list[bytes] = []

    def pack(line: bytes) -> bytes | None:
        packed.append(line)
        return pack_levels(line)

    monkeypatch.setattr(requests, "pack_levels", pack)
    recipe = load("digits")
    shortest = b",".join([b"0"] * 784)
    with pytest.raises(InvalidInput, match="line 1 has 783 values; expected 784"):
        decode(b"\n".join([shortest[2:]] * 3), "text/csv", recipe)
    assert packed == []
    decode(b"\n".join([shortest] * 3), "text/csv", recipe)
    assert packed == [shortest] * 3


def test_says_how_many_frames_a_picture_in_json_has() -> None:
    page = on_page(any_digit())
    frames = encoded(page, "GIF", save_all=True, append_images=[Image.eval(page, lambda level: 255 - level)])
    content = b'{"image": "%b"}' % base64.b64encode(frames)
    assert [note.code for note in decode(content, "application/json", load("digits")).notes] == ["one-of-several-pages"]
    (row,) = open_upload(content, load("digits")).rows
    assert row.about == {"frames": 2}


@pytest.mark.parametrize("line", [b",,,\n", b"-----\n", b"(2 rows)\n", b"# done\n", b"experience\n"])
def test_reads_no_table_that_hardly_holds_a_row(line: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "MAX_SKIPPED", 150)
    monkeypatch.setattr(lines, "FORGIVEN_LINES", 1)

    def read(content: bytes) -> int:
        rows = open_upload(content, load("salary")).rows
        return len(list(rows))

    head, row = b"experience\n", b"3.1\n"
    assert read(head + row + 150 * line) == 1
    assert read(head + 400 * (row + line)) == 400
    for content in (head + row + 151 * line, head + 400 * (row + 2 * line)):
        with pytest.raises(InvalidInput, match="hardly a row in the 150 lines up to line"):
            read(content)
