"""The files of prices, limits and rates: each figure says where it is from, and what two places must agree on is the same."""

import datetime
from pathlib import Path

import pytest

from deployment.settings import DEFAULT_INSTANCE
from deployment.sizing import CPU_INSTANCES
from recipes.recipe import list_names
from scale.facts import MEMORY, find_assumption, find_instance, find_price, list_from_memory, read_aws, read_measured
from scale.ways import TUTORIAL_INSTANCE

ROOT = Path(__file__).resolve().parents[3]
AWS, MEASURED = read_aws(), read_measured()


@pytest.mark.parametrize("part", ["prices", "instances", "limits"])
def test_each_figure_names_a_source_and_each_source_a_page_and_a_date(part: str) -> None:
    assert {figure["source"] for figure in AWS[part].values()} <= AWS["sources"].keys()
    for name, source in AWS["sources"].items():
        assert source["page"].startswith("https://") or name == MEMORY
        assert isinstance(source["date"], datetime.date)
        assert source["date"] <= AWS["read"]


def test_each_source_is_of_some_figure() -> None:
    used = {figure["source"] for part in ("prices", "instances", "limits") for figure in AWS[part].values()}
    assert used == AWS["sources"].keys()


def test_what_is_from_memory_is_said() -> None:
    prices = [find_price(name) for name in AWS["prices"]]
    assert set(list_from_memory(prices)) == {name for name, price in AWS["prices"].items() if price["source"] == MEMORY}


def test_there_is_a_price_of_each_machine_that_settings_choose() -> None:
    named = [*(name for name, _ in CPU_INSTANCES), *DEFAULT_INSTANCE.values(), TUTORIAL_INSTANCE, "ml.m5.large", "ml.g5.xlarge"]
    assert [name for name in named if find_instance(name) is None] == []


def test_each_rate_has_a_record_and_is_of_a_recipe() -> None:
    for part in ("server", "tutorial", "uploads"):
        assert (ROOT / MEASURED[part]["record"]).is_dir()
    assert {"digits"} <= MEASURED["server"].keys() - {"record"} <= set(list_names())


def test_what_is_assumed_says_why() -> None:
    assert all(figure["why"] and figure["value"] > 0 for figure in MEASURED["assumed"].values())
    assert find_assumption("utilisation") < 1
