"""Uploads of a deployment with two recipes: each is read and answered by its own."""

import json
from typing import Any

import pytest

from functions.process_upload.batch_transform.lost_ends import LostEnds
from functions.process_upload.handler import Handler
from functions.process_upload.queue import UploadQueue
from functions.process_upload.several import Several
from functions.shared.jobs import Job
from functions.shared.object_store import Store
from recipes.recipe import load
from tests.fakes import FakeEndpoint
from tests.moto_aws import Bucket
from tests.upload_handler import CONFIG, RESULTS, build_worker
from tests.upload_messages import make_message, make_transform_message
from tests.uploads import SageMaker, World, find_job, put_upload

DIGIT = ",".join(["7", *["0"] * 783])
VALUES = json.dumps({"predictions": [{"value": 41000.5}], "model": {"name": "linear", "version": "2.0.0+00000000"}}).encode()


class TwoRecipes(World):
    def __init__(self, results: Bucket, *, transform_over_bytes: int = 10**9) -> None:
        super().__init__(results)
        sagemaker = SageMaker()
        endpoints = {"digits": FakeEndpoint(), **{name: FakeEndpoint(answer=VALUES) for name in ("salary", "house_price")}}
        sagemaker.deploy(any=1.0)

        def build(name: str) -> Any:
            options = {"endpoint": endpoints[name], "recipe": load(name), "named": name, "sagemaker": sagemaker}
            return build_worker(results.client, self.notifier, transform_over_bytes=transform_over_bytes, **options)

        workers = {name: build(name) for name in endpoints}
        several = Several(Store(results.client, RESULTS), {name: lambda name=name: workers[name] for name in workers})
        config = CONFIG._replace(upload_queue_url=self.queue_url)
        queue = UploadQueue(self.sqs, self.queue_url)
        lost_ends = LostEnds(lambda: None, Store(results.client, RESULTS), queue, prefix=config.transform_prefix)
        self.handler = Handler(config, several, several, lost_ends, queue)

    def record(self, name: str, **said: str) -> Job:
        """Write what the API keeps of a new job."""
        job = Job.new("me", name, 0)
        self.results.put(job.key("job.json"), json.dumps({"name": name, **said}).encode())
        return job


@pytest.fixture
def world(results: Bucket) -> TwoRecipes:
    return TwoRecipes(results)


@pytest.mark.parametrize(
    ("key", "content", "recipe"),
    [
        ("inbox/salary/rows.csv", "1.5", "salary"),
        ("inbox/digits/rows.csv", DIGIT, "digits"),
        ("inbox/Salary/rows.csv", "1.5", "salary"),
        ("inbox/house-price/rows.csv", "1500", "house_price"),
        ("inbox/House Price/rows.csv", "1500", "house_price"),
        ("inbox/rows.csv", DIGIT, "digits"),
        ("inbox/2026/salary/rows.csv", DIGIT, "digits"),
        ("inbox/salary", DIGIT, "digits"),
    ],
)
def test_takes_a_dropped_file_for_the_recipe_of_its_first_folder(world: TwoRecipes, key: str, content: str, recipe: str) -> None:
    world.deliver_upload(key, content.encode())
    summary = world.read_summary()
    assert (summary["recipe"], summary["state"], summary["rows"]) == (recipe, "succeeded", 1)
    assert ("values" in summary) == (recipe != "digits")
    assert json.loads(world.read("started.json"))["recipe"] == recipe


@pytest.mark.parametrize(("said", "content", "recipe"), [({"recipe": "salary"}, "1.5", "salary"), ({}, DIGIT, "digits")])
def test_takes_an_upload_of_the_api_for_the_recipe_in_its_record(
    world: TwoRecipes, said: dict[str, str], content: str, recipe: str
) -> None:
    job = world.record("rows.csv", **said)
    world.deliver_upload(job.upload_key, content.encode())
    assert (world.read_summary()["recipe"], world.read_summary()["state"]) == (recipe, "succeeded")


def test_ends_a_job_whose_recipe_the_deployment_has_no_more(world: TwoRecipes) -> None:
    job = world.record("rows.csv", recipe="stop_search")
    world.deliver_upload(job.upload_key, DIGIT.encode())
    summary = world.read_summary()
    assert (summary["recipe"], summary["state"], summary["error"]["code"]) == ("stop_search", "failed", "recipe-gone")
    assert world.notifier.finished == [{"id": job.id, **summary}]


def test_lets_the_recipe_that_staged_a_large_upload_finish_it(results: Bucket) -> None:
    world = TwoRecipes(results, transform_over_bytes=1)
    job = find_job(world.deliver_upload("inbox/salary/rows.csv", b"1.5"))
    results.put(f"transform/{job.id}/output/00000.npy.out", VALUES)
    assert world.deliver(make_transform_message(f"{CONFIG.transform_prefix}-{job.id}", "Completed")) == []
    summary = world.read_summary()
    assert (summary["recipe"], summary["state"], summary["values"]["median"]) == ("salary", "succeeded", 41000.5)


def test_ignores_what_is_no_job(world: TwoRecipes) -> None:
    assert world.deliver(make_message(put_upload("inbox/salary/", b""))) == []
    assert world.deliver(make_transform_message("another-job", "Completed")) == []
    assert world.results.list_keys() == []
