"""What the API's contract says where several recipes answer: what each takes, in one list, instead of what a digit is."""

import json
from collections.abc import Sequence

from deployment.contract_changes import Change, apply_changes, write_flat, write_nested
from recipes.columns import describe
from recipes.instances import format_shape
from recipes.recipe import Recipe


def describe_several(text: str, recipes: Sequence[Recipe]) -> str:
    """Return the contract of several recipes, the default first, from docs/openapi.yaml.

    Raises:  ValueError: a part is not there once: the contract was rewritten.
    """
    pictures = [recipe for recipe in recipes if recipe.takes_pictures]
    names = ", ".join(f"`{recipe.name}`" for recipe in recipes)
    told = [
        f"`POST /predictions` asks `{recipes[0].name}`, `POST /models/{{recipe}}/predictions` any of {names}. An instance is",
        *(f"- of `{recipe.name}`: {_describe_instance(recipe)}" for recipe in recipes),
        "",
    ]
    shapes = [f"of {one.name} [N, {format_shape(one.instance_shape)}] or [N, {one.instance_size}]" for one in pictures]
    rows = [write_nested(one.instance_shape, f"Rows of {one.name}") for one in pictures]
    values = [write_flat(one.instance_size, f"Values of {one.name}") for one in pictures]
    each = " ".join(f"{recipe.name}: {_describe_instance(recipe)}" for recipe in recipes)
    known = json.dumps([recipe.name for recipe in recipes])
    seen = 'description: "What the model saw, row by row; with include=pixels.'
    labels = 'Label: { type: [integer, string], description: "One of the labels that `GET /models/{recipe}` lists.'
    summary = "  summary: Pictures or rows of a table in, answers out, by one of several models."
    lines = 'description: "The values or columns that the recipe takes;'
    arrays = f"Or an npy array, {', '.join(shapes) or '[N, columns]'}"
    description = f"description: {json.dumps(f'What the recipe that is asked takes. {each}')}"
    parameter = '    Recipe: { name: recipe, in: path, required: true, description: "One that'
    return apply_changes(
        text,
        [
            Change("  summary: A picture of a digit in", "\n", summary),
            Change("        A picture is one instance: any PNG", "        A recipe of numbers", _write_lines("        ", told)),
            Change('description: "784 values a line, or a number', " an instance a line", lines),
            Change("Or an npy array, [N, 28, 28]", ", with axes of one", arrays),
            Change("description: 28 rows of 28", "\n      anyOf", description),
            Change("        - { title: Rows, ", "        - { title: Values, ", _write_lines("        - ", rows)),
            Change("        - { title: Values, ", "        - $ref", _write_lines("        - ", values)),
            Change('description: "What the model saw, row by row, 784', '" }', seen),
            Change("Label: { type: [integer, string], description:", '" }', labels),
            Change(parameter, "\n", _write_parameter(known)),
        ],
    )


def _write_lines(start: str, lines: Sequence[str]) -> str:
    return "".join(f"{start}{line}\n" for line in lines)


def _describe_instance(recipe: Recipe) -> str:
    if not recipe.takes_pictures:
        return f"a row of {', '.join(describe(column) for column in recipe.features)}."
    form = f"a picture of any size, brought to [{format_shape(recipe.instance_shape)}] first, or these values from 0 to 255"
    if recipe.is_drawn:
        return (
            f"{form}, ink bright on black. Values from 0 to 1 or -1 to 1, and dark on bright, are brought to that form, and `notes` say so."
        )
    return f"{form}. Values from 0 to 1 are multiplied by 255, and `notes` say so."


def _write_parameter(names: str) -> str:
    return f"    Recipe: {{ name: recipe, in: path, required: true, description: One of this deployment's., schema: {{ enum: {names} }} }}"
