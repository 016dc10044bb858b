"""Whatever comes as a picture, the transform gives 784 bytes or raises an InvalidInput."""

from hypothesis import given
from hypothesis import strategies as st

from recipes.digits.transform import to_digit
from recipes.errors import InvalidInput
from tests.digits import any_digit, encoded, on_page
from tests.png import chunk

PNG = encoded(on_page(any_digit(), page_px=64, scale=2))
JPEG = encoded(on_page(any_digit(), page_px=64, scale=2), "JPEG")


def answers_or_refuses(picture: bytes) -> None:
    try:
        instance = to_digit(picture)
    except InvalidInput:
        return
    assert len(instance) == 784


@given(st.binary(max_size=300), st.sampled_from([b"", PNG[:8], PNG[:33], JPEG[:3], JPEG[:160]]))
def test_answers_or_refuses_any_bytes(tail: bytes, head: bytes) -> None:
    answers_or_refuses(head + tail)


@given(st.sampled_from([PNG, JPEG]), st.data())
def test_answers_or_refuses_a_broken_picture(picture: bytes, data: st.DataObject) -> None:
    broken = bytearray(picture)
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(broken) - 1))
        match data.draw(st.sampled_from(["change", "delete", "insert"])):
            case "change":
                broken[at] = data.draw(st.integers(0, 255))
            case "delete":
                del broken[at : at + data.draw(st.integers(1, 8))]
                broken = broken or bytearray(picture)
            case _:
                broken[at:at] = data.draw(st.binary(min_size=1, max_size=8))
    answers_or_refuses(bytes(broken))


KINDS = [b"tRNS", b"PLTE", b"gAMA", b"eXIf", b"iCCP", b"acTL", b"fcTL", b"fdAT", b"sBIT"]


@given(st.lists(st.tuples(st.sampled_from(KINDS), st.binary(max_size=40)), max_size=4))
def test_answers_or_refuses_a_png_of_odd_chunks(chunks: list[tuple[bytes, bytes]]) -> None:
    answers_or_refuses(PNG[:33] + b"".join(chunk(kind, data) for kind, data in chunks) + PNG[33:])
