"""Which type of an answer an Accept header prefers."""

import pytest

from functions.shared.http.accept import prefers


@pytest.mark.parametrize(
    ("accept", "is_csv"),
    [
        ("text/csv", True),
        ("TEXT/CSV; charset=utf-8; header=present", True),
        ("text/*", True),
        ("text/csv, */*;q=0.1", True),
        ("text/csv, */*", True),  # named more exactly
        ("application/json;q=0.5, text/csv", True),
        ("application/*;q=0.9,text/csv;q=0.95", True),
        ("text/csv;q=0.001", True),
        ("text/csv;q=x", True),
        ("", False),
        ("*/*", False),
        ("text/html, application/xhtml+xml, */*;q=0.8", False),
        ("application/json, text/csv", False),
        ("text/csv;q=0.5, application/json", False),
        ("text/csv;q=0.5, */*", False),
        ("text/csv;q=0", False),
        ("text/csv; Q=0.0, text/*", False),  # the most exact range counts
        ("text/html", False),
        (",;q=,/,text", False),
    ],
)
def test_prefers_what_has_the_higher_quality(accept: str, is_csv: bool) -> None:
    assert prefers(accept, "text/csv", "application/json") is is_csv
