"""Uploads of every kind into rows."""

import gzip
import io
import json
import random
import zipfile
from typing import Any

import pytest

from functions.process_upload.formats import open_rows
from functions.process_upload.rows import Rows
from functions.process_upload.source import BLOCK_BYTES, Source
from recipes import npy
from recipes.errors import InvalidInput, Malformed, NotReadable, TooLarge, UnsupportedType, WrongShape
from recipes.recipe import load
from tests.digits import any_digit, encoded, on_page
from tests.fake_s3 import FakeS3

RECIPE = load("digits")
INSTANCES = [bytes([number]) + bytes(783) for number in range(5)]
PICTURE = encoded(on_page(any_digit()))


def opened(content: bytes) -> Rows:
    s3 = FakeS3()
    kept = s3.put("b", "k", content)
    return open_rows(Source(s3, "b", "k", kept.version, kept.etag, len(content)), len(content), RECIPE)


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
    rows = opened(content)
    found = list(rows.rows)
    assert (rows.format, [row.instance for row in found], [row.error for row in found]) == (format_, INSTANCES, [None] * 5)
    assert rows.total in {None, 5}


def test_reads_values_of_other_types() -> None:
    import numpy as np

    for dtype in ("<f4", ">i2", "u1", "<i8"):
        out = io.BytesIO()
        np.save(out, np.frombuffer(b"".join(INSTANCES), np.uint8).reshape(5, 28, 28).astype(dtype))
        assert [row.instance for row in opened(out.getvalue()).rows] == INSTANCES


def test_costs_a_bad_row_only_that_row() -> None:
    rows = list(opened(csv(INSTANCES[:2]) + b"\n1,2,3\n" + csv(INSTANCES[2:3]).replace(b"2,", b"x,", 1) + b"\n" + csv(INSTANCES[3:])).rows)
    assert [row.number for row in rows] == [1, 2, 3, 4, 5, 6]
    assert [row.error.code if row.error else "" for row in rows] == ["", "", "wrong-shape", "not-a-number", "", ""]
    assert "line 4, value 1 is 'x'" in rows[3].error.detail  # type: ignore[union-attr]


def test_carries_ids() -> None:
    (row,) = opened(b"id,label," + NAMES + b"\nA-1,7," + csv(INSTANCES[1:2])).rows
    assert (row.instance, row.about) == (INSTANCES[1], {"id": "A-1"})
    (row,) = opened(json.dumps({"id": 5, "instance": list(INSTANCES[1])}).encode()).rows
    assert (row.instance, row.about) == (INSTANCES[1], {"id": 5})


def test_reads_pictures_in_a_zip_and_says_which_are_none() -> None:
    entries = {"a b/ü.png": PICTURE, "notes.txt": b"hello", "__MACOSX/a.png": b"x", ".DS_Store": b"x", "b.png": PICTURE[:50]}
    rows = opened(zipped(entries))
    found = list(rows.rows)
    assert (rows.format, rows.total) == ("zip", 3)
    assert [row.about["name"] for row in found] == ["a b/ü.png", "notes.txt", "b.png"]
    assert found[0].instance == RECIPE.from_image(PICTURE)
    assert [row.error.code for row in found[1:] if row.error] == ["unsupported-type", "malformed"]


def test_answers_a_picture_of_one_digit_as_a_whole() -> None:
    rows = opened(PICTURE)
    (row,) = rows.rows
    assert (rows.format, row.instance, row.about) == ("image", RECIPE.from_image(PICTURE), {})
    assert rows.image is not None


BROKEN: dict[str, tuple[bytes, type[InvalidInput]]] = {
    "nothing": (b"", Malformed),
    "text that is no rows": (b"\x00\x01\x02\x03", UnsupportedType),
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


@pytest.mark.parametrize(("content", "kind"), BROKEN.values(), ids=BROKEN)
def test_says_why_an_upload_cannot_be_read(content: bytes, kind: type[InvalidInput]) -> None:
    with pytest.raises(kind) as caught:
        list(opened(content).rows)
    assert len(caught.value.detail) > 10
    assert caught.value.code


def test_bounds_what_a_zip_bomb_costs() -> None:
    (row,) = opened(zipped({"bomb.png": PICTURE + bytes(200_000_000)})).rows
    assert isinstance(row.error, TooLarge)


def test_costs_a_line_without_end_only_that_line() -> None:
    first, second = opened(b"1," * 3_000_000 + b"\n" + csv(INSTANCES[:1])).rows
    assert isinstance(first.error, TooLarge)
    assert second.instance == INSTANCES[0]


def test_raises_nothing_but_its_own_errors_on_noise() -> None:
    rng = random.Random(5)
    seeds = [content for content, _ in WHOLE.values()] + [PICTURE, zipped({"a.png": PICTURE})]
    refused = 0
    for _ in range(400):
        content = bytearray(rng.choice(seeds))
        for _ in range(rng.choice((1, 4, 32))):
            content[rng.randrange(min(len(content), 4000))] = rng.randrange(256)
        try:
            list(opened(bytes(content)).rows)
        except InvalidInput:
            refused += 1
    assert refused > 20


def test_reads_large_objects_by_blocks() -> None:
    class Counting(FakeS3):
        largest = asked = 0

        def get_object(self, **request: Any) -> dict[str, Any]:
            answer = super().get_object(**request)
            self.asked += 1
            self.largest = max(self.largest, len(answer["Body"].read()))
            return answer

    s3, rows = Counting(), 20_000
    content = npy.write(bytes(784 * rows), (rows, 784))
    kept = s3.put("b", "k", content)
    source = Source(s3, "b", "k", kept.version, kept.etag, len(content))
    assert sum(1 for _ in open_rows(source, len(content), RECIPE).rows) == rows
    assert s3.largest <= BLOCK_BYTES
    assert s3.asked == -(-len(content) // BLOCK_BYTES)


@pytest.mark.parametrize("change", ["deleted", "replaced", "archived"])
def test_says_what_became_of_the_object(change: str) -> None:
    s3 = FakeS3()
    kept = s3.put("b", "k", b"1,2")
    version = "" if change == "replaced" else kept.version
    if change == "deleted":
        s3.objects.clear()
    elif change == "replaced":
        s3.put("b", "k", b"3,4,5")
    else:
        kept.storage_class = "GLACIER"
    with pytest.raises(NotReadable, match=change):
        Source(s3, "b", "k", version, kept.etag, 3, sleep=lambda _: None).whole()


def test_reads_the_version_of_its_event_whatever_came_after() -> None:
    s3 = FakeS3()
    kept = s3.put("b", "k", b"first")
    s3.put("b", "k", b"second")
    assert Source(s3, "b", "k", kept.version, kept.etag, 5).whole() == b"first"
