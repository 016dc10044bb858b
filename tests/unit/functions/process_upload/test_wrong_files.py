"""Uploads of a wrong kind, and zips: refused once and by name, or read as the one file that is in them."""

import gzip
import json

import pytest

from functions.shared.litter import is_litter
from recipes import npy
from recipes.errors import UnsupportedType, WrongShape
from recipes.recipe import load
from tests.digits import any_digit, encoded, on_page
from tests.rows import open_upload as read
from tests.unit.functions.process_upload.test_formats import INSTANCES, csv, zipped

PICTURE = encoded(on_page(any_digit()))
XLSX = zipped({"[Content_Types].xml": b"<Types/>", "xl/workbook.xml": b"<workbook/>"})
PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n"
TAR = b"a.png" + bytes(252) + b"ustar\x0000" + bytes(500)
REFUSED = {
    "a PDF": PDF,
    "an Excel workbook": XLSX,
    "a HEIC picture": b"\x00\x00\x00\x20ftypheic\x00\x00\x00\x00mif1heic",
    "an HTML page": b"<!doctype html><title>404</title>",
    "a tar archive": gzip.compress(TAR),
    "packed again": gzip.compress(zipped({"a.png": PICTURE})),
    "no picture: 'a.csv' is none": zipped({"a.csv": csv(INSTANCES), "b.csv": csv(INSTANCES)}),
    "no picture: 'a.pdf' is a PDF": zipped({"a.pdf": PDF, "b.pdf": PDF, "__MACOSX/._a.png": PICTURE}),
    "what is in the zip file is a PDF": zipped({"scan.pdf": PDF}),
    "what is in the zip file is packed again": zipped({"a.zip": zipped({"a.png": PICTURE})}),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refuses_a_file_of_a_wrong_kind_once_and_by_name(name: str) -> None:
    with pytest.raises(UnsupportedType, match=name) as caught:
        read(REFUSED[name])
    assert caught.value.advice


def test_says_in_the_row_what_a_file_beside_pictures_is() -> None:
    first, second = read(zipped({"a.png": PICTURE, "scan.pdf": PDF})).rows
    assert first.error is None
    assert second.error
    assert "is a PDF" in second.error.detail


ONLY = {
    "a csv": ("batch.csv", csv(INSTANCES), "csv"),
    "jsonl": ("batch.jsonl", b"\n".join(json.dumps(list(each)).encode() for each in INSTANCES), "jsonl"),
    "an npy": ("batch.npy", npy.write(b"".join(INSTANCES), (5, 28, 28)), "npy"),
}


@pytest.mark.parametrize("name", ONLY)
def test_reads_the_one_file_in_a_zip(name: str) -> None:
    inner, content, format_ = ONLY[name]
    rows = read(zipped({inner: content, f"__MACOSX/._{inner}": b"x"}))
    assert (rows.format, [row.instance for row in rows.rows]) == (format_, INSTANCES)


def test_reads_the_one_table_in_a_zip_of_a_recipe_of_numbers() -> None:
    salary = load("salary")
    assert [row.error for row in read(zipped({"a.csv": b"3.1\n2\n"}), salary).rows] == [None, None]
    with pytest.raises(UnsupportedType, match="rows of a table, not pictures"):
        read(zipped({"a.png": PICTURE, "b.png": PICTURE}), salary)


def test_reads_a_picture_in_gzip() -> None:
    assert read(gzip.compress(PICTURE)).format == "image"


def test_finds_the_picture_behind_other_files() -> None:
    rows = list(read(zipped({"a.txt": b"hello", "b.txt": b"hello", "c.png": PICTURE})).rows)
    assert [row.error is None for row in rows] == [False, False, True]


LITTER = [
    *(
        ".DS_Store",
        "a/._b.png",
        "7.png:Zone.Identifier",
        "../.git/7.png",
        "__MACOSX/a/b.png",
        "Thumbs.db",
        "a/desktop.ini",
        "~$table.xlsx",
        "#a.csv#",
        "a.csv~",
    ),
    *("_SUCCESS", "out/_SUCCESS", "_committed_123", "_started_123", "out_$folder$", "_delta_log/0.json", "_temporary/0/a.csv"),
    *(
        "a\\Thumbs.db",
        "__MACOSX\\a.png",
        "a.csv.tmp",
        "a.csv.part",
        "a.PNG.crdownload",
        ".a.csv.swp",
        ".git/config",
        "7.png:Zone.Identifier",
        "../.git/7.png",
    ),
]
MEANT = [
    *("a.csv", "part-00000.csv", "_a.csv", "tmp/a.csv", "a~b.csv", "a$folder$.csv", "_SUCCESS.csv", "partial.csv", "a b/ü.png"),
    *("./7.png", "../../a/7.png"),
]


def test_tells_litter_from_what_is_meant() -> None:
    assert [name for name in LITTER if not is_litter(name)] == []
    assert [name for name in MEANT if is_litter(name)] == []


def test_takes_no_litter_for_files_of_a_zip() -> None:
    with pytest.raises(WrongShape, match="holds no file"):
        read(zipped({"Thumbs.db": b"x", ".DS_Store": b"x", "__MACOSX/._a.png": PICTURE}))


def test_refuses_a_form_once_and_reads_none_of_its_lines() -> None:
    fields = b'--XX\r\ncontent-disposition: form-data; name="token"\r\n\r\n12345\r\n--XX\r\ncontent-disposition: form-data; name="file"'
    content = fields + b"\r\n\r\n3.1\n5\n\r\n--XX--\r\n"
    rows = read(content, load("salary"))
    with pytest.raises(UnsupportedType, match="the upload is a form"):
        next(rows.rows)
