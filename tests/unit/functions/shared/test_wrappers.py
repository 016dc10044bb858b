"""What is packed in another way is read alike at both doors: gzip, base64, quotes, and what a tool put before a picture."""

import base64
import gzip
import json

import pytest

from functions.predict.reading.body import Body, read_body
from recipes.errors import InvalidInput
from recipes.recipe import load
from tests.arrays import npy_of
from tests.cases.writing import BOTH, MEANT, PICTURE, ROWS
from tests.rows import open_upload

DIGITS = load("digits")
NO_PAGES = DIGITS._replace(find_instances=None)
SHOWN = [DIGITS.from_image(PICTURE)]
NPY, BASE64 = npy_of(BOTH), base64.b64encode(PICTURE)
READ = {
    "gzip twice": (gzip.compress(gzip.compress(NPY, mtime=0), mtime=0), list(MEANT)),
    "gzip of CSV, three times": (gzip.compress(gzip.compress(gzip.compress(ROWS, mtime=0), mtime=0), mtime=0), list(MEANT)),
    "base64": (BASE64, SHOWN),
    "base64 in lines": (base64.encodebytes(PICTURE), SHOWN),
    "base64 of npy": (base64.b64encode(NPY), list(MEANT)),
    "base64 of gzip": (base64.b64encode(gzip.compress(ROWS, mtime=0)), list(MEANT)),
    "base64 in gzip": (gzip.compress(BASE64, mtime=0), SHOWN),
    "base64 in quotes": (b'"%b"' % BASE64, SHOWN),
    "base64 as Python prints bytes": (b"b'%b'" % BASE64, SHOWN),
    "hexadecimal digits": (PICTURE.hex().encode(), SHOWN),
    "hexadecimal digits in lines, as xxd -p writes them": (
        b"\n".join(PICTURE.hex().encode()[at : at + 60] for at in range(0, 2 * len(PICTURE), 60)),
        SHOWN,
    ),
    "a data: URL": (b"data:image/png;base64," + BASE64, SHOWN),
    "JSON twice": (json.dumps(json.dumps({"instances": BOTH.tolist()})).encode(), list(MEANT)),
    "a picture after a byte order mark": (b"\xef\xbb\xbf" + PICTURE, SHOWN),
    "a picture after a line feed": (b"\n" + PICTURE, SHOWN),
    "an array after CRLF": (b"\r\n" + NPY, list(MEANT)),
    "gzip after a space": (b" " + gzip.compress(NPY, mtime=0), list(MEANT)),
}
REFUSED = {
    "gzip too often": gzip.compress(gzip.compress(gzip.compress(gzip.compress(ROWS, mtime=0), mtime=0), mtime=0), mtime=0),
    "base64 that is damaged": BASE64[:400] + b"!" + BASE64[400:],
    "quotes around nothing": b'""',
}


@pytest.mark.parametrize(("content", "instances"), READ.values(), ids=READ)
def test_reads_at_both_doors(content: bytes, instances: list[bytes]) -> None:
    assert read_body(Body(content), DIGITS).instances == b"".join(instances)
    rows = open_upload(content, NO_PAGES)
    assert [row.instance for row in rows.rows] == instances


@pytest.mark.parametrize("content", REFUSED.values(), ids=REFUSED)
def test_refuses_at_both_doors(content: bytes) -> None:
    with pytest.raises(InvalidInput):
        read_body(Body(content), DIGITS)
    with pytest.raises(InvalidInput):
        list(open_upload(content, DIGITS).rows)


def test_reads_a_table_in_quotes_for_a_table() -> None:
    content = b'"Experience"\n"3.1"\n'
    rows = open_upload(content, load("salary"))
    assert (rows.format, [row.error for row in rows.rows]) == ("csv", [None])
