"""The API's documentation beside the page: the viewer's files, and the contract as this stage serves it."""

import json
import re
import shutil
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from deployment.paths import BUILD, ROOT
from deployment.photo_docs import describe_photos
from deployment.settings import Settings
from deployment.several_docs import describe_several
from deployment.sources import digest
from recipes.columns import Category, describe
from recipes.errors import NotBuilt
from recipes.recipe import Recipe, load

SPEC = ROOT / "docs/openapi.yaml"
PACKAGE = ROOT / "node_modules/swagger-ui-dist"
FOLDER = "swagger-ui"  # beside the page
VIEWER = ("swagger-ui-bundle.js", "swagger-ui-bundle.js.LICENSE.txt", "swagger-ui.css", "LICENSE", "NOTICE")

SERVER = """\
  - url: "{api}"
    description: The ApiUrl that `inferstack status` and the deployment print.
    variables:
      api: { default: "https://api.example.com" }
"""
SECURITY = "security:\n  - {}\n  - token: []\n"
BEARER = """\
    token:
      description: Where the stage has sign-in (auth=jwt), the access token of a signed-in user.
      type: http
      scheme: bearer
      bearerFormat: JWT
"""
SIGNATURE = """\
    token:
      description: The request, signed with AWS Signature Version 4 for the service execute-api. It cannot be tried from here.
      type: apiKey
      in: header
      name: Authorization
"""
LABEL = """    Label: { type: [integer, string], description: "One of the labels that `GET /model` lists: 0 to 9 of the digits." }\n"""
PROBABILITIES = "probabilities: { type: array, minItems: 1,"
PREDICTION = '{ oneOf: [{ $ref: "#/components/schemas/Classification" }, { $ref: "#/components/schemas/Regression" }] }'
RECORD = 'additionalProperties: { type: [number, string, boolean, "null"] }'
SEVERAL = re.compile(
    r"  # Several recipes: from here …\n(.*?)  # … to here\n", re.DOTALL
)  # the paths that a stage of one recipe does not have
FEATURES = 'Features: { description: "Of a recipe of numbers alone.", type: array, minItems: 1, items: { type: number } }'


def build_viewer() -> Path:
    """Write the viewer's files to a folder under .build/, named by its content, and return its path.

    Raises:  NotBuilt: npm has not brought the viewer.
    """
    files = {name: PACKAGE / name for name in VIEWER}
    if missing := [name for name, path in files.items() if not path.is_file()]:
        lacking = f"{PACKAGE.relative_to(ROOT)} lacks {', '.join(missing)}"
        raise NotBuilt(f"{lacking}; run `make setup`", advice="`make setup` brings what package.json names")
    folder = BUILD / "page" / digest(files)
    if not folder.is_dir():
        folder.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=folder.parent) as partial:
            whole = Path(partial) / "whole"
            (whole / FOLDER).mkdir(parents=True)
            for name, source in files.items():
                shutil.copyfile(source, whole / FOLDER / name)
            with suppress(OSError):  # another build was first, and wrote the same
                whole.rename(folder)
    return folder


def write_spec(settings: Settings, api_url: str) -> str:
    """Return docs/openapi.yaml as this stage serves it: its address, its way to sign in, and what its recipes take and answer.

    Args:    api_url: where the API answers, without a slash at the end; may be a token of CDK's.
    """
    recipe = load(settings.recipe)
    security = {"none": "security: []\n"}.get(settings.auth, "security:\n  - token: []\n")
    text = SPEC.read_text()
    for old, new in {
        SERVER: f'  - url: "{api_url}"\n',
        SECURITY: security,
        BEARER: SIGNATURE if settings.auth == "iam" else BEARER,
        **({} if settings.recipes else _describe_recipe(recipe)),
    }.items():
        if text.count(old) != 1:
            raise ValueError(f"{SPEC.name} holds {text.count(old)} times, not once: {old}")
        text = text.replace(old, new)
    text, count = SEVERAL.subn(r"\1" if settings.recipes else "", text)
    if count != 1:
        raise ValueError(f"{SPEC.name} marks {count} times, not once, which paths are of several recipes")
    if settings.recipes:
        return describe_several(text, [load(name) for name in settings.recipes])
    return describe_photos(text, recipe) if recipe.takes_pictures and not recipe.is_drawn else text


def _describe_recipe(recipe: Recipe) -> dict[str, str]:
    """Return what the contract says of every recipe → what it says of this one."""
    if recipe.kind == "regression":
        names = ", ".join(describe(each) for each in recipe.features)
        numbers = f"type: array, minItems: {len(recipe.features)}, maxItems: {len(recipe.features)}, items: {{ type: number }}"
        return {
            PREDICTION: '{ $ref: "#/components/schemas/Regression" }',
            FEATURES: f"Features: {{ description: {json.dumps(names)}, {numbers} }}",
        }
    count = len(recipe.labels)
    return {
        **({RECORD: f"properties: {json.dumps(_describe_fields(recipe))}"} if recipe.features else {}),
        PREDICTION: '{ $ref: "#/components/schemas/Classification" }',
        LABEL: f"    Label: {{ enum: {json.dumps(list(recipe.labels))} }}\n",
        PROBABILITIES: PROBABILITIES.replace("minItems: 1,", f"minItems: {count}, maxItems: {count},"),
    }


def _describe_fields(recipe: Recipe) -> dict[str, Any]:
    """Return the fields of an instance as an object: of a category the texts that are known; others are answered too."""
    return {
        column.name: {"type": ["string", "null"], "examples": list(column.values)}
        if isinstance(column, Category)
        else {"type": "number", "description": describe(column)}
        for column in recipe.features
    }
