"""Uploads of every kind into rows."""

import gzip
import io
import json
import random
import zipfile

import pytest

from recipes import npy
from recipes.errors import InvalidInput, Malformed, TooLarge, UnsupportedType, WrongShape
from recipes.recipe import load
from tests.arrays import npy_of
from tests.digits import any_digit, encoded, on_page
from tests.rows import open_upload as read

RECIPE = load("digits")
INSTANCES = [bytes([number]) + bytes(783) for number in range(5)]
PICTURE = encoded(on_page(any_digit()))


def csv(instances: list[bytes], delimiter: str = ",") -> bytes:
    return "\n".join(delimiter.join(map(str, each)) for each in instances).encode()


def zipped(entries: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return out.getvalue()


def idx(instances: list[bytes]) -> bytes:
    return b"\x00\x00\x08\x03" + len(instances).to_bytes(4, "big") + (28).to_bytes(4, "big") * 2 + b"".join(instances)


NAMES = ",".join(f"pixel{number}" for number in range(784)).encode()
WHOLE = {
    "csv": (csv(INSTANCES), "csv"),
    "csv with a byte order mark, CRLF and empty lines": (b"\xef\xbb\xbf" + csv(INSTANCES).replace(b"\n", b"\r\n\r\n") + b"\r\n", "csv"),
    "csv with semicolons": (csv(INSTANCES, ";"), "csv"),
    "csv with tabs": (csv(INSTANCES, "\t"), "csv"),
    "csv in quotes": (b"\n".join(b",".join(b'"%d"' % value for value in each) for each in INSTANCES), "csv"),
    "csv with a header": (NAMES + b"\n" + csv(INSTANCES), "csv"),
    "csv with a label": (b"label," + NAMES + b"\n" + b"\n".join(b"7," + csv([each]) for each in INSTANCES), "csv"),
    "jsonl": (b"\n".join(json.dumps(list(each)).encode() for each in INSTANCES), "jsonl"),
    "jsonl of objects": (b"\n".join(json.dumps({"instance": list(each)}).encode() for each in INSTANCES), "jsonl"),
    "npy": (npy.write(b"".join(INSTANCES), (5, 28, 28)), "npy"),
    "npy of flat rows": (npy.write(b"".join(INSTANCES), (5, 784)), "npy"),
    "idx": (idx(INSTANCES), "idx"),
    "idx.gz": (gzip.compress(idx(INSTANCES)), "idx"),
    "csv.gz": (gzip.compress(csv(INSTANCES)), "csv"),
}


@pytest.mark.parametrize(("content", "format_"), WHOLE.values(), ids=WHOLE)
def test_reads_all_rows_in_order(content: bytes, format_: str) -> None:
    rows = read(content)
    found = list(rows.rows)
    assert (rows.format, [row.instance for row in found], [row.error for row in found]) == (format_, INSTANCES, [None] * 5)
    assert rows.total in {None, 5}


def test_reads_values_of_other_types() -> None:
    import numpy as np

    for dtype in ("<f4", ">i2", "u1", "<i8"):
        array = np.frombuffer(b"".join(INSTANCES), np.uint8).reshape(5, 28, 28).astype(dtype)
        assert [row.instance for row in read(npy_of(array)).rows] == INSTANCES


def test_costs_a_bad_row_only_that_row() -> None:
    rows = list(read(csv(INSTANCES[:2]) + b"\n1,2,3\n" + csv(INSTANCES[2:3]).replace(b"2,", b"x,", 1) + b"\n" + csv(INSTANCES[3:])).rows)
    assert [row.number for row in rows] == [1, 2, 3, 4, 5, 6]
    assert [row.error.code if row.error else "" for row in rows] == ["", "", "wrong-shape", "not-a-number", "", ""]
    assert "line 4, value 1 is 'x'" in rows[3].error.detail  # type: ignore[union-attr]


def test_carries_ids() -> None:
    (row,) = read(b"id,label," + NAMES + b"\nA-1,7," + csv(INSTANCES[2:3])).rows
    assert (row.instance, row.about, row.label) == (INSTANCES[2], {"id": "A-1"}, 7)
    (row,) = read(json.dumps({"id": 5, "instance": list(INSTANCES[2])}).encode()).rows
    assert (row.instance, row.about) == (INSTANCES[2], {"id": 5})


def test_reads_pictures_in_a_zip_and_says_which_are_none() -> None:
    entries = {"a b/ü.png": PICTURE, "notes.txt": b"hello", "__MACOSX/a.png": b"x", ".DS_Store": b"x", "b.png": PICTURE[:50]}
    rows = read(zipped(entries))
    found = list(rows.rows)
    assert (rows.format, rows.total) == ("zip", 3)
    assert [row.about["name"] for row in found] == ["a b/ü.png", "notes.txt", "b.png"]
    assert found[0].instance == RECIPE.from_image(PICTURE)
    assert [row.error.code for row in found[1:] if row.error] == ["unsupported-type", "malformed"]


def test_answers_a_picture_of_one_digit_as_a_whole() -> None:
    rows = read(PICTURE)
    (row,) = rows.rows
    assert (rows.format, row.instance, row.about) == ("image", RECIPE.from_image(PICTURE), {"line": 1, "after": ""})
    assert rows.picture is not None


BROKEN: dict[str, tuple[bytes, type[InvalidInput]]] = {
    "nothing": (b"", Malformed),
    "bytes of no format": (b"\x00\x01\x02\x03", UnsupportedType),
    "a PDF": (b"%PDF-1.7\x00\x00", UnsupportedType),
    "labels": (b"\x00\x00\x08\x01\x00\x00\x00\x05" + bytes(5), WrongShape),
    "idx of another size": (b"\x00\x00\x08\x03" + (1).to_bytes(4, "big") * 3 + bytes(1), WrongShape),
    "a cut idx": (idx(INSTANCES)[:-1], Malformed),
    "a cut idx.gz": (gzip.compress(idx(INSTANCES))[:-12], Malformed),
    "a broken gzip": (b"\x1f\x8b" + bytes(30), Malformed),
    "a cut npy": (npy.write(b"".join(INSTANCES), (5, 28, 28))[:-1], Malformed),
    "an npy of another shape": (npy.write(bytes(12), (3, 4)), WrongShape),
    "an npy that announces the world": (npy.write(b"", (10**15, 28, 28)), Malformed),
    "an npy of objects": (npy.write(bytes(784), (1, 784)).replace(b"'|u1'", b"'|O' "), WrongShape),
    "a header of another width": (b"a,b,c\n1,2,3\n", WrongShape),
    "a cut zip": (zipped({"a.png": PICTURE})[:-30], Malformed),
    "an empty zip": (zipped({}), WrongShape),
    "a zip that announces a huge directory": (zipped({"a.png": PICTURE})[:-10] + b"\xff" * 10, TooLarge),
    "a cut picture": (PICTURE[:60], Malformed),
}


@pytest.mark.parametrize(("content", "code"), [(b"3.1\x015\n", "0x01"), (b"3.1\n5\n\x1a", "0x1A"), (b"\x1e[3.1]\n", "0x1E")])
def test_names_the_control_character_that_a_text_has(content: bytes, code: str) -> None:
    with pytest.raises(UnsupportedType, match=f"a text with the control character {code}"):
        read(content)


@pytest.mark.parametrize(("content", "kind"), BROKEN.values(), ids=BROKEN)
def test_says_why_an_upload_cannot_be_read(content: bytes, kind: type[InvalidInput]) -> None:
    with pytest.raises(kind) as caught:
        list(read(content).rows)
    assert len(caught.value.detail) > 10
    assert caught.value.code


def test_bounds_what_a_zip_bomb_costs() -> None:
    (row,) = read(zipped({"bomb.png": PICTURE + bytes(20_000_000)})).rows
    assert isinstance(row.error, TooLarge)


def test_costs_a_line_without_end_only_that_line() -> None:
    first, second = read(b"1," * 3_000_000 + b"\n" + csv(INSTANCES[:1])).rows
    assert isinstance(first.error, TooLarge)
    assert second.instance == INSTANCES[0]


def test_raises_nothing_but_its_own_errors_on_noise() -> None:
    rng = random.Random(5)
    seeds = [content for content, _ in WHOLE.values()] + [PICTURE, zipped({"a.png": PICTURE})]
    refused = 0
    for _ in range(150):
        content = bytearray(rng.choice(seeds))
        for _ in range(rng.choice((1, 4, 32))):
            content[rng.randrange(min(len(content), 4000))] = rng.randrange(256)
        try:
            list(read(bytes(content)).rows)
        except InvalidInput:
            refused += 1
    assert refused > 8
