"""How many pictures of each row of the robustness table models read right: drawn by code, and brought to instances as users' are."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from functools import partial
from typing import Any

import numpy as np

from recipes.dataset import Split
from recipes.recipe import Recipe
from training.artifact import OnnxModel
from training.drawings import robustness

CHUNK, CHUNK_BYTES = 250, 8 << 20  # instances drawn by a process at a time
RowDone = Callable[[int, int, str], None]


def measure_robustness(
    pool: Executor,
    recipe: Recipe,
    models: Mapping[Any, OnnxModel],
    test: Split,
    *,
    rows: Sequence[str] | None = None,
    progress: RowDone = lambda *_: None,
) -> dict[Any, dict[str, float]]:
    """Return each model's accuracy on each row's pictures, through the recipe's transform; a picture it refuses counts as wrong.

    Args:    pool: what draws the pictures.
             rows: which; by default all that the recipe has.
    """
    rows = tuple(robustness.find_rows(recipe)) if rows is None else rows
    tables: dict[Any, dict[str, float]] = {key: {} for key in models}
    splits = {row: robustness.select(row, test) for row in rows}
    # All rows are submitted at once, so that the next row's pictures are drawn while the models predict this one's.
    instances_by_row = {row: pool.map(partial(robustness.draw_instances, recipe.name, row), *_cut(splits[row])) for row in rows}
    for done, row in enumerate(rows, start=1):
        instances, refused = (np.concatenate(parts) for parts in zip(*instances_by_row.pop(row), strict=True))
        for key, model in models.items():
            correct = (model.predict(instances).argmax(1) == splits[row].targets) & ~refused
            tables[key][row] = round(float(correct.mean()), 5)
        best = max(table[row] for table in tables.values())
        progress(done, len(rows), f"{row} {best:.2%}")
    return tables


def _cut(split: Split) -> tuple[list[Split], list[int]]:
    """Return a split in parts, and where each begins."""
    chunk = max(1, min(CHUNK, CHUNK_BYTES // max(1, split.inputs[:1].nbytes)))
    firsts = list(range(0, len(split), chunk))
    return [Split(split.inputs[at : at + chunk], split.targets[at : at + chunk]) for at in firsts], firsts
