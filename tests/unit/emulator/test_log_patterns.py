"""Which lines of a log a filter pattern matches, as AWS documents it."""

import pytest

from emulator.log_patterns import InvalidPattern, compile_pattern

ERROR = '{"level": "ERROR", "status": 502, "about": {"route": "POST /predictions"}}'
INFO = '{"level": "INFO", "status": 200, "detail": "no ERROR"}'
LAMBDAS = "2026-11-30T17:00:00Z 8c1e Task timed out after 29.00 seconds"


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("", {ERROR, INFO, LAMBDAS}),
        ("ERROR", {ERROR, INFO}),
        ("error", set()),
        ("ERROR INFO", {INFO}),
        ("ERROR -INFO", {ERROR}),
        ('"Task timed out"', {LAMBDAS}),
        ('"timed Task"', set()),
        ('?status ?"timed out"', {ERROR, INFO, LAMBDAS}),
        (r'"\"level\": \"ERROR\""', {ERROR}),
        ('{ $.level = "ERROR" }', {ERROR}),
        ("{$.level=ERROR}", {ERROR}),
        ('{ $.level != "ERROR" }', {INFO}),
        ('{ $.level = "*R*" && $.status >= 500 }', {ERROR}),
        ("{ $.status < 500 || $.status > 501 }", {ERROR, INFO}),
        ('{ $.level = "INFO" || ($.status > 500 && $.about.route = "GET *") }', {INFO}),
        ('{ $.about.route = "POST /*" }', {ERROR}),
        ('{ $.nowhere = "*" }', set()),
    ],
)
def test_matches(pattern: str, found: set[str]) -> None:
    matches = compile_pattern(pattern)
    assert {line for line in (ERROR, INFO, LAMBDAS) if matches(line)} == found


@pytest.mark.parametrize(
    "pattern",
    [
        "a-b",
        '"open',
        "ERROR ?INFO",
        "%regex%",
        "[ip, user]",
        "{ $.level }",
        '{ level = "ERROR" }',
        "{ $.a > b }",
        "{ $.a = 1",
        "{ ($.a = 1 }",
    ],
)
def test_refuses_what_is_no_pattern_or_no_part_of_it(pattern: str) -> None:
    with pytest.raises(InvalidPattern):
        compile_pattern(pattern)


def test_takes_a_line_that_is_nested_without_an_end_for_no_object() -> None:
    assert not compile_pattern('{ $.level = "ERROR" }')('{"level":' + "[" * 200_000)
