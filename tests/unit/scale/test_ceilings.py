"""What breaks first, and that what is advised mends it."""

import re
from typing import Any

import pytest

from deployment.quotas import CODES
from deployment.stages import settings_for
from recipes.errors import InvalidSettings
from scale import ways
from scale.ceilings import Ceiling, list_broken, list_ceilings
from scale.load import Load
from scale.ways import Kind, find_way


def list_all(kind: Kind, load: Load, **settings: Any) -> list[Ceiling]:
    stage = settings_for("prod", **settings)
    return list_ceilings(find_way(stage, kind), load, stage)


def test_a_serverless_endpoint_ends_at_its_containers_first() -> None:
    names = [each.name for each in list_all("serverless", Load(1e5))]
    assert [re.split("[,=]", name)[0] for name in names] == [
        "serverless_concurrency",
        "serverless containers",
        "throttle_rate_per_s",
        "200 containers of one serverless endpoint",
        "API Gateway",
        "Lambda",
    ]


def test_instances_end_at_the_throttle_and_the_autoscalings_target_first() -> None:
    first, second, *_ = list_all("cpu", Load(1e5), endpoint_kind="cpu")
    assert first.name == "throttle_rate_per_s=500"
    assert "invocations_per_instance_per_min=6000" in second.name


@pytest.mark.parametrize(("kind", "requests_s"), [("serverless", 3_000), ("cpu", 3_000), ("cpu", 9_000), ("gpu", 9_000)])
def test_the_settings_that_are_advised_hold_the_load(kind: Kind, requests_s: float) -> None:
    load, settings = Load(requests_s), {"endpoint_kind": kind}
    broken = list_broken(list_all(kind, load, **settings), load)
    advised = dict(re.findall(r"-c (\w+)=(\w+)", " ".join(each.do for each in broken)))
    again = list_broken(list_all(kind, load, **settings, **advised), load)
    assert advised
    assert [each.name for each in again if "-c" in each.do] == []


@pytest.mark.parametrize(("kind", "images_s"), [("serverless", 1e5), ("serverless", 5.8e5), ("cpu", 1e5), ("cpu", 5.8e5)])
def test_the_settings_that_are_advised_for_files_may_be_set_and_hold_them(kind: Kind, images_s: float) -> None:
    """A stage refuses more than 200 containers, and more instances that always run than there are at most."""
    load, settings = Load(0, images_s), {"endpoint_kind": kind}
    (broken,) = list_broken(list_all(kind, load, **settings), load)
    advised = dict(re.findall(r"-c (\w+)=(\w+)", broken.do))
    assert advised
    way: Kind = "cpu" if "endpoint_kind" in advised else kind
    assert list_broken(list_all(way, load, **settings | advised), load) == []


def test_quotas_are_named_with_the_codes_that_doctor_knows() -> None:
    asked = " ".join(each.do for each in list_all("serverless", Load(1e5)))
    assert {CODES[name] for name in re.findall(r"quota '([^']+)'", asked)} == set(re.findall(r"L-\w+", asked))


def test_lambda_answers_ten_requests_a_second_of_each_that_may_run_at_once() -> None:
    """1,000 at once would answer 20,000 requests of 50 ms; AWS lets no more than 10,000 through."""
    ceiling = next(each for each in list_all("serverless", Load(1)) if each.name.startswith("Lambda"))
    assert ceiling.per_s == 10_000


def test_uploads_end_at_their_functions_and_large_ones_at_the_quota_of_transform_jobs() -> None:
    small = [each for each in list_all("serverless", Load(0, 1e9 / 86_400)) if each.of == "images"]
    assert small[0].name.startswith("upload functions, 2")
    (quota, *_) = [each for each in list_all("serverless", Load(0, 1e9 / 86_400, 1_000_000)) if each.of == "images"]
    assert "L-236AE59F" in quota.do


def test_a_recipe_that_nobody_has_measured_is_refused_with_how_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ways, "read_measured", lambda: {"server": {}})
    with pytest.raises(InvalidSettings, match="with digits have not been measured"):
        list_all("cpu", Load(1))


def test_an_instance_without_a_price_is_refused_by_name() -> None:
    with pytest.raises(InvalidSettings, match=r"no price of ml\.c5\.4xlarge"):
        list_all("cpu", Load(1), endpoint_kind="cpu", instance_type="ml.c5.4xlarge")
