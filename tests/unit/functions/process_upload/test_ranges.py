"""What the function knows of the numbers that its model was trained on."""

import json
from array import array
from typing import Any

import pytest

from functions.process_upload.lines import Line
from functions.process_upload.predicting.ranges import ANY, Ranges, mark_outside
from functions.shared.endpoint.interface import EndpointResponse
from recipes.errors import EndpointBusy
from recipes.recipe import load

FEATURES = [{"name": "area", "range": [1, 2]}, {"name": "kind", "values": ["a"]}, {"name": "rooms", "range": [1, 9]}]
SALARY = load("salary")


class Endpoint:
    """Answers with the manifest of a version; fails while it is to."""

    def __init__(self, version: str = "1") -> None:
        self.version, self.asked, self.is_busy = version, 0, False

    def invoke(self, body: bytes, **request: Any) -> EndpointResponse:
        self.asked += 1
        if self.is_busy:
            raise EndpointBusy("busy")
        return EndpointResponse(json.dumps({"version": self.version, "input": {"features": FEATURES}}).encode(), "main")


def test_asks_once_for_a_version() -> None:
    ranges = Ranges(endpoint := Endpoint(), SALARY)
    assert [ranges.find("1"), ranges.find("1"), endpoint.asked] == [FEATURES, FEATURES, 1]
    endpoint.version = "2"
    assert [ranges.find("2"), ranges.find("1"), endpoint.asked] == [FEATURES, FEATURES, 2]


def test_says_nothing_of_a_version_that_another_answers_for() -> None:
    """Two serve side by side during a rollout."""
    ranges = Ranges(endpoint := Endpoint("2"), SALARY)
    assert [ranges.find("1"), ranges.find("1"), endpoint.asked] == [(), (), 1]
    assert ranges.find(ANY) == FEATURES


def test_asks_again_after_a_failure_and_never_for_pictures() -> None:
    ranges = Ranges(endpoint := Endpoint(), SALARY)
    endpoint.is_busy = True
    assert ranges.find("1") == ()
    endpoint.is_busy = False
    assert ranges.find("1") == FEATURES
    assert (Ranges(Endpoint(), load("digits")).find("1"), endpoint.asked) == ((), 2)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([(1, 0, 9)], [None]),
        ([(0.5, 7, 3), (1.5, 7, 3), (3, 7, 10)], [["area"], None, ["area", "rooms"]]),
        ([], []),
    ],
)
def test_marks_the_lines_that_lie_outside(rows: list[tuple[float, ...]], expected: list[list[str] | None]) -> None:
    lines = [Line(number, {"id": "A"}) for number in range(len(rows))]
    marked = mark_outside(lines, [array("f", row).tobytes() for row in rows], FEATURES)
    assert [line.about.get("outside_range") for line in marked] == expected
    assert [Line.from_json(line.to_json()).about for line in marked] == [line.about for line in marked]
