"""What the API's contract says of pictures that nobody draws: their own shape, and values that are what they are."""

from typing import NamedTuple

from recipes.instances import format_shape
from recipes.recipe import Recipe


class Change(NamedTuple):
    """A part of the contract, by how it begins and how it ends, and what stands there instead; the end stays."""

    start: str
    end: str
    text: str


def describe_photos(text: str, recipe: Recipe) -> str:
    """Return the contract of one recipe, from docs/openapi.yaml, with what is said of digits said of the recipe's photos.

    Raises:  ValueError: a part is not there once: the contract was rewritten.
    """
    for change in _list_changes(recipe):
        start = text.find(change.start)
        end = text.find(change.end, start + len(change.start))
        if text.count(change.start) != 1 or end < 0:
            raise ValueError(f"the contract holds {text.count(change.start)} times, not once: {change.start}")
        text = text[:start] + change.text + text[end:]
    return text


def _list_changes(recipe: Recipe) -> list[Change]:
    shape, size = format_shape(recipe.instance_shape), recipe.instance_size
    value = '{ $ref: "#/components/schemas/Value" }'
    nested = value
    for length in reversed(recipe.instance_shape):
        nested = f"{{ type: array, minItems: {length}, maxItems: {length}, items: {nested} }}"
    flat = f"{{ title: Values, type: array, minItems: {size}, maxItems: {size}, items: {value} }}"
    told = (
        f"A picture is one instance: any PNG, JPEG, WebP, GIF, BMP or TIFF, of any size; it is brought to [{shape}] first.",
        "JSON, CSV, npy and npz hold instances in that form already: whole numbers from 0 to 255, red, green and blue of each pixel.",
        "Values from 0 to 1 are multiplied by 255, and the answer's `notes` say so; those on another scale are refused.",
    )
    seen = f'description: "What the model saw, row by row, {size:,} values; with include=pixels.'
    return [
        Change("  summary: A picture of a digit in", "\n", "  summary: A photo in, what it shows out."),
        Change("        A picture is one instance: any PNG", "        A recipe of numbers", "".join(f"        {line}\n" for line in told)),
        Change("        - &digits\n", "        - &variant\n", ""),
        Change('description: "784 values a line, or a number', " an instance a line", f'description: "{size:,} values a line;'),
        Change("Or an npy array, [N, 28, 28]", ", with axes of one", f"Or an npy array, [N, {shape}], [{shape}], [N, {size}] or [{size}]"),
        Change("description: 28 rows of 28", "\n      anyOf", f"description: Of the shape [{shape}], or all {size:,} values in one list."),
        Change("        - { title: Rows, ", "\n", f"        - {nested.replace('{ ', '{ title: Rows, ', 1)}"),
        Change("        - { title: Values, ", "\n", f"        - {flat}"),
        Change('description: "What the model saw, row by row, 784', '" }', seen),
    ]
