import io
import json

import numpy as np
import numpy.typing as npt
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from recipes.errors import InferstackError, Malformed, NotANumber, OutOfRange, UnsupportedType, WrongShape
from serving.bodies import codecs, npy

SHAPE = (2, 3)
Batch = npt.NDArray[np.uint8]
batches = hnp.arrays(np.uint8, st.tuples(st.integers(0, 5), st.just(2), st.just(3)))


def npy_of(array: npt.NDArray[np.generic], version: tuple[int, int] | None = None) -> bytes:
    file = io.BytesIO()
    np.lib.format.write_array(file, array, version=version, allow_pickle=True)
    return file.getvalue()


@given(batches)
def test_reads_the_same_instances_from_every_type(batch: Batch) -> None:
    flat = batch.reshape(len(batch), 6).tolist()
    bodies = [
        ("application/x-npy", npy_of(batch)),
        ("application/x-npy", npy_of(np.asfortranarray(batch))),
        ("application/x-npy", npy_of(batch, version=(2, 0))),
        ("text/csv", "\n".join(",".join(map(str, row)) for row in flat).encode()),
        ("text/csv; charset=utf-8", "".join(", ".join(map(str, row)) + "\r\n" for row in flat).encode()),
        ("text/csv", "".join(",".join(f"{value:.18e}" for value in row) + "\n" for row in flat).encode()),
        ("application/json", json.dumps({"instances": flat}).encode()),
        ("APPLICATION/JSON", orjson.dumps({"instances": batch.tolist(), "signature_name": "any"})),
        ("application/json", json.dumps({"instances": batch.astype(float).tolist()}).encode()),
    ]
    for content_type, body in bodies:
        read = codecs.choose_decoder(content_type, SHAPE, None)(body)
        assert read.dtype == np.uint8
        assert read.flags.c_contiguous
        np.testing.assert_array_equal(read, batch, err_msg=content_type)


def test_reads_one_instance_without_its_batch_axis() -> None:
    one = np.arange(6, dtype=np.uint8).reshape(2, 3)
    np.testing.assert_array_equal(codecs.from_npy(npy_of(one), SHAPE), one[np.newaxis])


def test_reads_a_picture_with_the_recipes_transform() -> None:
    read = codecs.choose_decoder("image/png", SHAPE, lambda body: body[:6])
    np.testing.assert_array_equal(read(b"\x01\x02\x03\x04\x05\x06rest"), [[[1, 2, 3], [4, 5, 6]]])


@pytest.mark.parametrize("content_type", ["", "text/plain", "image/heic", "application/octet-stream", "application/json2"])
def test_names_the_types_it_reads(content_type: str) -> None:
    with pytest.raises(UnsupportedType) as caught:
        codecs.choose_decoder(content_type, SHAPE, lambda body: body)
    assert caught.value.advice.startswith("Send application/x-npy, text/csv, application/json, image/png, image/jpeg, image/webp, ")


def test_refuses_pictures_if_the_recipe_takes_none() -> None:
    with pytest.raises(UnsupportedType):
        codecs.choose_decoder("image/png", SHAPE, None)


ROW = "0,1,2,3,4,5"


@pytest.mark.parametrize(
    ("body", "error", "said"),
    [
        (f"{ROW}\n0,1,2\n", WrongShape, "line 2 has 3 values; expected 6"),
        (f"{ROW},6", WrongShape, "line 1 has 7 values; expected 6"),
        (f"{ROW}\n\n{ROW}", WrongShape, "line 2 has 0 values"),
        ("0,1,2,3,4,256", OutOfRange, "line 1, value 6 is 256"),
        (f"{ROW}\n0,1,-2,3,4,5", OutOfRange, "line 2, value 3 is -2"),
        ("0,1,2.5,3,4,5", OutOfRange, "line 1, value 3 is 2.5"),
        ("0,1,1e999,3,4,5", OutOfRange, "line 1, value 3 is inf"),
        ("label,a,b,c,d,e", NotANumber, "line 1, value 1 is 'label'"),
        ("0,1,,3,4,5", NotANumber, "line 1, value 3 is empty"),
        ("0,1,nan,3,4,5", NotANumber, "line 1, value 3 is nan"),
        ("0,true,2,3,4,5", NotANumber, "line 1, value 2 is 'true'"),
        ("0,1_0,2,3,4,5", NotANumber, "value 2 is '1_0'"),
        ("0,١,2,3,4,5", NotANumber, "value 2 is '١'"),
        ("0,[1],2,3,4,5", NotANumber, r"value 2 is '\[1\]'"),
        ("0,1],[2,3,4,5", NotANumber, "value 2"),
        ('0,"1",2,3,4,5', NotANumber, "value 2"),
        ("0;1;2;3;4;5", NotANumber, "value 1"),
    ],
)
def test_says_where_a_csv_is_wrong(body: str, error: type[InferstackError], said: str) -> None:
    with pytest.raises(error, match=said):
        codecs.from_csv(body.encode(), SHAPE)


def test_advises_to_leave_out_header_and_label() -> None:
    with pytest.raises(NotANumber) as header:
        codecs.from_csv(b"pixel0,pixel1\n", SHAPE)
    assert header.value.advice == "Leave the header line out."
    with pytest.raises(WrongShape) as label:
        codecs.from_csv(b"7,0,1,2,3,4,5\n", SHAPE)
    assert label.value.advice == "Leave the label column out."


def test_reads_csv_numbers_json_has_no_spelling_for() -> None:
    read = codecs.from_csv(b"\xef\xbb\xbf007,+8,9.,2e1,.0,-0\n\n \n", SHAPE)
    np.testing.assert_array_equal(read, [[[7, 8, 9], [20, 0, 0]]])


@pytest.mark.parametrize(
    ("instances", "error", "said"),
    [
        ([[0, 1, 2]], WrongShape, r"instances\[0\] is 3 values; expected 2 lists of 3, or 6 values"),
        ([[[0, 1, 2], [3, 4]]], WrongShape, r"instances\[0\]\[1\] is 2 values; expected 3 values"),
        ([[[0, 1, 2], 3]], WrongShape, r"instances\[0\]\[1\] is 3; expected 3 values"),
        ([[[[0, 1, 2]], [3, 4, 5]]], WrongShape, r"instances\[0\]\[0\] is 1 value"),
        ([5], WrongShape, r"instances\[0\] is 5"),
        ([None], WrongShape, r"instances\[0\] is null"),
        (["abcdef"], WrongShape, r"instances\[0\] is 'abcdef'"),
        ([{"0": 1}], WrongShape, r"instances\[0\] is an object of 1"),
        ([[0, 1, 2, 3, 4, 5], [0, 1, 2, 3, 4, 300]], OutOfRange, r"instances\[1\]\[5\] is 300"),
        ([[[0, 1, 2], [3, -4, 5]]], OutOfRange, r"instances\[0\]\[1\]\[1\] is -4"),
        ([[0, 1, 2, 3, 4, 0.5]], OutOfRange, r"instances\[0\]\[5\] is 0.5"),
        ([[0, 1, 2, 3, 4, 1e300]], OutOfRange, r"instances\[0\]\[5\] is 1e\+300"),
        ([[0, 1, 2, 3, 4, None]], NotANumber, r"instances\[0\]\[5\] is null"),
        ([[0, 1, 2, 3, 4, "5"]], NotANumber, r"instances\[0\]\[5\] is '5'"),
        ([[0, 1, 2, 3, 4, True]], NotANumber, r"instances\[0\]\[5\] is true"),
        ([[[False, 1, 2], [3, 4, 5]]], NotANumber, r"instances\[0\]\[0\]\[0\] is false"),
        ([[0, 1, 2, 3, 4, [5]]], NotANumber, r"instances\[0\]\[5\] is a list of 1"),
    ],
)
def test_says_where_json_is_wrong(instances: object, error: type[InferstackError], said: str) -> None:
    with pytest.raises(error, match=said):
        codecs.from_json(json.dumps({"instances": instances}).encode(), SHAPE)


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"7", b"{}", b'{"instances":{}}', b'{"instances":null}', b"\xff", b'{"instances":[NaN]}', b"[" * 5000]
)
def test_refuses_json_without_instances(body: bytes) -> None:
    with pytest.raises(Malformed):
        codecs.from_json(body, SHAPE)


def test_tells_a_caller_who_scaled_the_pixels() -> None:
    with pytest.raises(OutOfRange) as caught:
        codecs.from_json(b'{"instances":[[0,0.25,1,1,1,1]]}', SHAPE)
    assert "multiplied by 255" in caught.value.advice


GOOD = npy_of(np.zeros((1, 2, 3), np.uint8))


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b"", Malformed),
        (b"\x93NUMPY", Malformed),
        (b"PK\x03\x04" + GOOD, Malformed),
        (GOOD[:-1], Malformed),
        (GOOD + b"\0", Malformed),
        (GOOD[:40], Malformed),
        (b"\x93NUMPY\x03\x00" + GOOD[8:], Malformed),
        (GOOD.replace(b"(1, 2, 3)", b"(-1,2, 3)"), Malformed),
        (GOOD.replace(b"(1, 2, 3)", b"[1, 2, 3]"), Malformed),
        (GOOD.replace(b"(1, 2, 3)", b"(1, 2, x)"), Malformed),
        (GOOD.replace(b"(1, 2, 3)", b"(1,2,3.0)"), Malformed),
        (GOOD.replace(b"(1, 2, 3)", b"(1<<9, 3)"), Malformed),
        (GOOD.replace(b"(1, 2, 3)", b"(9**9**9)"), Malformed),
        (GOOD.replace(b"'shape'", b"'other'"), Malformed),
        (GOOD.replace(b"False", b"Never"), Malformed),
        (GOOD.replace(b"False", b"00000"), Malformed),
        (npy_of(np.zeros((1, 2, 3), np.float32)), WrongShape),
        (npy_of(np.zeros((1, 2, 3), np.int8)), WrongShape),
        (npy_of(np.zeros((1, 2, 3), [("a", np.uint8)])), WrongShape),
        (npy_of(np.array([None])), WrongShape),
        (npy_of(np.zeros((1, 3, 2), np.uint8)), WrongShape),
        (npy_of(np.zeros(6, np.uint8)), WrongShape),
        (npy_of(np.zeros((1, 1, 2, 3), np.uint8)), WrongShape),
        (npy_of(np.uint8(3)), WrongShape),
    ],
)
def test_refuses_an_npy_that_is_not_instances(body: bytes, error: type[InferstackError]) -> None:
    with pytest.raises(error):
        codecs.from_npy(body, SHAPE)


def test_allocates_nothing_for_a_header_that_promises_more_than_came() -> None:
    head = b"{'descr': '|u1', 'fortran_order': False, 'shape': (999999999999, 2, 3), }".ljust(117) + b"\n"
    with pytest.raises(Malformed, match="says 5999999999994 values; the body holds 6"):
        npy.read(b"\x93NUMPY\x01\x00" + len(head).to_bytes(2, "little") + head + bytes(6))


def test_reads_a_header_again_for_another_body() -> None:
    for value in (1, 2):
        array = np.full((1, 2, 3), value, np.uint8)
        np.testing.assert_array_equal(codecs.from_npy(npy_of(array), SHAPE), array)


def test_forgets_heads_before_they_fill_the_memory() -> None:
    for count in range(npy.REMEMBERED_LENGTHS + 10):
        npy.read(npy_of(np.zeros((count, 1), np.uint8)))
    assert len(npy._heads) <= npy.REMEMBERED_LENGTHS


def test_writes_what_numpy_reads() -> None:
    array = np.arange(6, dtype=np.float32).reshape(2, 3)
    np.testing.assert_array_equal(np.load(io.BytesIO(npy.write(array)), allow_pickle=False), array)
