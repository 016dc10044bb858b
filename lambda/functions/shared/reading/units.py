"""Names that tell a number's unit, where that is not the unit of its column."""

import re
from collections.abc import Iterable

from recipes.errors import Malformed
from recipes.recipe import Recipe

FIELDS = frozenset({"unit", "units", "uom"})  # beside a number
WORDS = frozenset(
    {
        *("seconds", "minutes", "hours", "days", "weeks", "months", "years"),
        *("mm", "cm", "km", "metres", "meters", "kilometres", "kilometers", "inches", "feet", "yards", "miles", "acres", "hectares"),
        *("grams", "kg", "kilograms", "ounces", "pounds", "usd", "eur", "gbp", "dollars", "euros"),
    }
)


def refuse_other_unit(names: Iterable[str], called: str, recipe: Recipe) -> None:
    """Refuse a table's number whose unit is told by a name: of {"experience": {"months": 60}}, or {"value": 60, "unit": "months"}.

    Args:    names: the number's own, or those beside it.
             called: what holds it, as it is shown.
    Raises:  Malformed: a name tells a unit that no column has.
    """
    if not recipe.features:
        return
    own = {word for feature in recipe.features for word in _split(f"{feature.name} {getattr(feature, 'unit', '')}")}
    for name in names:
        if name.lower() in FIELDS or any({word, f"{word}s"} & WORDS - own for word in _split(name)):
            raise Malformed(
                f"{called} has a {ascii(name)[:40]}: a number is read in the unit of its column, and in no other",
                advice="Bring it to that unit, and send the number alone.",
            )


def _split(name: str) -> list[str]:
    return re.findall(r"[a-z]+", name.lower())
