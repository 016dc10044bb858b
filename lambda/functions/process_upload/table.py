"""predictions.csv: a job's lines for spreadsheets."""

import csv
import io
from collections.abc import Iterable, Iterator
from typing import Any

from functions.process_upload.lines import Line
from recipes.recipe import Kind

COLUMNS: dict[Kind, tuple[str, ...]] = {
    "classification": ("row", "name", "id", "label", "probability", "model", "box", "error"),
    "regression": ("row", "name", "id", "value", "model", "error"),
}
CONTENT_TYPE = "text/csv; charset=utf-8"
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
BLOCK_CHARS = 1 << 16


def format_csv(lines: Iterable[Line], kind: Kind) -> Iterator[bytes]:
    """Give lines as CSV with a header, in blocks. No cell can become a formula."""
    columns = COLUMNS[kind]
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(columns)
    for line in lines:
        cells = {
            **line.to_json(),
            "box": " ".join(map(str, line.about.get("box", ()))),
            "error": f"{line.error.code}: {line.error.detail}" if line.error else "",
        }
        writer.writerow([escape_formula(cells.get(name, "")) for name in columns])
        if out.tell() > BLOCK_CHARS:
            yield _drain(out)
    yield _drain(out)


def escape_formula(value: Any) -> Any:
    """Return a cell that no spreadsheet takes for a formula: text that begins like one gets an apostrophe in front.

    Source:  OWASP, CSV injection. A space before the sign does not help: spreadsheets skip it.
    """
    return f"'{value}" if isinstance(value, str) and value.lstrip(" ").startswith(FORMULA_STARTS) else value


def _drain(out: io.StringIO) -> bytes:
    content = out.getvalue().encode("utf-8", "replace")
    out.seek(0)
    out.truncate()
    return content
