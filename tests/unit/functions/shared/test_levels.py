"""A line of levels: read at once, or not at all."""

import io
import json

from hypothesis import given
from hypothesis import strategies as st

from functions.process_upload.formats import open_rows
from functions.shared.reading.levels import pack_levels
from recipes.recipe import load

DIGITS = load("digits")
LEVELS = {str(level): level for level in range(256)}
CELLS = st.sampled_from(["0"] * 12 + ["5", "05", "00", "0.0", "z", "", "10", "100", "255", "256", " 0", "-0"])


@given(cells=st.lists(CELLS, min_size=1, max_size=40), mark=st.sampled_from([",", ", ", ";", "\t"]))
def test_are_packed_if_each_is_a_whole_number_as_it_is_written(cells: list[str], mark: str) -> None:
    line = mark.join(cells)
    known = [LEVELS.get(cell) for cell in line.split(mark)]
    assert pack_levels(line.encode(), mark.encode()) == (None if None in known else bytes(level for level in known if level is not None))


@given(st.binary(min_size=784, max_size=784).map(list), st.sampled_from([(",", ":"), (", ", ": "), (" , ", ": ")]))
def test_in_json_lines_are_read_as_in_a_document(levels: list[int], separators: tuple[str, str]) -> None:
    lines = "\n".join([json.dumps(levels, separators=separators)] * 2).encode()
    document = json.dumps({"instances": [levels] * 2}).encode()
    found = []
    for content in (lines, document):
        rows = open_rows(io.BytesIO(content), len(content), DIGITS)  # type: ignore[arg-type]  # as good as a RawIOBase
        found.append([(row.number, row.instance, row.error and row.error.code) for row in rows.rows])
    assert found[0] == found[1]
