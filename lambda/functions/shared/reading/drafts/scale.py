"""On which scale the values of pictures are: told by the whole of a request, or by the first rows of an upload, and held to.

A row is one of these kinds; the kinds of the rows that are looked at decide:
LEVELS    whole numbers from 0 to 255, some of them as bright as ink: what is expected
FAINT     whole numbers from 0 to 127: taken for levels, with the note that they are faint
DIM       whole numbers from 0 to 16, as scans of 4 bits have: refused, but beside FAINT taken as it is; as levels it is nearly black
FEW_DIM   as DIM, but nearly all of one value, which is no drawing: as FAINT, but tells nothing of DIM beside it; refused beside LEVELS
BLANK     zeros alone: of any scale
BITS      0 and 1, as many of each as a drawing has: ink and paper; refused beside LEVELS, as DIM
FEW_BITS  0 and 1, but too few of one for a drawing: as FAINT
UNIT      from 0 to 1, with fractions
CENTRED   from -0.5, the paper, to 0.5
SIGNED    from -1, the paper, to 1
SHIFTED   whole numbers from -128, the paper, to 127
NORMAL    normalised by the mean and the deviation that the recipe names, from a little below 0, the paper
UNKNOWN   none of these
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from functools import cache
from typing import Final

from functions.shared.reading.drafts.draft import Draft
from functions.shared.reading.drafts.levels import FAINT_LEVEL, is_dim, is_faint
from functions.shared.reading.notes import Note
from recipes.errors import InvalidInput, OutOfRange
from recipes.recipe import Recipe

FEWEST_BITS = 0.015  # of all: the smallest mark that could be a drawing
HALF = 0.5 / 255  # a level's
FAINTEST = 0.1  # values from 0 to less than this were scaled twice
LEAST_INK = 0.2  # values that begin below 0 and do not reach this are on another scale


class Kind(Enum):
    """What a row's values look like."""

    LEVELS = auto()
    FAINT = auto()
    DIM = auto()
    FEW_DIM = auto()
    BLANK = auto()
    BITS = auto()
    FEW_BITS = auto()
    UNIT = auto()
    CENTRED = auto()
    SIGNED = auto()
    SHIFTED = auto()
    NORMAL = auto()
    UNKNOWN = auto()


@dataclass(frozen=True, slots=True)
class Scale:
    """How a value becomes a level: round(value * gain + bias).

    Args:    low, high: what a value may be.
             note: what the answer says of it.
    """

    low: float
    high: float
    gain: float
    bias: float
    note: Note

    def convert(self, values: Sequence[float], place: str) -> bytes:
        """Return values as levels; raise OutOfRange naming the first that is on another scale."""
        try:
            return bytes([round(value * self.gain + self.bias) for value in values])
        except (ValueError, OverflowError):
            index, value = next(
                (index, value) for index, value in enumerate(values) if not 0 <= round(value * self.gain + self.bias) <= 255
            )
            raise OutOfRange(
                f"{place}, value {index + 1} is {value}; expected a number from {self.low} to {self.high}, as in the rows before",
                advice="Send all rows on one scale, best as whole numbers from 0 to 255.",
            ) from None


def _note(detail: str) -> Note:
    return Note("scaled", detail, "Send whole numbers from 0 to 255 to have them read as they are.")


SCALES: Final = {
    Kind.UNIT: Scale(0, 1, 255, 0, _note("the values are from 0 to 1: each was multiplied by 255 and rounded")),
    Kind.CENTRED: Scale(-0.5, 0.5, 255, 127.5, _note("the values are from -0.5 to 0.5: each value x was read as (x + 0.5) * 255, rounded")),
    Kind.SHIFTED: Scale(-128, 127, 1, 128, _note("the values are from -128, the paper, to 127: each value x was read as x + 128")),
    Kind.SIGNED: Scale(-1, 1, 127.5, 127.5, _note("the values are from -1 to 1: each value x was read as (x + 1) * 127.5, rounded")),
}


@cache
def build_normal_scale(normal: tuple[float, float]) -> Scale:
    """Return the scale of values that were normalised by a mean and a deviation, of those from 0 to 1."""
    mean, deviation = normal
    low, high = round(-mean / deviation, 4), round((1 - mean) / deviation, 4)
    read = f"each value x was read as (x * {deviation} + {mean}) * 255, rounded"
    note = _note(f"the values are normalised by the mean {mean} and the deviation {deviation}: {read}")
    return Scale(low, high, deviation * 255, mean * 255, note)


FAINT = Note(
    "faint",
    f"at least one instance has no value over {FAINT_LEVEL - 1} of 255: its ink is nearly as dark as its ground, or on another scale",
    "Send values that reach about 255 where the ink is.",
)


def find_kind(draft: Draft, recipe: Recipe) -> Kind:
    """Return what a row's values look like; of a row that is no row of numbers, UNKNOWN."""
    if draft.instance is not None:
        return Kind.UNKNOWN if draft.is_picture else _find_kind_of_levels(draft.instance)
    if not draft.values:
        return Kind.UNKNOWN
    low, high = min(draft.values), max(draft.values)
    if low >= -HALF and FAINTEST < high <= 1 + HALF:
        return Kind.UNIT
    return _find_kind_below(draft.values, low, high, recipe)


def _find_kind_below(values: Sequence[float], low: float, high: float, recipe: Recipe) -> Kind:
    """Return what values look like of which some are below 0."""
    if abs(low + 1) <= 2 * HALF and high <= 1 + HALF and (high > LEAST_INK or high == low):
        return Kind.SIGNED
    if low == -128 and 0 < high <= 127 and 2 * values.count(low) > len(values):
        return Kind.SHIFTED
    normal = {Kind.NORMAL: build_normal_scale(recipe.normal)} if recipe.normal else {}
    for kind, scale in (normal | {Kind.CENTRED: SCALES[Kind.CENTRED]}).items():
        if abs(low - scale.low) < 0.004 and LEAST_INK < high < scale.high + 0.004 and _are_whole(values, scale):
            return kind
    return Kind.UNKNOWN


def _find_kind_of_levels(levels: bytes) -> Kind:
    if not is_faint(levels):
        return Kind.LEVELS
    if not is_dim(levels):
        return Kind.FAINT
    fewest = FEWEST_BITS * len(levels)
    if levels.strip(b"\0\1"):
        ground = max(levels.count(0), levels.count(levels[:1]))  # 0, or as the first corner is
        return Kind.DIM if len(levels) - ground >= fewest else Kind.FEW_DIM
    ones = levels.count(1)
    if not ones:
        return Kind.BLANK
    return Kind.BITS if fewest <= ones <= len(levels) - fewest else Kind.FEW_BITS


def _are_whole(values: Sequence[float], scale: Scale) -> bool:
    levels = [value * scale.gain + scale.bias for value in values]
    return all(abs(level - round(level)) < 0.15 for level in levels)


def choose_scale(kinds: Iterable[Kind], recipe: Recipe) -> Scale | Kind:
    """Return the scale that rows of these kinds are on; LEVELS, FAINT or DIM if they are levels, UNKNOWN if nothing tells."""
    seen = set(kinds) - {Kind.BLANK, Kind.UNKNOWN}
    if known := next((kind for kind in (Kind.LEVELS, Kind.FAINT, Kind.DIM) if kind in seen), None):
        return known
    if Kind.FEW_DIM in seen:
        return Kind.FAINT
    if seen & {Kind.BITS, Kind.UNIT} and seen <= {Kind.BITS, Kind.FEW_BITS, Kind.UNIT}:
        return SCALES[Kind.UNIT]
    if len(seen) == 1:
        kind = seen.pop()
        return build_normal_scale(recipe.normal) if kind is Kind.NORMAL and recipe.normal else SCALES.get(kind, Kind.UNKNOWN)
    return Kind.UNKNOWN


def apply_scale(draft: Draft, scale: Scale | Kind, advice: str) -> None:
    """Bring a row's values to levels in its draft, or its error.

    Args:    advice: what mends values that are on no scale that is known.
    """
    if draft.is_picture:
        return
    if isinstance(scale, Scale):
        values = draft.instance if draft.instance is not None else draft.values
        if values is not None:
            draft.instance, draft.error = None, None
            try:
                draft.instance = scale.convert(values, draft.place)
            except InvalidInput as error:
                draft.error = error
    elif draft.error and draft.values and advice:
        draft.error.advice = advice
    elif scale in REFUSED and draft.instance and (kind := _find_kind_of_levels(draft.instance)) in REFUSED[scale]:
        what = "is of 0 and 1" if kind is Kind.BITS else f"has no value over {max(draft.instance)}"
        draft.error = OutOfRange(f"{draft.place} {what}; {OTHERS[scale]}", advice=STRETCH[kind])
        draft.instance = None
    draft.values = None


REFUSED = {
    Kind.LEVELS: {Kind.BITS, Kind.DIM, Kind.FEW_DIM},
    Kind.FAINT: {Kind.BITS},
    Kind.DIM: {Kind.BITS, Kind.DIM},
    Kind.UNKNOWN: {Kind.BITS, Kind.DIM},
}
OTHERS = {
    Kind.UNKNOWN: "what comes first does not tell on which scale",
    Kind.DIM: "as levels of 255 its ink would be nearly as dark as its ground",
    Kind.FAINT: "other rows have more, as whole numbers from 0 to 255",
    Kind.LEVELS: "other rows are from 0 to 255",
}
STRETCHED = 'If its highest value is ink: (x * (255 / x.max())).round().astype("uint8").'
STRETCH = {
    Kind.BITS: 'If 1 is ink: (x * 255).astype("uint8").',
    Kind.DIM: STRETCHED,
    Kind.FEW_DIM: STRETCHED,
}
