"""Pictures of every format, and files of other kinds, at both doors: POST /predictions and uploads."""

from typing import Any

import pytest
from PIL import Image

from functions.predict.reading.body import Body, read_body
from recipes.errors import InvalidInput, UnsupportedType
from recipes.recipe import load
from tests.digits import any_digit, encoded, on_page
from tests.rows import open_upload
from tests.unit.functions.process_upload.test_formats import zipped

DIGITS = load("digits")
PAGE = on_page(any_digit())


def save(kind: str, image: Image.Image = PAGE, **options: Any) -> bytes:
    return encoded(image, kind, **options)


PICTURES = {
    "PNG": save("PNG"),
    "WebP": save("WEBP", PAGE.convert("RGB"), lossless=True),
    "GIF": save("GIF"),
    "BMP": save("BMP"),
    "TIFF": save("TIFF", compression="tiff_lzw"),
}


def upload(content: bytes) -> Any:
    return open_upload(content, DIGITS)


@pytest.mark.parametrize("kind", PICTURES)
@pytest.mark.parametrize("content_type", ["", "image/png", "image/webp", "image/x-ms-bmp", "text/plain", "application/octet-stream"])
def test_reads_a_picture_whatever_it_is_called(kind: str, content_type: str) -> None:
    batch = read_body(Body(PICTURES[kind], content_type), DIGITS)
    (row,) = upload(PICTURES[kind]).rows
    assert batch.instances == row.instance == DIGITS.from_image(PICTURES["PNG"])
    assert batch.notes == ()


def test_says_that_one_of_several_pages_was_read() -> None:
    content = save("TIFF", Image.new("L", PAGE.size, 255), save_all=True, append_images=[PAGE, PAGE])
    batch, rows = read_body(Body(content), DIGITS), upload(content)
    assert batch.instances == next(rows.rows).instance == DIGITS.from_image(PICTURES["PNG"])
    for notes in (batch.notes, rows.notes):
        assert [note.code for note in notes] == ["one-of-several-pages"]
        assert "3 frames or pages" in notes[0].detail
    (row, _) = upload(zipped({"a.tif": content, "b.png": PICTURES["PNG"]})).rows
    assert row.about == {"name": "a.tif", "frames": 3}


OTHERS = {
    "a PDF": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n",
    "a HEIC picture": b"\x00\x00\x00\x20ftypheic\x00\x00\x00\x00mif1heic",
    "an Excel workbook": zipped({"[Content_Types].xml": b"<Types/>", "xl/workbook.xml": b"<workbook/>"}),
    "an SVG drawing": b'<svg xmlns="http://www.w3.org/2000/svg"/>',
    "a pickle": b"\x80\x04\x95\x1c\x00\x00\x00",
    "a Parquet table": b"PAR1\x15\x04\x15\x10",
    "an HTML page": b"<!doctype html><title>404</title>",
    "fax codes": save("TIFF", PAGE.convert("1"), compression="group4"),
}


@pytest.mark.parametrize("name", OTHERS)
@pytest.mark.parametrize("content_type", ["", "image/png", "application/pdf", "text/csv"])
def test_refuses_other_files_by_name_with_the_way_out(name: str, content_type: str) -> None:
    errors: list[InvalidInput] = []
    for read in (lambda: read_body(Body(OTHERS[name], content_type), DIGITS), lambda: list(upload(OTHERS[name]).rows)):
        with pytest.raises(UnsupportedType, match=name) as caught:
            read()
        errors.append(caught.value)
    assert errors[0].advice == errors[1].advice != ""
