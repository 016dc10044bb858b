"""Lists in lists: one instance or several, with or without axes of one."""

from typing import Any

from recipes.recipe import Recipe

DEEPEST = 8


def measure(value: Any) -> tuple[int, ...]:
    """Return the shape of nested lists, by the first of each."""
    shape: list[int] = []
    while isinstance(value, list) and len(shape) < DEEPEST:
        shape.append(len(value))
        value = value[0] if value else None
    return tuple(shape)


def count_instances(shape: tuple[int, ...], recipe: Recipe) -> int | None:
    """Return how many instances an array of a shape holds, or None if it holds none of the recipe's.

    An instance may be flat, and axes of one, like a single channel's, may stand anywhere. One number an instance needs no axis of its own.
    """
    if not all(shape):
        return 0
    long = tuple(length for length in shape if length != 1)
    wanted = tuple(length for length in recipe.instance_shape if length != 1)
    flat = (recipe.instance_size,) if recipe.instance_size > 1 else ()
    if long in {wanted, flat}:
        return 1
    if long[1:] in {wanted, flat}:
        return long[0]
    return None


def flatten(value: Any, lengths: tuple[int, ...]) -> list[Any] | None:
    """Return the values of nested lists, in order; None if they do not have these lengths everywhere."""
    level = [value]
    for length in lengths:
        if not all(isinstance(each, list) and len(each) == length for each in level):
            return None
        level = [inner for each in level for inner in each]
    return level
