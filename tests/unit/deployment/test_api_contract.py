"""The contract as each stage serves it."""

import json
from typing import Any

import pytest

from deployment import api_docs
from deployment.api_docs import SPEC, build_viewer, write_spec
from deployment.photo_docs import describe_photos
from deployment.stages import settings_for
from functions.predict.routes import SEVERAL
from recipes.errors import NotBuilt
from recipes.recipe import list_names, load
from tests.api_document import parse_yaml, read_api
from tests.photos import PHOTOS

URL = "https://any.execute-api.eu-central-1.amazonaws.com"


def read(recipe: str = "digits", auth: str = "none", url: str = URL) -> dict[str, Any]:
    served: dict[str, Any] = parse_yaml(write_spec(settings_for("local", recipe=recipe, auth=auth), url))
    return served


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
        if known.features:
            fields = schemas["Record"]["properties"]
            assert [*fields] == [column.name for column in known.features]
            assert all(fields[each.name]["examples"] == list(each.values) for each in known.categories)
    else:
        assert schemas["Features"]["minItems"] == schemas["Features"]["maxItems"] == len(known.features)
        assert all(feature.unit in schemas["Features"]["description"] for feature in known.features)
        assert schemas["Prediction"] == {"$ref": "#/components/schemas/Regression"}


def test_describes_photos_by_their_own_shape() -> None:
    served = parse_yaml(describe_photos(api_docs.SEVERAL.sub("", SPEC.read_text()), PHOTOS))
    schemas, operation = served["components"]["schemas"], served["paths"]["/predictions"]["post"]
    nested, flat = (each for each in schemas["Instance"]["anyOf"] if each.get("title") in {"Rows", "Values"})
    lengths = []
    while nested.get("type") == "array":
        lengths.append((nested["minItems"], nested["maxItems"]))
        nested = nested["items"]
    assert lengths == [(length, length) for length in PHOTOS.instance_shape]
    assert flat["minItems"] == flat["maxItems"] == PHOTOS.instance_size
    assert served["info"]["summary"] == "A photo in, what it shows out."
    pixels = schemas["Classification"]["properties"]["pixels"]
    told = json.dumps([operation["description"], operation["requestBody"], schemas["Instance"], schemas["File"], pixels])
    assert not [word for word in ("28", "784", "MNIST", "ink", "digit", "dark on light") if word in told]
    assert not [each for each in operation["parameters"] if each["name"] == "digits"]


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
    several = {route.path for route in SEVERAL}
    assert served["paths"] == {path: operations for path, operations in contract["paths"].items() if path not in several}
    changed = {"Label", "Prediction", "Classification"}
    assert {
        name for name, schema in contract["components"]["schemas"].items() if served["components"]["schemas"][name] != schema
    } == changed


def read_several(*recipes: str) -> dict[str, Any]:
    served: dict[str, Any] = parse_yaml(write_spec(settings_for("local", recipes=",".join(recipes)), URL))
    return served


def test_keeps_the_rest_of_the_contract_where_there_are_several_recipes() -> None:
    contract, served = read_api(), read_several("salary", "digits")
    told = {path for path, of in contract["paths"].items() if served["paths"][path] != of}
    assert told == {"/predictions", "/models/{recipe}/predictions"}
    schemas = served["components"]["schemas"]
    changed = {"File", "Instance", "Label", "Classification"}
    assert {name for name, schema in contract["components"]["schemas"].items() if schemas[name] != schema} == changed


@pytest.mark.parametrize("recipes", [("digits", "stop_search"), ("salary", "natural_images"), ("salary", "house_price")])
def test_says_what_each_of_several_recipes_takes(recipes: tuple[str, ...]) -> None:
    served = read_several(*recipes)
    assert served["components"]["parameters"]["Recipe"]["schema"] == {"enum": list(recipes)}
    instance, operation = served["components"]["schemas"]["Instance"], served["paths"]["/predictions"]["post"]
    sizes = {each["title"]: each["maxItems"] for each in instance["anyOf"] if "title" in each}
    expected: dict[str, int] = {}
    for name in recipes:
        known = load(name)
        assert f"- of `{name}`: " in operation["description"]
        assert f"{name}: " in instance["description"]
        assert all(column.name in operation["description"] for column in known.features)
        if known.takes_pictures:
            expected |= {f"Rows of {name}": known.instance_shape[0], f"Values of {name}": known.instance_size}
    assert sizes == expected
    assert ("MNIST" in json.dumps(operation), "784" in json.dumps(served["components"]["schemas"]["Classification"])) == (False, False)
    assert f"asks `{recipes[0]}`" in operation["description"]


def test_notices_that_the_contract_was_rewritten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api_docs, "SECURITY", "security: another\n")
    with pytest.raises(ValueError, match=r"openapi\.yaml holds 0 times, not once: security: another"):
        read()


def test_names_the_viewer_by_its_content() -> None:
    folder = build_viewer()
    assert (folder / "swagger-ui/swagger-ui-bundle.js").stat().st_size > 1_000_000
    assert (folder / "swagger-ui/LICENSE").is_file()
    assert build_viewer() == folder


def test_says_how_to_get_the_viewer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api_docs, "VIEWER", ("nothing.js",))
    with pytest.raises(NotBuilt, match=r"node_modules/swagger-ui-dist lacks nothing\.js; run `make setup`"):
        build_viewer()
