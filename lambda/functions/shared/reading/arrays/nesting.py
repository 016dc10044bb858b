"""Lists in lists: one instance or several, with or without axes of one."""

from math import isqrt, prod
from typing import Any

from recipes.recipe import Recipe

DEEPEST = 8
LEAST_SQUARE = 64  # values of the smallest picture that people send in a line
CHANNELS = (2, 3, 4)  # of a pixel: grey and alpha, colours, colours and alpha
COLOURED = 3  # axes of an instance: rows, columns, channels
OTHER_SIZE = "Pictures of another size are sent as they are, as PNG or JPEG: they are brought to it."
LABELLED = "If one of the values of each row is its label, leave it out: x[..., 1:] of a first, x[..., :-1] of a last one."


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
    A column of a table's values may be as many rows of one, and what stands behind a batch of one may be channels of colour.
    """
    if not all(shape):
        return 0
    if recipe.instance_size == 1 and shape[:1] == (1,) != shape:
        return 1 if prod(shape) == 1 else None  # one row of several numbers, of which an instance has one
    long = tuple(length for length in shape if length != 1)
    wanted = tuple(length for length in recipe.instance_shape if length != 1)
    flat = (recipe.instance_size,) if recipe.instance_size > 1 else ()
    is_column = bool(recipe.features) and shape == (recipe.instance_size, 1) != (1, 1)
    is_coloured = shape[:1] == (1,) and len(wanted) == 2 and long[1:] == wanted and long[0] in CHANNELS
    if is_column or is_coloured:
        return None
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


def advise_shape(shape: tuple[int, ...], recipe: Recipe) -> str:
    """Return what to do with an array of another shape than instances have, where that is plain."""
    wanted, size = recipe.instance_shape, recipe.instance_size
    if len(wanted) != 2 or not shape:
        return _advise_colours(shape, wanted) if len(wanted) == COLOURED else _advise_numbers(shape, recipe)
    if advice := _advise_channels(shape, wanted, size):
        return advice
    if len(shape) == 3 and shape[:2] == wanted:
        return "Its last axis counts the instances: numpy.moveaxis(x, -1, 0)."
    if len(shape) == 2 and shape[0] == size:
        return "Its columns are the instances: x.T."
    if (len(shape) == 1 or shape[1:] == wanted[1:]) and all(shape) and prod(shape) % size == 0:
        return f"If its instances follow each other: x.reshape(-1, {size})."
    return _advise_others(shape, wanted, size)


def _advise_others(shape: tuple[int, ...], wanted: tuple[int, ...], size: int) -> str:
    if _is_picture(shape) and wanted != shape[-2:]:
        return OTHER_SIZE
    may_be_picture = shape[-1] >= LEAST_SQUARE and isqrt(shape[-1]) ** 2 == shape[-1]  # in a line, as scikit-learn's of 8 × 8
    return f"Send the values of pictures, {size:,} of each: not their labels, nor features of them.{f' {OTHER_SIZE}' * may_be_picture}"


def _is_picture(shape: tuple[int, ...]) -> bool:
    """Tell pictures of any size, with channels or axes of one or without them."""
    sides = tuple(length for length in shape if length not in {1, *CHANNELS})
    return len(sides) in {2, 3} and all(length > CHANNELS[-1] for length in sides[-2:])


def _advise_numbers(shape: tuple[int, ...], recipe: Recipe) -> str:
    size = recipe.instance_size
    if size == 1:
        column = "If one of its columns is the values, as the first: x[:, :1]. " if len(shape) == 2 and shape[0] > 1 else ""
        if len(shape) == 1 and recipe.features:  # a row of JSON
            column = f'If one of them is a value, name it: {{"{recipe.features[0].name}": 1.5}}. '
        return f"{column}If each value is an instance: x.reshape(-1, 1)."
    if shape[-1:] == (size + 1,):
        return LABELLED
    return "If it is one instance: x.reshape(1, -1)." if shape == (size, 1) else ""


def _advise_colours(shape: tuple[int, ...], wanted: tuple[int, ...]) -> str:
    """Return what to do with an array that is to be pictures of rows, columns and channels, and has them in another way."""
    rows, columns, channels = wanted
    if shape[-3:] == (channels, rows, columns):
        return "Its channels come first: numpy.moveaxis(x, -3, -1)."
    if shape[-2:] == (rows, columns):
        return f"It has no channels: numpy.stack([x] * {channels}, axis=-1)."
    if shape[-3:-1] == (rows, columns) and shape[-1] > channels:
        return f"It has {shape[-1]} channels; of alpha the last can be left out: x[..., :{channels}]."
    is_picture = len(shape) in {3, 4} and (shape[-1] in CHANNELS or shape[-3] in CHANNELS)
    return OTHER_SIZE if is_picture else ""


def _advise_channels(shape: tuple[int, ...], wanted: tuple[int, ...], size: int) -> str:
    if shape[-2:] == wanted and len(shape) > 2 and shape[-3] in CHANNELS:
        several = 'Several pictures are sent as {"instances": […]}. ' if len(shape) == COLOURED else ""
        return f'{several}It has channels of colour: x[..., :3, :, :].mean(axis=-3).round().astype("uint8").'
    if shape[-3:-1] == wanted and shape[-1] in CHANNELS:
        return 'It has channels of colour: x[..., :3].mean(axis=-1).round().astype("uint8").'
    if len(shape) == 2 and shape[1] in CHANNELS:
        return _advise_pixels(shape, wanted, size)
    if shape[-1] == size + 1:
        return LABELLED
    if shape[-1] in {size * channels for channels in CHANNELS}:
        count = shape[-1] // size
        pixels = f"It has {count} values a pixel, as a canvas has: send one of them, or the picture itself as PNG."
        return f"{pixels} If {count} instances follow each other: x.reshape(-1, {size})."
    return ""


def _advise_pixels(shape: tuple[int, ...], wanted: tuple[int, ...], size: int) -> str:
    """Return what to do with rows of as many values as a pixel may have."""
    if shape[0] == size:
        pixels = f'If each pixel has {shape[1]} values: x[..., :3].mean(axis=-1).round().astype("uint8").'
        return f"{pixels} If its columns are the instances: x.T."
    if shape[0] == wanted[0]:  # one of the lines of what was to be a list of pictures
        colours = 'If all is one picture in colour: x[..., :3].mean(axis=-1).round().astype("uint8").'
        return f"{colours} If its last axis counts the pictures: numpy.moveaxis(x, -1, 0)."
    return ""
