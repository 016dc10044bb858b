"""One JSON line for a request, and one for an unexpected error."""

import json

import pytest

from functions.shared.http.request_log import RequestLog
from functions.shared.logs import LONGEST_TRACEBACK, write_error


def test_writes_one_line_with_all_facts(capsys: pytest.CaptureFixture[str]) -> None:
    log = RequestLog(request_id="id-1", path="/model")
    log.add(instances=3)
    log.write(200)
    (line,) = capsys.readouterr().out.splitlines()
    facts = json.loads(line)
    assert facts.pop("duration_ms") >= 0
    assert facts == {"level": "INFO", "status": 200, "request_id": "id-1", "path": "/model", "instances": 3}


@pytest.mark.parametrize(("status", "level"), [(200, "INFO"), (422, "INFO"), (500, "ERROR"), (503, "ERROR")])
def test_writes_an_error_for_what_is_not_the_callers_fault(capsys: pytest.CaptureFixture[str], status: int, level: str) -> None:
    RequestLog().write(status)
    assert json.loads(capsys.readouterr().out)["level"] == level


def test_writes_a_traceback_on_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    try:
        1 / 0  # noqa: B018 - for its traceback
    except ZeroDivisionError as error:
        write_error(error, request_id="id-1")
    (line,) = capsys.readouterr().out.splitlines()
    facts = json.loads(line)
    assert (facts["error"], facts["request_id"]) == ("ZeroDivisionError", "id-1")
    assert "test_logs.py" in facts["traceback"]


def test_bounds_a_traceback_whose_error_quotes_what_it_was_given(capsys: pytest.CaptureFixture[str]) -> None:
    try:
        float("x" * 1_000_000)
    except ValueError as error:
        write_error(error)
    (line,) = capsys.readouterr().out.splitlines()
    assert len(line) < LONGEST_TRACEBACK + 200
    assert "test_logs.py" in json.loads(line)["traceback"]
