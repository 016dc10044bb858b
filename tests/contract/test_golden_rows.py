"""The rows that a recipe of a table keeps: both doors read each as the instance beside it, by name, in JSON and in CSV of any order."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import recipes
from functions.shared.reading.requests import read_csv, read_json
from recipes.recipe import list_names, load

KEPT = {name: path for name in list_names() if (path := Path(recipes.__path__[0], name, "golden/rows.json")).exists()}


@pytest.fixture(params=KEPT)
def golden(request: pytest.FixtureRequest) -> tuple[Any, list[dict[str, Any]], bytes]:
    cases = json.loads(KEPT[request.param].read_text())
    rows = [case["row"] for case in cases]
    return load(request.param), rows, np.array([case["instance"] for case in cases], np.float32).tobytes()


def test_json_by_name_is_read_as_it_is_kept(golden: tuple[Any, list[dict[str, Any]], bytes]) -> None:
    recipe, rows, instances = golden
    for turned in (rows, [dict(reversed(row.items())) for row in rows]):
        assert read_json(json.dumps({"instances": turned}).encode(), recipe).instances == instances


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_csv_of_any_order_is_read_as_it_is_kept(golden: tuple[Any, list[dict[str, Any]], bytes], delimiter: str) -> None:
    recipe, rows, instances = golden
    for names in (list(rows[0]), list(rows[0])[::-1]):
        text = io.StringIO()
        writer = csv.DictWriter(text, names, delimiter=delimiter)
        writer.writeheader()
        writer.writerows(rows)
        assert read_csv(text.getvalue().encode(), recipe).instances == instances
