"""`--recipe`: which recipe of an API or a stage with several."""

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from typer.testing import Result

from cli.main import app
from cli.models.versions import ModelVersions
from cli.status.running_stack import describe_stack
from tests.command import CliRunner
from tests.unit.cli.world import URL, FakeStacks, build_state, fake_services

ANSWER = {"predictions": [{"value": 41000.5}], "model": {"name": "linear", "version": "2.0.0"}, "id": "any"}


class ManyRecipes:
    """An API with these recipes."""

    def __init__(self, *recipes: str) -> None:
        self.recipes, self.asked = recipes, list[str]()

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(f"{request.method} {request.url.path}")
        match request.url.path:
            case "/models" if len(self.recipes) > 1:
                return httpx.Response(200, json={"models": [{"recipe": recipe} for recipe in self.recipes]})
            case "/models/salary/predictions":
                return httpx.Response(200, json=ANSWER)
            case "/models/salary":
                return httpx.Response(200, json={"output": {"unit": "US$ a year"}})
        return httpx.Response(404, json={"message": "Not Found"})


@pytest.fixture
def rows(tmp_path: Path) -> str:
    file = tmp_path / "rows.csv"
    file.write_text("1.5")
    return str(file)


def run(api: Any, *arguments: str) -> Result:
    return CliRunner().invoke(app, [*arguments, "--url", URL], obj=fake_services(api))


def test_predicts_with_the_recipe_that_is_named(rows: str) -> None:
    api = ManyRecipes("digits", "salary")
    result = run(api, "predict", rows, "--recipe", "salary")
    assert result.exit_code == 0
    assert "41,000.5 US$ a year" in result.stdout
    assert api.asked == ["GET /models", "POST /models/salary/predictions", "GET /models/salary"]


@pytest.mark.parametrize(
    ("recipes", "said"), [(("digits", "salary"), "has no recipe 'house_price'; it has digits, salary"), (("digits",), "leave --recipe out")]
)
def test_says_which_there_are(rows: str, recipes: tuple[str, ...], said: str) -> None:
    result = run(ManyRecipes(*recipes), "predict", rows, "--recipe", "house_price")
    assert result.exit_code == 1
    assert said in " ".join(result.stderr.split())


@pytest.mark.parametrize("options", [[], ["--recipe", "salary"]])
def test_names_it_in_the_jobs_of_uploads(rows: str, options: list[str]) -> None:
    bodies = []

    def api(request: httpx.Request) -> httpx.Response:
        bodies.append(json.loads(request.content))
        return httpx.Response(422, json={"title": "Invalid input", "detail": "any"})

    assert run(api, "upload", rows, *options).exit_code == 1
    assert [body.get("recipe") for body in bodies] == [options[1] if options else None]


@pytest.mark.parametrize(
    ("recipe", "stack"),
    [("", "Inferstack-dev-Inference"), ("digits", "Inferstack-dev-Inference"), ("salary", "Inferstack-dev-salary-Inference")],
)
def test_finds_the_stack_of_a_recipe_s_versions(recipe: str, stack: str) -> None:
    stacks = FakeStacks({"Inferstack-dev-Storage": {"ModelPackageGroupName": "inferstack-dev-digits"}, stack: {"EndpointName": stack}})
    asked: list[str] = []

    def describe_endpoint(EndpointName: str) -> Any:  # noqa: N803 - AWS's name
        asked.append(EndpointName)
        return {"EndpointConfigName": "any"}

    clients = {"cloudformation": stacks, "sagemaker": SimpleNamespace(describe_endpoint=describe_endpoint), "s3": None}
    versions = ModelVersions("dev", clients.__getitem__, recipe)
    versions.describe_stack()
    assert asked == [stack]
    assert versions.list_command == f"`inferstack models list --stage dev{recipe and f' --recipe {recipe}'}`"


def test_status_lists_the_recipes_where_there_are_several() -> None:
    assert "recipes" not in describe_stack(build_state(recipes=["digits"]), fake_services())
    assert describe_stack(build_state(recipes=["digits", "salary"]), fake_services())["recipes"] == ["digits", "salary"]
