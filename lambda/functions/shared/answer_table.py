"""Answers as CSV for spreadsheets: of a job predictions.csv, of a request what it asks for by its Accept header."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from functions.shared.keys import KEYS, name_columns
from functions.shared.reading.categories import UNKNOWN
from functions.shared.reading.ranges import OUTSIDE
from recipes.recipe import Recipe

FIRST, LAST = ("row", "name", "id"), ("model", "expected", "error")
OF_DRAWINGS = ("trust", "verdict", "model", "box", "line", "after", "before")
CONTENT_TYPE = "text/csv; charset=utf-8"
# Where a cell may begin: at the text's start, and after what spreadsheets of some countries take for the end of a cell or a line, whatever
# is quoted. What they may skip before a sign: spaces, quotes and characters that are not seen; no end of a cell is among them, or a run of
# those would be read again from each. Signs may be full-width or small.
_SKIPPED = r"\x00-\x08\x0b\x0c\x0e-\x20\"'\x7f-\xa0\xad\u061c\u1680\u180e\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\ufeff"
_SIGNS = r"=+\-@\u2212\ufe62\ufe63\ufe66\ufe6b\uff0b\uff0d\uff1d\uff20"
_FORMULA = re.compile(rf"^(?=[\t\r\n])|(^|[;\t\r\n|])(?=[{_SKIPPED}]*[{_SIGNS}])")
_NEGATIVE = re.compile(r"-[0-9]+(\.[0-9]+)?")
MOST_LABELS = 100  # that have a column each
BLOCK_CHARS = 1 << 16


def list_columns(recipe: Recipe) -> tuple[str, ...]:
    """Return the columns: of a classifier also the probability of each class, p(class), but for drawings and many classes."""
    if not recipe.labels:
        return (*FIRST, "value", OUTSIDE, *LAST)
    if recipe.is_drawn:
        return (*FIRST, "label", "probability", *OF_DRAWINGS, recipe.count_field, "marks_found", "expected", "error")
    strange = (UNKNOWN, OUTSIDE) if recipe.features else ()
    return (*FIRST, "label", "probability", *_name_probabilities(recipe), *strange, *LAST)


def _name_probabilities(recipe: Recipe) -> list[str]:
    return [] if recipe.is_drawn or len(recipe.labels) > MOST_LABELS else list(map(_name_probability, recipe.labels))


def _name_probability(label: int | str) -> str:
    return f"p({label})"


def format_csv(answers: Iterable[Mapping[str, Any]], recipe: Recipe, more: Sequence[str] = (), keys: Sequence[str] = ()) -> Iterator[bytes]:
    """Give answers as CSV with a header, in blocks. No cell can become a formula.

    Args:    answers: as lines of predictions.jsonl: a prediction with its `row` and `model`, or the `error` in its place.
             more: fields that have a column too, behind those that say which row it is.
             keys: the upload's own columns that they repeat, which follow.
    """
    columns, labels = list_columns(recipe), _name_probabilities(recipe)
    named = name_columns(keys, (*more, *columns))
    columns = (*FIRST, *more, *named.values(), *columns[len(FIRST) :])
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(map(escape_formula, columns))
    for answer in answers:
        error = answer.get("error") or {}
        cells = {
            **answer,
            **dict(zip(labels, answer.get("probabilities", ()), strict=False)),
            "box": " ".join(map(str, answer.get("box", ()))),
            **{name: ", ".join(answer.get(name, ())) for name in (UNKNOWN, OUTSIDE)},
            "error": f"{error['code']}: {error.get('detail', '')}" if error else "",
            **{named[key]: value for key, value in answer.get(KEYS, {}).items() if key in named},
        }
        writer.writerow([escape_formula(cells.get(name, "")) for name in columns])
        if out.tell() > BLOCK_CHARS:
            yield _drain(out)
    yield _drain(out)


def escape_formula(value: Any) -> Any:
    """Return a cell that no spreadsheet takes for a formula: an apostrophe stands wherever text could begin one, but for a negative number.

    Source:  OWASP, CSV injection.
    """
    if not isinstance(value, str) or _NEGATIVE.fullmatch(value):
        return value
    return _FORMULA.sub(r"\1'", value)


def _drain(out: io.StringIO) -> bytes:
    content = out.getvalue().encode("utf-8", "replace")
    out.seek(0)
    out.truncate()
    return content
