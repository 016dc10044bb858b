"""The recipes of a deployment, and what belongs to each, as a function's environment has them: names with commas, the first the default."""

from collections.abc import Mapping


def pair(recipes: str, values: str) -> Mapping[str, str]:
    """Return what belongs to each recipe, by its name, in their order.

    Args:    recipes: their names, or one.
             values: as many, in the same order.
    Raises:  ValueError: there are more of one than of the other.
    """
    return dict(zip(recipes.split(","), values.split(","), strict=True))


def name_if_several(recipe: str, recipes: str) -> str:
    """Return the recipe's name where a deployment has several recipes; empty where it has one."""
    return recipe if "," in recipes else ""
