"""A deployment of several recipes: each is checked, where it is asked and by what is its own."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from cli.verify.check import CheckFailed
from cli.verify.checks import list_all_checks
from cli.verify.deployment import Deployment, open_deployment
from recipes.recipe import load
from tests.unit.cli.verify.test_command import build_clients
from tests.unit.cli.verify.world import MANIFEST, World, build_deployment, build_status
from tests.unit.cli.world import fake_services

SALARY = "/models/salary"
CHECKS = {f"{each.group}: {each.name}": each for each in list_all_checks([load("digits"), load("salary")], with_rollout=True)}


def answer(**body: Any) -> Callable[[httpx.Request], httpx.Response]:
    return lambda _: httpx.Response(200, json=body)


@pytest.fixture
def world() -> World:
    model = {"name": "linear", "version": "1.0.0", "variant": "main"}
    return World(
        replies={
            "/models": answer(models=[{"recipe": "digits"}, {"recipe": "salary"}]),
            SALARY: answer(**MANIFEST, recipe="salary"),
            f"{SALARY}/predictions": answer(predictions=[{"value": 50_000.0}], model=model, request_id="r"),
        }
    )


@pytest.fixture
def deployment(world: World, tmp_path: Path) -> Deployment:
    others = {"salary": {"EndpointName": "salary-endpoint", "ModelPackageGroupName": "salary-group"}}
    return replace(build_deployment(world, tmp_path), others=others)


def test_checks_each_recipe_and_once_what_they_share() -> None:
    assert {"API of salary: JSON", "uploads of salary: inbox", "serving of salary: the newest approved version"} <= CHECKS.keys()
    assert "rollout of salary: a new version rolls out and back" in CHECKS
    assert [name for name in CHECKS if "dead letter" in name or "sign-in" in name] == [
        "API: nobody without a sign-in",
        "queues: no dead letter",
    ]


@pytest.mark.parametrize("name", ["API: says what it has", "API of salary: JSON", "API of salary: CSV"])
def test_passes_where_each_recipe_answers(deployment: Deployment, name: str) -> None:
    assert CHECKS[name].run(deployment)


def test_asks_a_recipe_where_it_is(world: World, deployment: Deployment) -> None:
    world.replies[f"{SALARY}/predictions"] = answer(predictions=[], model={"name": "linear", "version": "1"}, request_id="r")
    with pytest.raises(CheckFailed, match="got 0 predictions"):
        CHECKS["API of salary: JSON"].run(deployment)


def test_finds_a_recipe_that_the_api_does_not_name(world: World, deployment: Deployment) -> None:
    world.replies["/models"] = answer(models=[{"recipe": "digits"}])
    with pytest.raises(CheckFailed, match="GET /models names digits, expected digits, salary"):
        CHECKS["API: says what it has"].run(deployment)


@pytest.mark.parametrize(("found", "is_right"), [("salary", True), ("digits", False)])
def test_uploads_a_file_as_the_recipes(world: World, deployment: Deployment, found: str, is_right: bool) -> None:
    asked: list[dict[str, Any]] = []

    def make_job(request: httpx.Request) -> httpx.Response:
        asked.append(json.loads(request.content))
        return world._make_job(asked[-1]["name"])

    world.replies["/jobs"] = make_job
    world.replies["/jobs/job"] = lambda _: httpx.Response(200, json={**world._build_job(), "recipe": found})
    run = CHECKS["uploads of salary: batch.csv"].run
    if is_right:
        assert run(deployment)
    else:
        with pytest.raises(CheckFailed, match="job job is of digits, expected salary"):
            run(deployment)
    assert asked[0]["recipe"] == "salary"


def test_drops_a_file_into_the_recipes_folder(world: World, deployment: Deployment) -> None:
    assert CHECKS["uploads of salary: inbox"].run(deployment)
    assert world.inbox == [f"inbox/salary/{deployment.marker}.csv/job/summary.json"]


def test_asks_what_runs_of_each(world: World, deployment: Deployment) -> None:
    names = {None: "endpoint", "salary": "salary-endpoint"}

    def tell(request: httpx.Request) -> httpx.Response:
        if "operators" not in request.headers["authorization"]:
            return httpx.Response(403)
        endpoint = {**build_status()["endpoint"], "name": names[request.url.params.get("recipe")]}
        return httpx.Response(200, json=build_status(endpoint=endpoint))

    world.replies["/status"] = tell
    assert CHECKS["operators: see what runs"].run(deployment)
    names["salary"] = "endpoint"
    with pytest.raises(CheckFailed, match="tells of the endpoint endpoint, expected salary-endpoint"):
        CHECKS["operators: see what runs"].run(deployment)


def test_finds_the_other_recipes_in_the_outputs(tmp_path: Path) -> None:
    services = fake_services(World(), connect_aws=build_clients(World(), recipes="salary,stop_search"))
    with open_deployment("dev", services, tmp_path, 0) as deployment:
        other = deployment.of_recipe("stop_search")
    assert [each.recipe.name for each in deployment.split()] == ["salary", "stop_search"]
    assert (other.outputs["ModelPackageGroupName"], other.path) == ("inferstack-dev-stop-search", "/models/stop_search")
