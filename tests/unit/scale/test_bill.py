"""A month's bill, against AWS's own worked examples and what must hold of any bill."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deployment.settings import Settings
from deployment.stages import settings_for
from recipes.errors import InvalidSettings
from scale.bill import add_up, count_instance_hours, list_lines
from scale.break_even import find_break_even
from scale.facts import find_instance, find_price
from scale.load import HOURS, MONTH_S, Load
from scale.ways import Kind, find_way, list_ways

PROD = settings_for("prod")
WAYS = {way.kind: way for way in list_ways(PROD)}
KINDS: list[Kind] = ["serverless", "cpu", "gpu", "zero", "tutorial"]


def price_of(instance: str) -> Any:
    found = find_instance(instance)
    assert found is not None
    return found.hour


def test_lambda_charges_what_its_price_page_reckons_for_three_million_requests() -> None:
    """3 million requests of 120 ms with 1,536 MB on x86, and what the free tier takes off: 2.33 and 0.40 dollars."""
    duration = 3e6 * 0.120 * 1536 / 1024
    assert duration == pytest.approx(540_000)
    assert find_price("lambda-x86-gb-s").charge(duration - 400_000) == pytest.approx(2.33, abs=0.005)
    assert find_price("lambda-request").charge(3e6 - 1e6) == pytest.approx(0.40)


def test_the_http_api_charges_what_its_price_page_reckons_for_432_million_requests() -> None:
    assert find_price("http-api-request").charge(432e6) == pytest.approx(300 + 118.80)


def test_a_serverless_endpoint_charges_what_its_price_page_reckons() -> None:
    """10 million requests of 100 ms with 2 GB, and 10 GB of data: 40.16 dollars."""
    duration, data = find_price("serverless-gb-s").charge(10e6 * 0.100 * 2), find_price("endpoint-data-gb").charge(10)
    assert (duration, data) == (pytest.approx(40.00), pytest.approx(0.16))


def test_instances_charge_what_their_price_page_reckons() -> None:
    """Two ml.c5.xlarge for 31 days, with 3,100 MB in and 310 MB out. AWS writes 303.522 for 1,488 hours at 0.204, which are 303.552."""
    assert price_of("ml.c5.xlarge").charge(2 * 24 * 31) == pytest.approx(303.552)
    assert find_price("endpoint-data-gb").charge(3.1 + 0.31) == pytest.approx(0.0546, abs=1e-4)


def test_tiers_charge_each_part_at_its_own_price() -> None:
    arm = find_price("lambda-arm-gb-s")
    assert arm.charge(7.5e9) == pytest.approx(100_000.50)
    assert arm.charge(18.75e9) == pytest.approx(100_000.50 + 135_001.13, abs=0.01)
    assert arm.charge(37.5e9) == pytest.approx(100_000.50 + 135_001.13 + 200_000.63, abs=0.02)


def test_a_million_predictions_cost_what_the_documents_say() -> None:
    lines = list_lines(find_way(settings_for("dev"), "serverless"), Load(1e6 / MONTH_S), settings_for("dev"))
    sums = {(line.service, line.price.name): line.usd for line in lines}
    assert sums["SageMaker", "serverless-gb-s"] == pytest.approx(1.20, abs=0.02)
    assert sums["Lambda", "lambda-arm-gb-s"] + sums["Lambda", "lambda-request"] == pytest.approx(0.90, abs=0.05)
    assert sums["API Gateway", "http-api-request"] == pytest.approx(1.00)
    assert price_of("ml.m5.large").charge(HOURS) == pytest.approx(84, abs=0.1)
    assert price_of("ml.g4dn.xlarge").charge(HOURS) == pytest.approx(537, abs=1)
    assert price_of("ml.m4.xlarge").charge(HOURS) == pytest.approx(175.20)


def test_each_variant_and_each_shadow_has_instances_of_its_own() -> None:
    two = settings_for("prod", endpoint_kind="cpu", variants="champion:0.9,challenger:0.1:models/new.tar.gz")
    shadowed = settings_for("prod", endpoint_kind="cpu", shadow="shadow:1:models/new.tar.gz")

    def count(wanted: Settings, load: Load) -> float:
        way = find_way(wanted, "cpu")
        assert way.instance is not None
        return sum(line.units for line in list_lines(way, load, wanted) if line.price == way.instance.hour) / HOURS

    busy = Load(500_000)
    alone = count(settings_for("prod", endpoint_kind="cpu"), busy)
    assert alone > 2 * PROD.instances_min  # so many that each variant's share is more than its least
    assert count(two, Load()) == count(shadowed, Load()) == 2 * PROD.instances_min
    assert alone <= count(two, busy) <= alone + 1  # they share the load
    assert count(shadowed, busy) == alone + PROD.instances_min  # nothing scales a shadow


def test_little_bills_while_nobody_asks_a_serverless_endpoint() -> None:
    """As README says: alarms, a dashboard, a secret, and polls of queues; free tiers take most of it."""
    assert {line.service: round(line.usd, 2) for line in list_lines(WAYS["serverless"], Load(), PROD) if line.service != "CloudWatch"} == {
        "Secrets Manager": 0.40,
        "SQS": 0.52,
    }
    assert add_up(list_lines(WAYS["serverless"], Load(), PROD)) == pytest.approx(5.62)
    assert add_up(list_lines(WAYS["zero"], Load(), PROD)) == add_up(list_lines(WAYS["serverless"], Load(), PROD))
    assert count_instance_hours(WAYS["cpu"], Load()) == PROD.instances_min * HOURS
    assert count_instance_hours(WAYS["tutorial"], Load(1e5)) == HOURS


def test_what_security_is_asked_for_bills_too() -> None:
    secure = settings_for("prod", encryption_key="create", web_acl="create", id_key=2)
    sums = {(line.service, line.what): line.usd for line in list_lines(WAYS["serverless"], Load(), secure)}
    assert (sums["KMS", "the key"], sums["WAF", "web ACL"], sums["WAF", "its rules"]) == (1.00, 5.00, 4.00)
    assert sums["Secrets Manager", "keys that sign ids"] == 0.80


def test_a_notebook_bills_from_its_deployment_until_somebody_stops_it() -> None:
    """Its hours and its volume: more than all else that stands while nobody asks."""
    with_notebook = settings_for("prod", notebook=True)
    more = add_up(list_lines(WAYS["serverless"], Load(), with_notebook)) - add_up(list_lines(WAYS["serverless"], Load(), PROD))
    assert more == pytest.approx(HOURS * 0.05 + 20 * 0.14)
    as_elsewhere = settings_for("prod", notebook=True, notebook_instance_type="ml.m5.xlarge")
    assert price_of("ml.m5.xlarge") in [line.price for line in list_lines(WAYS["serverless"], Load(), as_elsewhere)]
    with pytest.raises(InvalidSettings, match=r"no price of ml\.p5"):
        list_lines(WAYS["serverless"], Load(), settings_for("prod", notebook=True, notebook_instance_type="ml.p5.48xlarge"))


loads = st.builds(
    Load,
    requests_s=st.floats(0, 1e5),
    images_s=st.floats(0, 1e5),
    images_per_file=st.integers(1, 1_000_000),
    active_hours=st.floats(1, 24),
)


@settings(max_examples=40)
@given(load=loads, more=st.floats(1, 10), kind=st.sampled_from(KINDS))
def test_more_never_costs_less(load: Load, more: float, kind: Kind) -> None:
    larger = replace(load, requests_s=load.requests_s * more, images_s=load.images_s * more)
    few, many = (list_lines(WAYS[kind], each, PROD) for each in (load, larger))
    assert all(line.usd >= 0 for line in few)
    assert add_up(many) >= add_up(few) * (1 - 1e-9)


@settings(max_examples=40)
@given(load=loads)
def test_no_way_has_fewer_machines_than_the_load_keeps_busy(load: Load) -> None:
    for kind in KINDS[1:4]:
        way = WAYS[kind]
        busy = load.busiest_s / way.requests_s + load.images_s / way.rows_s
        assert busy <= way.count_instances(load) <= max(way.least, 1, busy / 0.6 + 1.001)


@pytest.mark.parametrize("dear", ["cpu", "gpu", "zero", "tutorial"])
def test_at_the_break_even_both_cost_the_same(dear: Kind) -> None:
    rate_s = find_break_even(WAYS["serverless"], WAYS[dear], Load(), PROD)
    assert rate_s is not None
    first, second = (add_up(list_lines(WAYS[kind], Load(rate_s), PROD)) for kind in ("serverless", dear))
    assert first == pytest.approx(second, rel=1e-6)
    for rate, is_less in ((rate_s / 2, True), (2 * rate_s, False)):
        first, second = (add_up(list_lines(WAYS[kind], Load(rate), PROD)) for kind in ("serverless", dear))
        assert (first < second) is is_less


def test_the_break_even_is_the_one_that_a_pencil_finds() -> None:
    """Two instances' hours and two alarms, over what a request costs more at a serverless endpoint: its own time, and the function's."""
    serverless, cpu = WAYS["serverless"], WAYS["cpu"]
    assert cpu.instance is not None
    more = serverless.endpoint_s * 2 * 0.00002 + (serverless.function_s - cpu.function_s) * 0.0000133334
    expected = (2 * HOURS * cpu.instance.hour.charge(1) + 2 * 0.10) / more / MONTH_S
    assert find_break_even(serverless, cpu, Load(), PROD) == pytest.approx(expected, rel=1e-3)


def test_a_way_that_costs_less_from_the_start_has_no_break_even() -> None:
    assert find_break_even(WAYS["gpu"], WAYS["cpu"], Load(), PROD) is None


def test_large_files_go_to_batch_transform_and_small_ones_to_the_endpoint() -> None:
    small, large = Load(0, 1000, 1000), Load(0, 1000, 1_000_000)
    assert not any("Batch" in line.what for line in list_lines(WAYS["serverless"], small, PROD))
    assert any("Batch" in line.what for line in list_lines(WAYS["serverless"], large, PROD))
    assert not any("endpoint" in line.what for line in list_lines(WAYS["serverless"], large, PROD))
