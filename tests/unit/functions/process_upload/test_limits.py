"""What a hostile upload may cost: each limit, and that what is beyond it ends as a failed row or a failed job in words."""

import gzip
import io
import json
import zipfile
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from functions.process_upload.predicting.predictor import LEAST_S, OutOfTime, Predictor
from functions.process_upload.predicting.ranges import Ranges
from functions.process_upload.reading import archives, formats
from functions.process_upload.reading.formats import open_rows
from functions.process_upload.reading.rows import MAX_REQUEST_ROWS, count_rows_per_request
from functions.process_upload.source import SourceFailed
from functions.shared.answer_table import escape_formula
from functions.shared.reading import lines
from functions.shared.reading.arrays.members import METHOD_NAMES
from functions.shared.reading.rows import LONGEST_ABOUT, Row
from recipes.errors import InvalidInput, Malformed, TooLarge, UnsupportedType
from recipes.recipe import ImageInstance, Recipe, load
from tests.digits import any_digit, encoded, on_page
from tests.fakes import FakeClock, FakeEndpoint
from tests.moto_aws import Bucket
from tests.rows import open_upload as read
from tests.uploads import World

RECIPE, SALARY = load("digits"), load("salary")
PICTURE = encoded(on_page(any_digit()))
LINE = json.dumps([5] + [0] * 783).encode()


def zipped(*entries: bytes, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for number, content in enumerate(entries):
            archive.writestr(f"{number}.png", content)
    return out.getvalue()


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_reads_only_stored_and_deflated_files_in_a_zip(method: int) -> None:
    bomb = zipped(bytes(100_000), bytes(100_000), method=method)
    cut = bomb.replace(bomb[60:70], b"\xff" * 10)  # LZMA's own error is none of zipfile's
    for content in (bomb, cut):
        for row in read(content).rows:
            assert isinstance(row.error, UnsupportedType)
            assert METHOD_NAMES[method] in row.error.detail


def test_refuses_a_zip64_directory_whatever_the_other_says() -> None:
    content = zipped(PICTURE)
    at = content.rindex(b"PK\x05\x06")
    end = b"PK\x06\x06" + (44).to_bytes(8, "little") + bytes(12) + bytes(16) + (1 << 40).to_bytes(8, "little") + bytes(8)
    locator = b"PK\x06\x07" + bytes(4) + at.to_bytes(8, "little") + (1).to_bytes(4, "little")
    with pytest.raises(TooLarge, match="zip64"):
        read(content[:at] + end + locator + content[at:])


def test_keeps_no_bytes_of_what_failed() -> None:
    contents = [zipped(b"\x89PNG\r\n\x1a\n" + bytes(100), b"text"), b"1,2\n3", b"[1]\n{\n" + b'{"image": "%%"}']
    for row in (row for content in contents for row in read(content).rows):
        assert row.error
        assert (row.error.__traceback__, row.error.__context__, row.error.__cause__) == (None, None, None)


@pytest.mark.parametrize("error", [ZeroDivisionError("by zero"), MemoryError(), OSError("no"), RecursionError()])
def test_costs_only_its_row_when_a_transform_raises_anything(error: Exception) -> None:
    def refuse(_: bytes) -> ImageInstance:
        raise error

    recipe = RECIPE._replace(read_image=refuse)
    rows = [*read(zipped(PICTURE), recipe).rows, *read(b'{"image": "aaaa"}\n' + LINE, recipe).rows]
    assert [type(row.error).__mro__[1] if row.error else None for row in rows] == [InvalidInput, InvalidInput, None]
    with pytest.raises(InvalidInput):
        read(PICTURE, recipe._replace(find_instances=refuse))  # type: ignore[arg-type]


def test_tells_an_upload_that_s3_does_not_give_from_one_that_is_broken() -> None:
    class Breaking(io.BytesIO):
        def readinto(self, buffer: object) -> int:
            raise SourceFailed("no network")

    for content in (zipped(PICTURE), gzip.compress(LINE), PICTURE, LINE):
        with pytest.raises(SourceFailed):
            open_rows(Breaking(content), len(content), RECIPE)  # type: ignore[arg-type]


def test_limits_what_comes_out_of_a_gzip_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MAX_UNPACKED_BYTES", 100_000)
    with pytest.raises(TooLarge, match="unpacks to more than"):
        list(read(gzip.compress((LINE + b"\n") * 100)).rows)
    assert len(list(read(gzip.compress((LINE + b"\n") * 20)).rows)) == 20


def test_reads_a_gzip_file_of_several_members_up_to_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    content = gzip.compress(LINE + b"\n") + gzip.compress(b"") + bytes(3) + gzip.compress(LINE)
    assert [row.number for row in read(content).rows] == [1, 2]
    monkeypatch.setattr(archives, "MAX_GZIP_MEMBERS", 2)
    with pytest.raises(TooLarge, match="members"):
        list(read(content).rows)


@pytest.mark.parametrize("rest", [b"\n" * 2000, b" " * 30_000 + b"\n", b"1," * 60_000])
def test_gives_up_a_file_that_gives_no_row_for_long(rest: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "MAX_SILENCE_BYTES", 100_000)
    monkeypatch.setattr(lines, "MAX_LINE_BYTES", 60_000)
    with pytest.raises(Malformed, match="hardly a row in"):
        list(read(LINE + b"\n" + rest * 4).rows)


def test_gives_up_a_file_whose_few_rows_are_far_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "MAX_SILENCE_BYTES", 1_000_000)
    with pytest.raises(Malformed, match="hardly a row in"):
        list(read((LINE + b"\n" * 10_000) * 6).rows)
    assert len(list(read((LINE + b"\n" * 1_000) * 100).rows)) == 100


def test_costs_a_long_line_of_numbers_only_that_line() -> None:
    long = b"[" + b"1," * 40_000 + b"1]"
    for content in (long + b"\n" + LINE, long[1:-1] + b"\n" + LINE[1:-1]):
        first, second = read(content).rows
        assert isinstance(first.error, TooLarge)
        assert second.instance


@pytest.mark.parametrize(
    "content", [b'{"id": "%b", "instance": %b}' % (b"a" * 257, LINE), b'{"id": 1%b, "instance": %b}' % (b"0" * 256, LINE)]
)
def test_limits_what_a_result_repeats(content: bytes) -> None:
    (row,) = read(content).rows
    assert isinstance(row.error, TooLarge)
    assert row.about == {}


def test_repeats_the_end_of_a_long_name_in_a_zip() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a" * 60_000 + "/7.png", PICTURE)
    (row,) = read(out.getvalue()).rows
    assert (len(row.about["name"]), row.about["name"][-6:]) == (LONGEST_ABOUT, "/7.png")


def test_limits_the_rows_of_an_upload_and_of_a_request(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(formats, "MAX_ROWS", 2)
    with pytest.raises(TooLarge, match="more than 2 rows"):
        list(read(b"1\n" * 3, SALARY).rows)
    assert count_rows_per_request(SALARY) == MAX_REQUEST_ROWS


def test_looks_at_the_clock_before_each_row() -> None:
    clock = FakeClock()
    started_s = clock.now_s

    def read_slowly() -> Iterator[Row]:
        for number in range(1, 100):
            clock.now_s += 1
            yield Row(number, bytes(784))

    predictor = Predictor(FakeEndpoint(), RECIPE, Ranges(FakeEndpoint(), RECIPE), chunk_rows=1000, in_flight=1, clock=clock)
    with pytest.raises(OutOfTime):
        list(predictor.predict(read_slowly(), deadline=started_s + 50))
    assert clock.now_s <= started_s + 50 - LEAST_S + 1


def read_at(clock: FakeClock, seconds_a_picture: float) -> Recipe:
    def read_picture(image: bytes) -> ImageInstance:
        clock.now_s += seconds_a_picture
        return ImageInstance(bytes(784))

    return RECIPE._replace(read_image=read_picture)


@pytest.mark.parametrize(("seconds_a_picture", "state"), [(1.2, "succeeded"), (1.6, "failed")])
def test_says_of_what_takes_too_long_to_read_that_it_does(results: Bucket, seconds_a_picture: float, state: str) -> None:
    clock = FakeClock()
    world = World(results, clock=clock, recipe=read_at(clock, seconds_a_picture), chunk_rows=10)
    world.deliver_upload("inbox/a.zip", zipped(*[PICTURE] * 75))
    summary = world.read_summary()
    assert summary["state"] == state
    if state == "failed":
        assert "more than can be read here in time" in summary["error"]["detail"]
        assert clock.now_s <= 1000 + 120


class LazyPool:
    """A pool that does a request's work when its result is asked for: time passes there and not while rows are read."""

    def __init__(self, *_: object, **__: object) -> None: ...

    def submit(self, work: Callable[..., Any], *arguments: object) -> Any:
        return SimpleNamespace(result=lambda: work(*arguments))

    def shutdown(self, **_: object) -> None: ...


@pytest.mark.parametrize("total", [100, None])
def test_keeps_the_time_that_handing_over_takes(total: int | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("functions.process_upload.predicting.predictor.ThreadPoolExecutor", LazyPool)
    clock = FakeClock()

    class Slow(FakeEndpoint):
        def invoke(self, body: bytes, **request: Any) -> Any:
            clock.now_s += 20
            return super().invoke(body, **request)

    read_s: list[float] = []

    def read_rows() -> Iterator[Row]:
        for number in range(1, 101):
            clock.now_s += 0.2
            read_s.append(clock.now_s)
            yield Row(number, bytes(784))

    deadline = clock.now_s + 120
    predictor = Predictor(Slow(), RECIPE, Ranges(Slow(), RECIPE), chunk_rows=10, in_flight=1, clock=clock)
    with pytest.raises(OutOfTime):
        list(predictor.predict(read_rows(), total, deadline=deadline))
    assert read_s[-1] + 0.2 * 100 + LEAST_S <= deadline


def test_goes_on_when_there_is_time_enough() -> None:
    clock = FakeClock()

    class Slow(FakeEndpoint):
        def invoke(self, body: bytes, **request: Any) -> Any:
            clock.now_s += 10
            return super().invoke(body, **request)

    rows = [Row(number, bytes(784)) for number in range(1, 101)]
    predictor = Predictor(Slow(), RECIPE, Ranges(Slow(), RECIPE), chunk_rows=10, in_flight=1, clock=clock)
    assert len(list(predictor.predict(rows, 100, deadline=clock.now_s + 120))) == 100


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a;=1+1", "a;'=1+1"),
        ('a;"=1"', 'a;\'"=1"'),
        ("＝1+1", "'＝1+1"),
        ("a\n＋1", "a\n'＋1"),
        ("\ufeff @x", "'\ufeff @x"),
        ("a|-1\t@b", "a|'-1\t'@b"),
        (" \t\n=1", " \t\n'=1"),
        ("\t\t=1", "'\t\t'=1"),
        ("\u202e=1", "'\u202e=1"),
        ("\xad\x85\u2066+1", "'\xad\x85\u2066+1"),
        ("\ufe661", "'\ufe661"),
        ("a-b = c; d.png", "a-b = c; d.png"),
        (-1.5, -1.5),
        ("-1.5", "-1.5"),  # as keys of a CSV are: with an apostrophe they would equal no number of another table
        ("-12", "-12"),
        ("-1-1", "'-1-1"),
        ("-1.5;-1", "'-1.5;'-1"),
        ("-1\n", "'-1\n"),
        ("-", "'-"),
    ],
)
def test_lets_no_cell_be_a_formula_wherever_a_spreadsheet_parts_cells(text: object, expected: object) -> None:
    assert escape_formula(text) == expected
