"""A form on its way to S3: exact to the byte, and its file never held whole."""

import email
import io
from email.message import Message

import pytest

from cli.multipart import READ_BYTES, Form, Unreadable
from tests.unit.cli.world import FIELDS, parsed


class Gigabyte(io.RawIOBase):
    """A file too large to be held, which keeps the largest read that was asked for."""

    def __init__(self) -> None:
        self.left, self.largest_read = 1 << 30, 0

    def read(self, size: int = -1) -> bytes:
        assert size >= 0, "asked for all of it"
        self.largest_read = max(self.largest_read, size)
        taken = min(size, self.left)
        self.left -= taken
        return bytes(taken)


def form(content: bytes, name: str = "scan.png") -> tuple[Form, bytes]:
    made = Form(FIELDS, name, "image/png", len(content))
    return made, b"".join(made.body(io.BytesIO(content)))


@pytest.mark.parametrize("content", [b"x", b"\r\n--\r\n\r\n", bytes(range(256)) * 5000])
def test_sends_the_fields_in_order_then_the_file_as_it_is(content: bytes) -> None:
    made, body = form(content)
    parts, name = parsed(made.headers["content-type"], body)
    assert list(parts.items()) == [*((key, value.encode()) for key, value in FIELDS.items()), ("file", content)]
    assert name == "scan.png"
    assert made.headers["content-length"] == str(len(body))


def test_is_read_alike_by_the_standard_library() -> None:
    made, body = form(b"\x89PNG\x00\xff")
    message = email.message_from_bytes(f"Content-Type: {made.headers['content-type']}\r\n\r\n".encode() + body)
    parts = message.get_payload()
    assert isinstance(parts, list)
    last = parts[-1]
    assert isinstance(last, Message)
    assert [part.get_param("name", header="content-disposition") for part in parts] == [*FIELDS, "file"]
    assert (last.get_filename(), last.get_content_type(), last.get_payload(decode=True)) == ("scan.png", "image/png", b"\x89PNG\x00\xff")


@pytest.mark.parametrize(
    ("name", "sent"),
    [("a b+c.png", "a b+c.png"), ("zwölf ７ 🖊.png", "zwölf ７ 🖊.png"), ('a"b.png', "a%22b.png"), ("a\r\nb.png", "a%0D%0Ab.png")],
)
def test_keeps_a_name_whatever_is_in_it(name: str, sent: str) -> None:
    made, body = form(b"x", name)
    assert parsed(made.headers["content-type"], body)[1] == sent


def test_never_reads_a_gigabyte_whole() -> None:
    file, told = Gigabyte(), []
    made = Form(FIELDS, "a.npy", "application/octet-stream", 1 << 30)
    length = sum(map(len, made.body(file, told.append)))  # type: ignore[arg-type]
    assert (file.largest_read, file.left) == (READ_BYTES, 0)
    assert made.headers["content-length"] == str(length)
    assert told[-1] == 1 << 30


def test_sends_no_more_than_it_announced_of_a_file_that_grows() -> None:
    made = Form(FIELDS, "a.csv", "text/csv", 5)
    assert parsed(made.headers["content-type"], b"".join(made.body(io.BytesIO(b"0123456789"))))[0]["file"] == b"01234"


def test_stops_when_a_file_gets_shorter() -> None:
    with pytest.raises(Unreadable, match="now ends 3 earlier"):
        list(Form(FIELDS, "a.csv", "text/csv", 5).body(io.BytesIO(b"01")))


def test_takes_no_error_of_the_disk_for_one_of_the_network() -> None:
    class Broken(io.RawIOBase):
        def read(self, size: int = -1) -> bytes:
            raise OSError("Input/output error")

    with pytest.raises(Unreadable, match="Input/output error"):
        list(Form(FIELDS, "a.csv", "text/csv", 5).body(Broken()))  # type: ignore[arg-type]
