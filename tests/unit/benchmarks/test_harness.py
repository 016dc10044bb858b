"""What a record says of the run that made it."""

import json
from pathlib import Path

import pytest

from benchmarks.harness import describe_command, format_record, write_record

WITHOUT = ".venv/bin/python -m benchmarks.server.compare --rounds 7"


@pytest.mark.parametrize(
    "words",
    [
        ("--rounds", "7", "--record", "/any/folder/record.json"),
        ("--record", "any/record.json", "--rounds", "7"),
        ("--rounds", "7", "--record=/any/folder/record.json"),
        ("--rounds", "7"),
    ],
)
def test_a_command_is_recorded_without_where_its_record_goes(words: tuple[str, ...]) -> None:
    assert describe_command(("-m", "benchmarks.server.compare"), words) == WITHOUT


def test_a_record_goes_into_a_folder_that_is_made(tmp_path: Path) -> None:
    write_record(tmp_path / "not/yet/record.json", {"rounds": 7})
    assert json.loads((tmp_path / "not/yet/record.json").read_text()) == {"rounds": 7}


def test_writes_what_holds_nothing_but_figures_as_one_line() -> None:
    record = {"machine": {"cpu": "any", "cores": 2}, "runs": [[1, 2.5], {"p50": None}], "rounds": 1, "none": []}
    assert format_record(record) == (
        '{\n "machine": {"cpu": "any", "cores": 2},\n "runs": [\n  [1, 2.5],\n  {"p50": null}\n ],\n "rounds": 1,\n "none": []\n}'
    )
    assert json.loads(format_record(record)) == record


def test_writes_names_that_are_numbers_as_json_does() -> None:
    record = {"rows": {1000: {"peak_mb": 33}}}
    assert json.loads(format_record(record)) == json.loads(json.dumps(record))
