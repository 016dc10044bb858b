"""A hostile input by name, and the bytes that many of them begin with."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from tests.digits import any_digit, encoded, on_page

PAGE = on_page(any_digit(), page_px=64, scale=2)
PNG, JPEG = encoded(PAGE), encoded(PAGE, "JPEG")
VALUES = [5, *[0] * 783]


@dataclass(frozen=True, slots=True)
class Case:
    """One hostile input.

    Args:    name: what it is, after its format.
             target: what reads it, by its name in targets.py.
             make: its bytes.
             is_costly: whether reading it takes seconds; `make fuzz` alone tries it.
             has_many: whether it holds so many rows that reading it may take all of the function's time.
    """

    name: str
    target: str
    make: Callable[[], bytes]
    is_costly: bool = False
    has_many: bool = False


def constant(target: str, contents: dict[str, bytes], prefix: str) -> Iterator[Case]:
    """Give a case for each content."""
    for name, content in contents.items():
        yield Case(f"{prefix}: {name}", target, lambda content=content: content)


def lazy(
    target: str, makers: dict[str, Callable[[], bytes]], prefix: str, *, is_costly: bool = False, has_many: bool = False
) -> Iterator[Case]:
    """Give a case for each maker, for what is too large to be kept."""
    for name, make in makers.items():
        yield Case(f"{prefix}: {name}", target, make, is_costly, has_many)


def cut(content: bytes, count: int) -> dict[str, bytes]:
    """Return the beginnings of a content, at so many places."""
    return {
        f"cut at byte {len(content) * part // (count + 1)}": content[: len(content) * part // (count + 1)] for part in range(1, count + 1)
    }


def overwrite(content: bytes, places: Sequence[int], values: Sequence[bytes]) -> dict[str, bytes]:
    """Return the content with each value at each place."""
    return {
        f"{value.hex()} at byte {place}": content[:place] + value + content[place + len(value) :] for place in places for value in values
    }
