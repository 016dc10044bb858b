"""The API's contract as a stage serves it: docs/openapi.yaml with its address and sign-in, and with what its recipes take and answer."""

import json
from collections.abc import Sequence
from typing import Any

import yaml

from deployment.paths import ROOT
from deployment.settings import Settings
from recipes.columns import Category, Column, describe
from recipes.instances import format_shape
from recipes.recipe import Recipe, load

Json = dict[str, Any]
CONTRACT = ROOT / "docs/openapi.yaml"
OF_SEVERAL = "x-several-recipes"  # marks an operation that a stage of one recipe does not have
SIGNATURE = {
    "description": "The request, signed with AWS Signature Version 4 for the service execute-api. It cannot be tried from here.",
    "type": "apiKey",
    "in": "header",
    "name": "Authorization",
}
SCHEMAS = "#/components/schemas"
VALUE = {"$ref": f"{SCHEMAS}/Value"}
ANSWERS = {"classification": {"$ref": f"{SCHEMAS}/Classification"}, "regression": {"$ref": f"{SCHEMAS}/Regression"}}


def write_contract(settings: Settings, api_url: str) -> str:
    """Return the contract of a stage as JSON, which YAML includes.

    Args:    api_url: where the API answers, without a slash at the end; may be a token of CDK's.
    """
    contract: Json = yaml.load(CONTRACT.read_text(), yaml.CSafeLoader)
    contract["servers"] = [{"url": api_url}]
    contract["security"] = [] if settings.auth == "none" else [{"token": []}]
    if settings.auth == "iam":
        contract["components"]["securitySchemes"]["token"] = SIGNATURE
    describe_recipes(contract, [load(name) for name in settings.recipes or (settings.recipe,)])
    return json.dumps(contract, ensure_ascii=False, indent=1)


def describe_recipes(contract: Json, recipes: Sequence[Recipe]) -> None:
    """Change a contract to say what a stage of these recipes takes and answers; the default is the first."""
    paths, schemas = contract["paths"], contract["components"]["schemas"]
    predict, predict_of = paths["/predictions"]["post"], paths["/models/{recipe}/predictions"]["post"]
    body = predict["requestBody"]  # the same of both
    pictures, tables = any(each.takes_pictures for each in recipes), any(each.features for each in recipes)
    inputs = " or ".join(["a picture"] * pictures + ["a row of a table"] * tables)
    contract["info"]["summary"] = f"{inputs} in, the answer out.".capitalize()
    if not pictures:
        body["content"] = {kind: of for kind, of in body["content"].items() if not kind.startswith("image/")}
    if not any(recipe.find_instances for recipe in recipes):
        for operation in (predict, predict_of):
            operation["parameters"] = [each for each in operation["parameters"] if each.get("name") != "digits"]
    body["description"] = describe_bodies(recipes)
    schemas["Instance"]["anyOf"] = [form for recipe in recipes for form in list_forms(recipe)]
    del schemas["Features"], schemas["Record"]  # of tables in general
    answers = [ANSWERS[kind] for kind in dict.fromkeys(recipe.kind for recipe in recipes)]
    schemas["Prediction"] = answers[0] if len(answers) == 1 else {"oneOf": answers}
    if len(recipes) > 1:
        contract["components"]["parameters"]["Recipe"]["schema"] = {"enum": [recipe.name for recipe in recipes]}
        return
    contract["paths"] = {path: of for path, of in paths.items() if not any(OF_SEVERAL in operation for operation in of.values())}
    if labels := recipes[0].labels:
        schemas["Label"] = {"enum": list(labels)}
        schemas["Classification"]["properties"]["probabilities"] |= {"minItems": len(labels), "maxItems": len(labels)}


def describe_bodies(recipes: Sequence[Recipe]) -> str:
    """Return what a body of a request may hold, by recipe where there are several."""
    if len(recipes) == 1:
        return f"An instance is {describe_instance(recipes[0])}"
    names = ", ".join(f"`{recipe.name}`" for recipe in recipes)
    asked = f"`POST /predictions` asks `{recipes[0].name}`, `POST /models/{{recipe}}/predictions` any of {names}. An instance is"
    return "\n".join((asked, *(f"- of `{recipe.name}`: {describe_instance(recipe)}" for recipe in recipes)))


def describe_instance(recipe: Recipe) -> str:
    """Return what an instance of a recipe is, in sentences of which the first goes on from "An instance is"."""
    if not recipe.takes_pictures:
        return f"a row of a table: {', '.join(describe(column) for column in recipe.features)}."
    ink = ", ink bright on black" * recipe.is_drawn or ", red, green and blue of each pixel" * (recipe.instance_shape[2:] == (3,))
    sentences = [
        f"a picture: any PNG, JPEG, WebP, GIF, BMP or TIFF, brought to [{format_shape(recipe.instance_shape)}] first.",
        f"JSON, CSV, npy and npz hold instances in that form already: values from 0 to 255{ink}.",
    ]
    if recipe.is_drawn:
        normal = ", normalised by a mean of {} and a deviation of {}".format(*recipe.normal) if recipe.normal else ""
        sentences += [
            f"Values from 0 to 1, from -1 to 1{normal}, or dark on bright are brought to that form, and the answer's `notes` say so;",
            "what is not certain is refused, with what mends it.",
        ]
    else:
        sentences.append("Values from 0 to 1 are multiplied by 255, and the answer's `notes` say so; those on another scale are refused.")
    return " ".join(sentences)


def list_forms(recipe: Recipe) -> list[Json]:
    """Return the schemas of the forms that an instance has in JSON: nested or flat of a picture, by place or by name of a table's row."""
    if recipe.takes_pictures:
        rows: Json = VALUE
        for length in reversed(recipe.instance_shape):
            rows = _list(rows, length)
        return [{"title": f"Rows of {recipe.name}", **rows}, {"title": f"Values of {recipe.name}", **_list(VALUE, recipe.instance_size)}]
    fields = {column.name: _describe_field(column) for column in recipe.features}
    columns = {"title": f"Columns of {recipe.name}", "type": "object", "minProperties": 1, "properties": fields}
    if recipe.categories:
        return [columns]
    names = ", ".join(describe(column) for column in recipe.features)
    return [{"title": f"Numbers of {recipe.name}", "description": names, **_list({"type": "number"}, recipe.instance_size)}, columns]


def _list(items: Json, length: int) -> Json:
    return {"type": "array", "minItems": length, "maxItems": length, "items": items}


def _describe_field(column: Column) -> Json:
    """Return the schema of a column: of a category the texts that are known; others are answered too."""
    if isinstance(column, Category):
        return {"type": ["string", "number", "boolean", "null"], "examples": list(column.values)}
    return {"type": "number", "description": describe(column)}
