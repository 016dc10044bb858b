"""Mutants: a seed with a few changes, the same ones for the same number."""

import random
import zlib
from collections.abc import Callable, Sequence

from recipes.pictures.pixel_data import PNG_MAGIC

INTERESTING = (
    b"\0", b"\xff", b"\x7f", b"\x80", b"\xff\xff", b"\0\0\0\0", b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\xff\xff\xff\x7f",
    b"9" * 20, b"-", b"[", b'"', b"\n", b"1e999", b"NaN",
)  # fmt: skip
MOST_CHANGES, LONGEST_CHANGE = 5, 64
LONGEST_MUTANT = 64 << 10


def mutate(seeds: Sequence[bytes], number: int) -> bytes:
    """Return a mutant of one of the seeds."""
    rng = random.Random(number)
    mutant = bytearray(rng.choice(seeds))
    for _ in range(rng.randint(1, MOST_CHANGES)):
        rng.choice(CHANGES)(mutant, rng, seeds)
    del mutant[LONGEST_MUTANT:]
    if number % 2 and mutant.startswith(PNG_MAGIC):
        _repair_png(mutant)
    return bytes(mutant)


def _repair_png(mutant: bytearray) -> None:
    """Write the right checksum behind each chunk: without it, a change goes no further than there."""
    at = len(PNG_MAGIC)
    while at + 12 <= len(mutant):
        end = at + 8 + int.from_bytes(mutant[at : at + 4], "big")
        if end + 4 > len(mutant):
            return
        mutant[end : end + 4] = zlib.crc32(mutant[at + 4 : end]).to_bytes(4, "big")
        at = end + 4


def _pick(mutant: bytearray, rng: random.Random) -> slice:
    at = rng.randint(0, len(mutant))
    return slice(at, at + rng.randint(1, LONGEST_CHANGE))


def _flip(mutant: bytearray, rng: random.Random, _: Sequence[bytes]) -> None:
    if mutant:
        mutant[rng.randrange(len(mutant))] ^= 1 << rng.randrange(8)


def _overwrite(mutant: bytearray, rng: random.Random, _: Sequence[bytes]) -> None:
    at, value = rng.randint(0, len(mutant)), rng.choice(INTERESTING)
    mutant[at : at + len(value)] = value


def _insert(mutant: bytearray, rng: random.Random, _: Sequence[bytes]) -> None:
    at = rng.randint(0, len(mutant))
    mutant[at:at] = rng.choice(INTERESTING)


def _delete(mutant: bytearray, rng: random.Random, _: Sequence[bytes]) -> None:
    del mutant[_pick(mutant, rng)]


def _repeat(mutant: bytearray, rng: random.Random, _: Sequence[bytes]) -> None:
    part = _pick(mutant, rng)
    mutant[part.start : part.start] = mutant[part] * rng.choice((1, 2, 50))


def _cut(mutant: bytearray, rng: random.Random, _: Sequence[bytes]) -> None:
    del mutant[rng.randint(0, len(mutant)) :]


def _splice(mutant: bytearray, rng: random.Random, seeds: Sequence[bytes]) -> None:
    other = bytearray(rng.choice(seeds))
    mutant[_pick(mutant, rng)] = other[_pick(other, rng)]


CHANGES: tuple[Callable[[bytearray, random.Random, Sequence[bytes]], None], ...] = (
    _flip, _flip, _flip, _overwrite, _overwrite, _insert, _delete, _repeat, _splice, _cut,
)  # fmt: skip
