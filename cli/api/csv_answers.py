"""Predictions of files as one table of CSV."""

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from cli.http.client import CallFailed
from functions.shared.answer_table import escape_formula
from recipes.media_types import CSV, read_media_type

if TYPE_CHECKING:
    import httpx

FILE, ERROR = "file", "error"
Row = dict[str, str]


def read_rows(file: Path, response: "httpx.Response") -> list[Row]:
    """Return the lines of an API's answer about a file, by the names of its columns; raise CallFailed where it is no CSV.

    The codes of the answer's notes, where there are any, stand in each of its lines.
    """
    content_type = read_media_type(response.headers.get("content-type", ""))
    if content_type != CSV:
        detail = f"{response.url.copy_with(query=None)} answers {content_type or 'no type'}; expected {CSV}"
        raise CallFailed("No CSV", detail, advice="deploy the stage again: it is older than this command, or ask with --json")
    notes = {"notes": str(escape_formula(codes))} if (codes := response.headers.get("x-notes")) else {}
    table = csv.DictReader(io.StringIO(response.text, newline=""), restkey="", restval="")
    try:
        return [{FILE: name_file(file), **{name: cell for name, cell in row.items() if name}, **notes} for row in table]
    except csv.Error as error:
        raise CallFailed("No CSV", f"the answer cannot be read: {error}", advice="look whether --url names a stage's API") from error


def describe_problem(file: Path, problem: Mapping[str, str]) -> Row:
    """Return the line of a file with what is wrong."""
    return {FILE: name_file(file), ERROR: str(escape_formula(f"{problem['title']}: {problem['detail']}"))}


def name_file(file: Path) -> str:
    """Return a file's name as a cell that cannot become a formula."""
    return str(escape_formula(str(file)))


def join_rows(rows: Sequence[Row]) -> str:
    """Return the lines of all files under the columns that any of them has."""
    columns = dict.fromkeys(name for row in rows for name in row)
    out = io.StringIO()
    table = csv.DictWriter(out, list(columns), restval="", lineterminator="\n")
    table.writeheader()
    table.writerows(rows)
    return out.getvalue()
