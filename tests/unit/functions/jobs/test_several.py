"""Jobs of a deployment with several recipes say whose they are."""

import json
from typing import Any

import pytest

from functions.jobs.config import Config
from functions.jobs.handler import Handler, parse_job_request
from functions.jobs.presign import Presigner
from functions.jobs.service import Service
from functions.shared.object_store import Store
from recipes.errors import InvalidInput
from tests.events import event
from tests.fakes import FakeContext
from tests.moto_aws import Bucket
from tests.moto_s3 import create_s3

ONE, RECIPES = ("digits",), ("digits", "stop_search")


def read_recipe(recipes: tuple[str, ...], **said: Any) -> str:
    return parse_job_request(json.dumps({"name": "a.csv", **said}).encode(), 1000, recipes).recipe


def test_takes_the_recipe_that_a_body_names_or_the_first() -> None:
    assert read_recipe(RECIPES, recipe="stop_search") == "stop_search"
    assert read_recipe(RECIPES) == "digits"
    assert not read_recipe(ONE)


@pytest.mark.parametrize("recipe", ["salary", "", "Digits", 3, None, ["digits"], {"digits": 1}])
def test_refuses_another_and_names_those_there_are(recipe: Any) -> None:
    with pytest.raises(InvalidInput, match="expected digits or stop_search"):
        read_recipe(RECIPES, recipe=recipe)


@pytest.mark.parametrize("recipe", ["digits", None])
def test_refuses_a_name_where_there_is_one_recipe(recipe: str | None) -> None:
    with pytest.raises(InvalidInput, match="this deployment has one recipe only"):
        read_recipe(ONE, recipe=recipe)


def test_says_it_in_all_that_is_told_of_a_job(results: Bucket) -> None:
    store = Store(results.client, results.name)
    service = Service(store, Presigner(create_s3(), "uploads", results.name), max_upload_bytes=1000, upload_days=7)
    jobs = Handler(Config("uploads", results.name, 1000, 7, RECIPES), service)

    def ask(method: str, path: str, key: str = "", **said: Any) -> Any:
        request = event(method, path, json.dumps({"name": "a.csv", **said}), "application/json")
        request["headers"] |= {"idempotency-key": key} if key else {}
        response = jobs(request, FakeContext())
        return {"status": response["statusCode"], **json.loads(response["body"])}

    new = ask("POST", "/jobs", "any-key", recipe="stop_search")
    assert new["recipe"] == "stop_search"
    assert json.loads(results.read(f"jobs/anyone/{new['id']}/job.json"))["recipe"] == "stop_search"
    assert ask("GET", f"/jobs/{new['id']}")["recipe"] == "stop_search"
    assert [job["recipe"] for job in ask("GET", "/jobs")["jobs"]] == ["stop_search"]
    assert ask("POST", "/jobs", "any-key")["status"] == 409  # the same key, and another recipe
    summary = {"state": "succeeded", "recipe": "stop_search", "rows": 1, "failed": 0, "started_at": "2026-11-21T08:00:00.000Z"}
    results.put(f"jobs/anyone/{new['id']}/summary.json", json.dumps(summary).encode())
    assert ask("GET", f"/jobs/{new['id']}")["recipe"] == "stop_search"
