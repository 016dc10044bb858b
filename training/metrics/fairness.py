"""How a classifier of people treats groups of them: what it says of each, beside what was so, with the intervals that so few rows allow.

Sources: Wilson, 1927 (the interval of a share); Hardt, Price and Srebro, Equality of Opportunity in Supervised Learning, 2016 (both rates).
"""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from recipes.dataset import Split
from recipes.recipe import Recipe
from training.reports.page import Table

DEVIATIONS = 1.96  # of the normal distribution, on either side of 95 %
LEAST_ROWS = 10  # of a group of which rates are told
Bools = npt.NDArray[np.bool_]


def compare_groups(recipe: Recipe, test: Split, predicted: npt.NDArray[np.int64]) -> dict[str, list[dict[str, Any]]]:
    """Return by column of `recipe.groups`, for each of its values: rows, and the shares that are and are called the last class.

    Args:    predicted: the place of the label that each row was given.
    Returns: true_positive_rate: of the rows that are of the last class the share that is called so; false_positive_rate: of the others.
             Each rate is [share, low, high], or None where there are no such rows. Groups of fewer than LEAST_ROWS rows are left out.
    """
    is_last, is_called = test.targets == len(recipe.labels) - 1, predicted == len(recipe.labels) - 1
    found: dict[str, list[dict[str, Any]]] = {}
    for place, column in enumerate(recipe.features):
        if column.name not in recipe.groups or column not in recipe.categories:
            continue
        groups = [(value or "not stated", test.inputs[:, place] == code) for code, value in enumerate(column.values)]
        found[column.name] = [
            {
                "group": name,
                "rows": int(inside.sum()),
                "actual": measure_share(is_last[inside]),
                "predicted": measure_share(is_called[inside]),
                "true_positive_rate": measure_share(is_called[inside & is_last]),
                "false_positive_rate": measure_share(is_called[inside & ~is_last]),
            }
            for name, inside in groups
            if inside.sum() >= LEAST_ROWS
        ]
    return found


def measure_share(which: Bools) -> list[float] | None:
    """Return the share that is true, and the least and the most that it may be; None of nothing."""
    count = len(which)
    if not count:
        return None
    share = float(which.mean())
    scale = 1 + DEVIATIONS**2 / count
    centre = (share + DEVIATIONS**2 / (2 * count)) / scale
    reach = DEVIATIONS * math.sqrt(share * (1 - share) / count + DEVIATIONS**2 / (4 * count**2)) / scale
    return [round(share, 4), round(max(0.0, centre - reach), 4), round(min(1.0, centre + reach), 4)]


def describe_groups(groups: dict[str, list[dict[str, Any]]], label: object) -> list[Table]:
    """Return a table for each column, as the report shows it."""
    columns = ("group", "rows", f"was {label}", f"called {label}", f"of {label}: called so", f"of the others: called {label}")
    rates = ("actual", "predicted", "true_positive_rate", "false_positive_rate")
    return [
        Table(f"By {name}", columns, [(each["group"], f"{each['rows']:,}", *(_format(each[rate]) for rate in rates)) for each in rows])
        for name, rows in groups.items()
    ]


def _format(share: Sequence[float] | None) -> str:
    return "no rows" if share is None else f"{share[0]:.0%} ({share[1]:.0%} to {share[2]:.0%})"
