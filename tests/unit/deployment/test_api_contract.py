"""The contract as each stage serves it."""

import json
from copy import deepcopy
from functools import cache
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from deployment.api_contract import describe_recipes, write_contract
from deployment.stages import settings_for
from functions.predict.routes import SEVERAL
from recipes.recipe import Recipe, list_names, load
from tests.api_document import parse_yaml, read_api
from tests.photos import PHOTOS

URL = "https://any.execute-api.eu-central-1.amazonaws.com"
LETTERS = load("digits")._replace(name="letters", noun="letter", instance_shape=(64, 64), normal=None, find_instances=None)
OF_RECIPES = {"Instance", "Features", "Record", "Label", "Prediction", "Classification"}


@cache
def read(recipe: str = "digits", auth: str = "none", url: str = URL) -> dict[str, Any]:
    served: dict[str, Any] = parse_yaml(write_contract(settings_for("local", recipe=recipe, auth=auth), url))
    return served


def describe(*recipes: Recipe) -> dict[str, Any]:
    contract = deepcopy(read_api())
    describe_recipes(contract, recipes)
    return contract


def is_instance(contract: dict[str, Any], instance: Any) -> bool:
    schemas = contract["components"]["schemas"]
    return Draft202012Validator({**schemas["Instance"], "components": {"schemas": schemas}}).is_valid(instance)


def list_differences(ours: dict[str, Any], others: dict[str, Any]) -> set[str]:
    return {name for name in {*ours, *others} if ours.get(name) != others.get(name)}


@pytest.mark.parametrize("recipe", list_names())
def test_names_the_stage_s_address_and_what_its_recipe_answers(recipe: str) -> None:
    served, known = read(recipe), load(recipe)
    assert served["servers"] == [{"url": URL}]
    schemas = served["components"]["schemas"]
    if known.labels:
        assert schemas["Label"] == {"enum": list(known.labels)}
        probabilities = schemas["Classification"]["properties"]["probabilities"]
        assert probabilities["minItems"] == probabilities["maxItems"] == len(known.labels)
        assert schemas["Prediction"] == {"$ref": "#/components/schemas/Classification"}
    else:
        assert schemas["Prediction"] == {"$ref": "#/components/schemas/Regression"}


@pytest.mark.parametrize(
    ("recipe", "taken", "refused"),
    [
        (load("digits"), [[0] * 784, [[0] * 28] * 28], [[0] * 783, [1.5], {"experience": 1}]),
        (PHOTOS, [[[[0] * 3] * PHOTOS.instance_shape[1]] * PHOTOS.instance_shape[0]], [[[0] * 28] * 28]),
        (LETTERS, [[0] * 4096, [[0] * 64] * 64], [[0] * 784]),
        (load("salary"), [[3.1], {"experience": 3.1}], [[1, 2], {}, {"experience": "3.1"}, [0] * 784]),
        (load("stop_search"), [{"Type": "Person search", "Latitude": 51.5, "Gender": None, "Self-defined ethnicity": "new"}], [[0] * 10]),
        (load("stop_search"), [{"Part of a policing operation": False}], [{"Latitude": "51"}]),
    ],
    ids=lambda value: value.name if isinstance(value, Recipe) else None,
)
def test_takes_in_json_what_the_recipe_takes(recipe: Recipe, taken: list[Any], refused: list[Any]) -> None:
    contract = describe(recipe)
    assert [instance for instance in taken if not is_instance(contract, instance)] == []
    assert [instance for instance in refused if is_instance(contract, instance)] == []


def list_what_is_told(contract: dict[str, Any]) -> str:
    operation, schemas = contract["paths"]["/predictions"]["post"], contract["components"]["schemas"]
    body = {name: of for name, of in operation["requestBody"].items() if name != "content"}
    told = [contract["info"]["summary"], operation["description"], operation["parameters"], body, schemas["Instance"], schemas["File"]]
    return json.dumps([*told, schemas["Classification"]["properties"]["pixels"], schemas["Label"]])


@pytest.mark.parametrize("recipe", [PHOTOS, LETTERS, load("salary"), load("stop_search")], ids=lambda recipe: recipe.name)
def test_says_of_no_recipe_what_holds_for_the_digits_alone(recipe: Recipe) -> None:
    assert [word for word in ("28", "784", "MNIST", "digit", "0.1307") if word in list_what_is_told(describe(recipe))] == []


def test_says_how_values_of_another_scale_are_read() -> None:
    told = {recipe.name: list_what_is_told(describe(recipe)) for recipe in (load("digits"), LETTERS, PHOTOS)}
    assert {name: "dark on bright" in text for name, text in told.items()} == {"digits": True, "letters": True, PHOTOS.name: False}
    assert {name: "multiplied by 255" in text for name, text in told.items()} == {"digits": False, "letters": False, PHOTOS.name: True}
    assert "mean of 0.1307" in told["digits"]


@pytest.mark.parametrize("recipe", ["salary", "stop_search"])
def test_offers_no_pictures_to_a_table(recipe: str) -> None:
    kinds = read(recipe)["paths"]["/predictions"]["post"]["requestBody"]["content"]
    assert not [kind for kind in kinds if kind.startswith("image/")]
    assert {"application/json", "text/csv", "application/x-npy"} <= set(kinds)


@pytest.mark.parametrize("recipes", [("digits",), ("salary", "digits")])
def test_offers_to_find_several_where_a_recipe_does(recipes: tuple[str, ...]) -> None:
    found = describe(*map(load, recipes))["paths"]["/predictions"]["post"]["parameters"]
    assert "digits" in [each.get("name") for each in found]


@pytest.mark.parametrize(
    ("auth", "security", "kind"), [("none", [], "http"), ("jwt", [{"token": []}], "http"), ("iam", [{"token": []}], "apiKey")]
)
def test_asks_for_what_the_stage_asks_for(auth: str, security: list[Any], kind: str) -> None:
    served = read(auth=auth)
    assert served["security"] == security
    assert served["components"]["securitySchemes"]["token"]["type"] == kind


def test_takes_an_address_that_is_known_only_while_deploying() -> None:
    assert read(url="${Token[TOKEN.123]}")["servers"] == [{"url": "${Token[TOKEN.123]}"}]


def test_keeps_the_rest_of_the_contract() -> None:
    contract, served = read_api(), read()
    assert list_differences(contract["paths"], served["paths"]) == {"/predictions", *(route.path for route in SEVERAL)}
    assert list_differences(contract["components"]["schemas"], served["components"]["schemas"]) == OF_RECIPES


def read_several(*recipes: str) -> dict[str, Any]:
    served: dict[str, Any] = parse_yaml(write_contract(settings_for("local", recipes=",".join(recipes)), URL))
    return served


def test_keeps_the_rest_of_the_contract_where_there_are_several_recipes() -> None:
    contract, served = read_api(), read_several("salary", "digits")
    assert list_differences(contract["paths"], served["paths"]) == {"/predictions", "/models/{recipe}/predictions"}
    assert list_differences(contract["components"]["schemas"], served["components"]["schemas"]) == {
        *{"Instance", "Features", "Record"},
        "Prediction",  # the default's kind of answer comes first
    }


@pytest.mark.parametrize("recipes", [("digits", "stop_search"), ("salary", "natural_images"), ("salary", "house_price")])
def test_says_what_each_of_several_recipes_takes(recipes: tuple[str, ...]) -> None:
    served = read_several(*recipes)
    assert served["components"]["parameters"]["Recipe"]["schema"] == {"enum": list(recipes)}
    bodies = [served["paths"][path]["post"]["requestBody"]["description"] for path in ("/predictions", "/models/{recipe}/predictions")]
    assert bodies[0] == bodies[1]
    assert f"asks `{recipes[0]}`" in bodies[0]
    for name in recipes:
        known = load(name)
        assert f"- of `{name}`: " in bodies[0]
        assert all(column.name in bodies[0] for column in known.features)
    forms = [each["title"] for each in served["components"]["schemas"]["Instance"]["anyOf"]]
    assert {form.rpartition(" of ")[2] for form in forms} == set(recipes)
