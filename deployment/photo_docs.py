"""What the API's contract says of pictures that nobody draws: their own shape, and values that are what they are."""

from deployment.contract_changes import Change, apply_changes, write_flat, write_nested
from recipes.instances import format_shape
from recipes.recipe import Recipe


def describe_photos(text: str, recipe: Recipe) -> str:
    """Return the contract of one recipe, from docs/openapi.yaml, with what is said of digits said of the recipe's photos.

    Raises:  ValueError: a part is not there once: the contract was rewritten.
    """
    return apply_changes(text, _list_changes(recipe))


def _list_changes(recipe: Recipe) -> list[Change]:
    shape, size = format_shape(recipe.instance_shape), recipe.instance_size
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
        Change("        - { title: Rows, ", "\n", f"        - {write_nested(recipe.instance_shape, 'Rows')}"),
        Change("        - { title: Values, ", "\n", f"        - {write_flat(size, 'Values')}"),
        Change('description: "What the model saw, row by row, 784', '" }', seen),
    ]
