"""Sets of drawn pictures as a model sees them: through the transform of the digits recipe."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from contextlib import contextmanager
from functools import partial
from multiprocessing import get_context
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from recipes.dataset import Split
from recipes.errors import InvalidInput
from recipes.recipe import load
from training.drawings import digits, fonts, gate_non_digits, looks, non_digits, robustness
from training.drawings.non_digits import UInt8
from training.drawings.pen import Random
from training.drawings.sheet import encode

WORKERS = 2
CHUNK = 500
POOL = 5000  # digits that pictures of several are made of
Progress = Callable[[int, int, str], None]
# Of the digits: those MNIST has few of, and MNIST's own on a page, so that no pen tells a digit from the rest.
DIGIT_KINDS = ("ones", "sevens", "pen", "printed", "canvas", "thin pen", "varied print", "ones of print")
FROM_MNIST = ("canvas", "thin pen")  # rows of the robustness table, of the train split's digits
DIGIT_SHARES = (0.2, 0.1, 0.2, 0.05, 0.1, 0.05, 0.25, 0.05)
# Of the digits with looks: displays, and what the others are made of.
LOOK_KINDS, LOOK_SHARES = ("segments", "MNIST", "varied print", "pen"), (0.2, 0.35, 0.3, 0.15)
SENT_AS = ("shifted", "scaled", "rotated", "canvas", "thin pen", "photo")  # rows of the robustness table
HELD_OUT = {**non_digits.HELD_OUT, **gate_non_digits.KINDS}  # for the test split's table, and for the gate
Drawn = tuple[UInt8, npt.NDArray[np.int64], npt.NDArray[np.bool_]]  # pictures, labels, and which the transform refused


def draw_digits(train: Split, count: int, *, seed: int, progress: Progress = lambda *_: None) -> Split:
    """Return `count` digits drawn by code, without those that the transform refuses.

    Args:    train: MNIST's, some of which are drawn on a page.
    """
    pictures, labels, refused = _draw(partial(_draw_digit, train.head(POOL), seed), count, "digits", progress)
    return Split(pictures[~refused], labels[~refused].astype(np.uint8))


def draw_sent(train: Split, count: int, *, seed: int, progress: Progress = lambda *_: None) -> Split:
    """Return the first `count` of MNIST's digits as users would send them, five hundred in each way in turn, without those refused."""
    train = train.head(count)
    starts = range(0, len(train), CHUNK)
    chunks = [Split(train.inputs[at : at + CHUNK], train.targets[at : at + CHUNK]) for at in starts]
    ways = [SENT_AS[at % len(SENT_AS)] for at in range(len(chunks))]
    parts = []
    with _open_map(len(chunks)) as map_:
        draw = partial(robustness.draw_instances, "digits", seed=seed)
        for chunk, (pictures, refused) in zip(chunks, map_(draw, ways, chunks, starts), strict=True):
            parts.append(Split(pictures[~refused], chunk.targets[~refused]))
            progress(min(len(parts) * CHUNK, len(train)), len(train), "digits as they are sent drawn")
    return Split(np.concatenate([part.inputs for part in parts]), np.concatenate([part.targets for part in parts]))


def draw_looks(train: Split, count: int, *, seed: int, progress: Progress = lambda *_: None) -> Split:
    """Return `count` digits as they look elsewhere than on paper (looks.py), without those that the transform refuses.

    Args:    train: MNIST's, of some of which they are made.
    """
    pictures, labels, refused = _draw(partial(_draw_look, train.head(POOL), seed), count, "looks", progress)
    return Split(pictures[~refused], labels[~refused].astype(np.uint8))


def draw_non_digits(train: Split, count: int, *, seed: int, progress: Progress = lambda *_: None) -> UInt8:
    """Return `count` pictures of what is no digit, of the kinds to fit on, without those that the transform refuses."""
    pictures, _, refused = _draw(partial(_draw_non_digit, train.inputs[:POOL], seed), count, "non-digits", progress)
    return pictures[~refused]


def start_held_out(pool: Executor, names: Sequence[str], count: int, *, seed: int) -> Mapping[str, Future[UInt8]]:
    """Have the pool draw `count` pictures of each of these kinds of non-digits that no model is fitted on; see `draw_held_out`."""
    return {name: pool.submit(draw_held_out, name, count, seed=seed) for name in names}


def draw_held_out(name: str, count: int, *, seed: int) -> UInt8:
    """Return `count` pictures of a kind of non-digit that no model is fitted on, without those that the transform refuses."""
    pictures, _, refused = _draw_instances(partial(_draw_kind, name, seed), range(count))
    return pictures[~refused]


def _draw(draw: Callable[[int], tuple[bytes, int]], count: int, name: str, progress: Progress) -> Drawn:
    ranges = [range(start, min(start + CHUNK, count)) for start in range(0, count, CHUNK)]
    parts: list[Drawn] = []
    with _open_map(len(ranges)) as map_:
        for part in map_(partial(_draw_instances, draw), ranges):
            parts.append(part)
            progress(min(len(parts) * CHUNK, count), count, f"{name} drawn")
    pictures, labels, refused = (np.concatenate(each) for each in zip(*parts, strict=True))
    return pictures, labels, refused


@contextmanager
def _open_map(parts: int) -> Iterator[Callable[..., Iterable[Any]]]:
    """Give a `map` that works on parts in processes, where there is more than one."""
    if parts < 2:
        yield map
        return
    # Spawned, because a fork would copy the locks that torch's threads hold.
    with ProcessPoolExecutor(WORKERS, get_context("spawn")) as pool:
        yield pool.map


def _draw_instances(draw: Callable[[int], tuple[bytes, int]], indices: range) -> Drawn:
    from_image = load("digits").from_image
    seen, labels = np.zeros((len(indices), 28, 28), np.uint8), np.zeros(len(indices), np.int64)
    refused = np.zeros(len(indices), bool)
    for at, index in enumerate(indices):
        picture, labels[at] = draw(index)
        try:
            seen[at] = np.frombuffer(from_image(picture), np.uint8).reshape(28, 28)
        except InvalidInput:
            refused[at] = True
    return seen, labels, refused


def _draw_digit(train: Split, seed: int, index: int) -> tuple[bytes, int]:
    random = np.random.default_rng([seed, index, *b"digits"])
    kind = DIGIT_KINDS[random.choice(len(DIGIT_KINDS), p=DIGIT_SHARES)]
    label = int(random.integers(10))
    if kind in FROM_MNIST:
        at = random.integers(len(train))
        return robustness.ROWS[kind](train.inputs[at], int(train.targets[at]), random), int(train.targets[at])
    if kind == "ones":
        return encode(digits.write_one(random)), 1
    if kind == "sevens":
        return encode(digits.write_seven(random)), 7
    if kind == "ones of print":
        return encode(digits.print_one(random)), 1
    if kind == "varied print":
        return encode(digits.print_varied_digit(label, random)), label
    drawn = digits.write_digit(label, random) if kind == "pen" else digits.print_digit(label, random, fonts.FITTED_ON)
    return encode(drawn), label


def _draw_look(train: Split, seed: int, index: int) -> tuple[bytes, int]:
    random = np.random.default_rng([seed, index, *b"looks"])
    kind = LOOK_KINDS[random.choice(len(LOOK_KINDS), p=LOOK_SHARES)]
    label = int(random.integers(10))
    if kind == "segments":
        return encode(looks.show_digit(label, random)), label
    if kind == "MNIST":
        at = random.integers(len(train))
        page, label = Image.fromarray(255 - train.inputs[at]), int(train.targets[at])
    else:
        page = digits.print_varied_digit(label, random) if kind == "varied print" else digits.write_digit(label, random)
    return encode(looks.change(page, random)), label


def _draw_non_digit(pool: UInt8, seed: int, index: int) -> tuple[bytes, int]:
    random = np.random.default_rng([seed, index, *b"non-digits"])
    kinds, shares = zip(*non_digits.FITTED_ON.values(), strict=True)
    return encode(kinds[random.choice(len(kinds), p=shares)](pool, random)), -1


def _draw_kind(name: str, seed: int, index: int) -> tuple[bytes, int]:
    random: Random = np.random.default_rng([seed, index, *name.encode()])
    return encode(HELD_OUT[name](np.zeros((0, 28, 28), np.uint8), random)), -1
