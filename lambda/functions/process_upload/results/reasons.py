"""Why rows have no answer, counted by the code of the reason: a batch of a million rows that failed alike is told in one line."""

from typing import Any

from functions.process_upload.lines import Failure
from recipes.errors import InvalidInput

KINDS: tuple[type[InvalidInput], ...] = (InvalidInput, *InvalidInput.__subclasses__())
TITLES = {kind.code: kind.title for kind in KINDS}


class Reasons:
    """Counts the failures of rows."""

    def __init__(self) -> None:
        self._counts: dict[str, int] = {}
        self._firsts: dict[str, tuple[int, Failure]] = {}

    def add(self, row: int, failure: Failure) -> None:
        """Count the failure of a row."""
        self._counts[failure.code] = self._counts.get(failure.code, 0) + 1
        self._firsts.setdefault(failure.code, (row, failure))

    def to_json(self) -> list[dict[str, Any]]:
        """Return each reason with how often it is one and the first row that it is of; the commonest first."""
        codes = sorted(self._counts, key=lambda code: -self._counts[code])
        return [
            {"code": code, "count": self._counts[code], "row": self._firsts[code][0], **_describe(self._firsts[code][1])} for code in codes
        ]

    def explain(self, rows: int) -> Failure:
        """Return why an upload of so many rows, all of which failed, has failed: its commonest reason."""
        first = self.to_json()[0]
        detail = first["detail"]
        if rows > 1:
            others = (
                f", {len(self._counts) - 1} other reasons"
                if len(self._counts) > 2
                else ", one other reason"
                if len(self._counts) > 1
                else ""
            )
            detail = (
                f"none of the {rows:,} rows could be read ({first['code']} ×{first['count']:,}{others}); row {first['row']:,}: {detail}"
            )
        return Failure(first["code"], TITLES.get(first["code"], "Upload not answered"), detail, first.get("advice", ""))


def _describe(failure: Failure) -> dict[str, str]:
    return {name: text for name, text in failure.to_json().items() if name != "code"}
