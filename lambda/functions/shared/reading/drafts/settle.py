"""Drafts into rows: the first of them tell the scale and the polarity of all, and the others are held to it."""

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import chain, islice

from functions.shared.reading.categories import UNKNOWN, find_unknown
from functions.shared.reading.drafts import polarity
from functions.shared.reading.drafts.draft import Draft, list_notes
from functions.shared.reading.drafts.levels import is_dim, is_faint
from functions.shared.reading.drafts.mends import advise
from functions.shared.reading.drafts.photos import DARK, advise_photo, choose_photo_scale
from functions.shared.reading.drafts.polarity import Ground, find_ground
from functions.shared.reading.drafts.scale import FAINT, Kind, Scale, apply_scale, choose_scale, find_kind
from functions.shared.reading.drafts.sides import may_be_transposed, note_transposed
from functions.shared.reading.drafts.sums import watch_sums
from functions.shared.reading.drafts.swaps import refuse_columns_as_rows, refuse_swapped_numbers
from functions.shared.reading.notes import Note
from functions.shared.reading.rows import Row
from recipes.errors import OutOfRange
from recipes.recipe import Recipe

LOOKED_AT = 200  # rows of an upload
MAX_LOOKED_AT_VALUES = 2_000_000  # of them: as numbers that are no levels yet they take 32 bytes each
MIXED = "{} is drawn {}, and the rows that came first {}: all rows of a table are read alike"


def settle(drafts: Iterable[Draft], recipe: Recipe, *, looks_at_all: bool = False) -> tuple[tuple[Note, ...], Iterator[Row]]:
    """Return notes on how the rows are read, and the rows.

    Args:    looks_at_all: whether all rows tell the scale and the polarity; else the first few do.
    """
    if not recipe.takes_pictures:
        drafts = refuse_columns_as_rows(drafts, recipe)
        about, drafts = watch_sums(refuse_swapped_numbers(drafts, recipe) if recipe.has_bounds else drafts)
        return about, (_to_row(_flag_unknown(draft, recipe)) for draft in drafts) if recipe.categories else map(_to_row, drafts)
    if recipe.dtype != "uint8":
        return (), map(_to_row, drafts)
    drafts = iter(drafts)
    first = list(drafts) if looks_at_all else _look(drafts, min(LOOKED_AT, max(1, MAX_LOOKED_AT_VALUES // recipe.instance_size)))
    if not recipe.is_drawn:
        return _settle_photos(first, drafts, recipe)
    scale = choose_scale((find_kind(draft, recipe) for draft in first), recipe)
    advice = "" if isinstance(scale, Scale) else advise(first, recipe)
    for draft in first:
        apply_scale(draft, scale, advice)
    arrays = [draft.instance for draft in first if draft.instance is not None and not draft.is_picture]
    found = [find_ground(levels, recipe.instance_shape[-1]) for levels in arrays]
    grounds = Counter(found)
    is_inverted = grounds[Ground.BRIGHT] > grounds[Ground.DARK]
    notes = [*list_notes(first), *([scale.note] if isinstance(scale, Scale) else [])]
    if grounds[Ground.PLAIN]:
        notes.append(polarity.BLANK)
    if grounds[Ground.GREY]:
        notes.append(polarity.GREY)
    if is_inverted:
        notes.append(polarity.INVERTED)
    elif not isinstance(scale, Scale) and any(
        is_faint(levels) for levels, ground in zip(arrays, found, strict=True) if ground is not Ground.PLAIN
    ):
        notes.append(FAINT)
    if may_be_transposed([levels.translate(polarity.TURN) for levels in arrays] if is_inverted else arrays, recipe):
        notes.append(note_transposed(recipe))
    return tuple(notes), _give_rows(first, drafts, recipe, scale, is_inverted=is_inverted)


def _settle_photos(first: list[Draft], others: Iterator[Draft], recipe: Recipe) -> tuple[tuple[Note, ...], Iterator[Row]]:
    """Return notes and rows of pictures that are no drawings: a level is what it is, and a share of 255 is the one other scale."""
    scale = choose_photo_scale(first, recipe)
    notes = [scale.note] if isinstance(scale, Scale) else [DARK] if any(each.instance and is_dim(each.instance) for each in first) else []

    def give_rows() -> Iterator[Row]:
        for draft in chain(_drain(first), others):
            if draft.values or isinstance(scale, Scale):
                apply_scale(draft, scale, advise_photo(draft))
            yield _to_row(draft)

    return (*list_notes(first), *notes), give_rows()


def _look(drafts: Iterator[Draft], look_at: int) -> list[Draft]:
    """Return the first drafts, up to a picture: it tells nothing, and reading many takes long, while nobody looks at the clock."""
    first: list[Draft] = []
    for draft in islice(drafts, look_at):
        first.append(draft)
        if draft.is_picture:
            break
    return first


def _give_rows(first: list[Draft], others: Iterator[Draft], recipe: Recipe, scale: Scale | Kind, *, is_inverted: bool) -> Iterator[Row]:
    width = recipe.instance_shape[-1]
    for draft in chain(_drain(first), _scale(others, scale, recipe)):
        if draft.instance is not None and not draft.is_picture:
            _turn(draft, width, is_inverted=is_inverted)
        yield _to_row(draft)


def _drain(drafts: list[Draft]) -> Iterator[Draft]:
    """Give drafts without keeping them."""
    drafts.reverse()
    while drafts:
        yield drafts.pop()


def _scale(drafts: Iterable[Draft], scale: Scale | Kind, recipe: Recipe) -> Iterator[Draft]:
    for draft in drafts:
        if scale is not Kind.LEVELS or draft.values or (draft.instance and is_dim(draft.instance)):
            apply_scale(draft, scale, "" if isinstance(scale, Scale) or not draft.values else advise([draft], recipe))
        yield draft


def _turn(draft: Draft, width: int, *, is_inverted: bool) -> None:
    """Turn a row's levels if all are turned; refuse it if it contradicts them."""
    levels = draft.instance or b""
    if not is_inverted and polarity.is_dark_ground(levels, width):
        return
    if find_ground(levels, width) is (Ground.DARK if is_inverted else Ground.BRIGHT):
        ways = ("bright on dark", "dark on bright")
        draft.error = OutOfRange(
            MIXED.format(draft.place, ways[not is_inverted], ways[is_inverted]),
            advice='Send it by itself, or turned: (255 - x).astype("uint8").',
        )
        draft.instance = None
    elif is_inverted:
        draft.instance = levels.translate(polarity.TURN)


def _flag_unknown(draft: Draft, recipe: Recipe) -> Draft:
    """Say of a draft in which columns it has a value that is not known."""
    if draft.instance and (unknown := find_unknown(draft.instance, recipe)):
        draft.about = {**draft.about, UNKNOWN: unknown}
    return draft


def _to_row(draft: Draft) -> Row:
    return Row(draft.number, draft.instance, draft.error, draft.about, draft.label, draft.count)
