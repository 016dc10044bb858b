"""What a report calls the instances that a model was measured on: only of those that it never saw may it say so."""

from dataclasses import dataclass

from recipes.recipe import Recipe


@dataclass(frozen=True, slots=True)
class Measured:
    """The split that a report is of.

    Args:    name: before rows or images: test rows.
             claim: what is true of them, after "rows" or "images".
             warning: a sentence that the figures need.
    """

    name: str
    claim: str
    warning: str = ""


TEST = Measured("test", ", which it was not fitted on,")
VALIDATION = Measured("validation", ", which candidates are chosen on,")
FITTED = Measured(
    "fitted", " that it was fitted on", " None are kept to measure on, so this says how well it fits them, and nothing of other rows."
)


def find_measured(recipe: Recipe, split: Measured) -> Measured:
    """Return what a split is of this recipe's models."""
    return FITTED if recipe.is_measured_on_its_own_rows else split
