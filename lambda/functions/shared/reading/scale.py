"""On which scale the values of pictures are: told by the whole of a request, or by the first rows of an upload, and held to.

A row is one of these kinds; the kinds of the rows that are looked at decide:
LEVELS    whole numbers from 0 to 255, some of them over 1: what is expected
BLANK     zeros alone: of any scale
BITS      0 and 1, as many of each as a drawing has: ink and paper; refused beside LEVELS, where such a row is nearly black
FEW_BITS  0 and 1, but too few of one for a drawing: taken for levels, with the note that they are faint
UNIT      from 0 to 1, with fractions
SIGNED    from -1, the paper, to 1
NORMAL    MNIST's own normalisation, from -0.4242, the paper, to 2.8215
UNKNOWN   none of these
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

from functions.shared.reading.drafts import Draft
from functions.shared.reading.requests import FAINT_LEVEL
from functions.shared.reading.rows import Note
from recipes.errors import InvalidInput, OutOfRange

FEWEST_BITS = 12  # of 784: the smallest mark that could be a digit
MEAN, DEVIATION = 0.1307, 0.3081  # of MNIST's pixels from 0 to 1, as torchvision's examples normalise them
HALF = 0.5 / 255  # a level's
FAINTEST = 0.1  # values from 0 to less than this were scaled twice


class Kind(Enum):
    """What a row's values look like."""

    LEVELS = auto()
    BLANK = auto()
    BITS = auto()
    FEW_BITS = auto()
    UNIT = auto()
    SIGNED = auto()
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
    Kind.SIGNED: Scale(-1, 1, 127.5, 127.5, _note("the values are from -1 to 1: each value x was read as (x + 1) * 127.5, rounded")),
    Kind.NORMAL: Scale(
        -0.4242,
        2.8215,
        DEVIATION * 255,
        MEAN * 255,
        _note(
            f"the values are normalised by MNIST's mean and deviation: each value x was read as (x * {DEVIATION} + {MEAN}) * 255, rounded"
        ),
    ),
}
FAINT = Note(
    "faint",
    f"no value is over {FAINT_LEVEL - 1} of 255: the ink is nearly as dark as the ground, or the values are on another scale",
    "Send values that reach about 255 where the ink is.",
)


def find_kind(draft: Draft) -> Kind:
    """Return what a row's values look like; of a row that is no row of numbers, UNKNOWN."""
    if draft.instance is not None:
        return Kind.UNKNOWN if draft.is_picture else _find_kind_of_levels(draft.instance)
    if not draft.values:
        return Kind.UNKNOWN
    low, high = min(draft.values), max(draft.values)
    if low >= -HALF and FAINTEST < high <= 1 + HALF:
        return Kind.UNIT
    if abs(low + 1) <= 2 * HALF and high <= 1 + HALF and (high > -0.5 or high == low):
        return Kind.SIGNED
    normal = SCALES[Kind.NORMAL]
    if abs(low - normal.low) < 0.004 and high < normal.high + 0.004 and _are_whole(draft.values, normal):
        return Kind.NORMAL
    return Kind.UNKNOWN


def has_bits_alone(levels: bytes) -> bool:
    """Return whether an instance is of 0 and 1 alone."""
    return not levels.strip(b"\0\1")


def _find_kind_of_levels(levels: bytes) -> Kind:
    if not has_bits_alone(levels):
        return Kind.LEVELS
    ones = levels.count(1)
    if not ones:
        return Kind.BLANK
    return Kind.BITS if FEWEST_BITS <= ones <= len(levels) - FEWEST_BITS else Kind.FEW_BITS


def _are_whole(values: Sequence[float], scale: Scale) -> bool:
    levels = [value * scale.gain + scale.bias for value in values]
    return all(abs(level - round(level)) < 0.15 for level in levels)


def choose_scale(kinds: Iterable[Kind]) -> Scale | Kind:
    """Return the scale that rows of these kinds are on; LEVELS if they are levels, UNKNOWN if nothing tells."""
    seen = set(kinds) - {Kind.BLANK, Kind.UNKNOWN}
    if Kind.LEVELS in seen:
        return Kind.LEVELS
    if seen & {Kind.BITS, Kind.UNIT} and seen <= {Kind.BITS, Kind.FEW_BITS, Kind.UNIT}:
        return SCALES[Kind.UNIT]
    if len(seen) == 1:
        return SCALES.get(seen.pop(), Kind.UNKNOWN)
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
    elif scale in OTHERS and draft.instance and _find_kind_of_levels(draft.instance) is Kind.BITS:
        draft.error = OutOfRange(f"{draft.place} is of 0 and 1; {OTHERS[scale]}", advice=SCALE_BITS)
        draft.instance = None
    draft.values = None


OTHERS = {Kind.UNKNOWN: "what comes first does not tell on which scale", Kind.LEVELS: "other rows are from 0 to 255"}
SCALE_BITS = 'If 1 is ink: (x * 255).astype("uint8").'
MEND_OUTSIDE = 'Keep the values from 0 to 255: x.clip(0, 255).round().astype("uint8").'
# What mends values that are not negative, by the most that they may be.
MENDS = (
    (1 / 255 + 1e-6, 'The values look as if they were divided by 255 twice: (x * 255 * 255).round().astype("uint8").'),
    (1 + HALF, 'Values from 0 to 1 must be multiplied by 255 and rounded: (x * 255).round().astype("uint8").'),
    (FAINT_LEVEL - 1, 'Bring the values to 0-255, if the ink reaches the highest of them: (x * (255 / x.max())).round().astype("uint8").'),
    (255, 'Round the values: x.round().astype("uint8").'),
    (300, MEND_OUTSIDE),
    (65_535, 'If the values are of 16 bits: (x / 257).round().astype("uint8").'),
)
MEND_SIGNED_BYTES = 'If these are bytes that were read as signed: x.astype("int8").view("uint8").'
MEND_NORMAL = f"""The values look normalised by MNIST's mean and deviation, and rounded. Undo that: \
((x * {DEVIATION} + {MEAN}) * 255).round().clip(0, 255).astype("uint8")."""
MEND_OTHER_NORMAL = """The values look normalised. Undo that with the mean and the deviation that it was done with: \
((x * deviation + mean) * 255).round().clip(0, 255).astype("uint8")."""


def advise(drafts: Iterable[Draft]) -> str:
    """Return the line of code that mends the values of rows that are on no scale that is known, or nothing if that is not clear."""
    rows = [draft.values for draft in drafts if draft.values]
    if not rows:
        return ""
    low, high = min(map(min, rows)), max(map(max, rows))
    if low >= 0:
        return next((mend for most, mend in MENDS if high <= most), "")
    if -128 <= low < -1 and high <= 127 and all(value == int(value) for row in rows for value in row):
        return MEND_SIGNED_BYTES
    if high > 20:
        return MEND_OUTSIDE
    return MEND_NORMAL if abs(low - SCALES[Kind.NORMAL].low) < 0.01 and high < SCALES[Kind.NORMAL].high + 0.01 else MEND_OTHER_NORMAL
