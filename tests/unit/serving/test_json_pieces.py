import json
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from serving.bodies import json_pieces
from serving.bodies.json_pieces import load_instances

MANY = [[[number % 10, number % 7], [number % 256, 1]] for number in range(300)]
SPACED, DENSE = (", ", ": "), (",", ":")


@pytest.fixture
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_pieces, "PIECE_BYTES", 40)


@pytest.mark.usefixtures("small_pieces")
@pytest.mark.parametrize("separators", [SPACED, DENSE])
@pytest.mark.parametrize(
    "instances",
    [MANY, [[*first, *second] for first, second in MANY], [[0.5, -1e9]] * 99, [[]] * 50, [[1], 2, ["],[", {"a": [[3], [4]]}]] * 9],
)
def test_is_the_list_that_a_parser_of_the_whole_gives(instances: list[Any], separators: tuple[str, str]) -> None:
    assert load_instances(json.dumps({"instances": instances}, separators=separators).encode(), 2) in (instances, None)


@pytest.mark.usefixtures("small_pieces")
@pytest.mark.parametrize("separators", [SPACED, DENSE])
def test_parses_no_more_at_once_than_a_piece_and_an_instance(separators: tuple[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    sizes, loads = [], orjson.loads
    monkeypatch.setattr(json_pieces.orjson, "loads", lambda text: sizes.append(len(text)) or loads(text))
    assert load_instances(json.dumps({"instances": MANY}, separators=separators).encode(), 2) == MANY
    assert len(sizes) > 50
    assert max(sizes) < 100


PARTS = ["[", "]", "],[", "], [", "]],[[", ",", " ", "1", '"', '"],["', "{", "}", "null", "true", "[1,2]", "[[1],[2]]", "e", "0"]


@pytest.mark.parametrize("piece", [2, 8])
@given(st.lists(st.sampled_from(PARTS), max_size=40).map("".join), st.integers(1, 3))
def test_takes_nothing_that_is_not_the_whole(piece: int, inside: str, deepest: int) -> None:
    body = b'{"instances":[' + inside.encode() + b"]}"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_pieces, "PIECE_BYTES", piece)
        found = load_instances(body, deepest)
    if found is not None:
        assert orjson.loads(body) == {"instances": found}


@pytest.mark.usefixtures("small_pieces")
def test_leaves_to_the_whole_what_may_be_cut_wrongly() -> None:
    assert load_instances(json.dumps({"instances": MANY, "more": 1}).encode(), 2) is None
    assert load_instances(json.dumps({"signature": "x", "instances": MANY}).encode(), 2) is None
    assert load_instances(json.dumps({"instances": [{"b64": ""}] * 30}).encode(), 2) is None
