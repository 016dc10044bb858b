"""What a doubling does, in words that the formulas of each way foretell."""

from dataclasses import replace

import pytest

from deployment.stages import settings_for
from scale.facts import read_measured
from scale.load import Load
from scale.surge import simulate_surge
from scale.ways import find_way

PROD = settings_for("prod")


def test_instances_are_there_when_data_and_start_have_passed() -> None:
    surge = simulate_surge(find_way(PROD, "cpu"), Load(50_000), PROD)
    assert 7 * 60 <= surge.reached_s <= 9 * 60
    assert surge.starts > 0


def test_instances_are_there_sooner_where_scaling_looks_every_10_seconds() -> None:
    minutes = simulate_surge(find_way(PROD, "cpu"), Load(50_000), PROD)
    quick = replace(PROD, concurrent_requests_per_instance=8)
    assert simulate_surge(find_way(quick, "cpu"), Load(50_000), quick).reached_s == minutes.reached_s - 2 * 60


def test_room_for_a_doubling_needs_nothing() -> None:
    surge = simulate_surge(find_way(PROD, "cpu"), Load(10), PROD)
    assert (surge.refused_share, surge.starts, surge.wait_s) == (0, 0, 0)


def test_more_than_one_endpoint_holds_is_refused() -> None:
    surge = simulate_surge(find_way(PROD, "serverless"), Load(10_000), PROD)
    way = find_way(PROD, "serverless")
    assert surge.refused_share == pytest.approx(1 - 200 / way.endpoint_s / 20_000, abs=0.01)


def test_a_days_files_in_an_hour_wait_as_long_as_the_functions_are_too_few() -> None:
    """Twice the least of functions for the average: 24 hours' files, of which an hour's are done meanwhile."""
    images_s = PROD.upload_functions * read_measured()["uploads"]["npy_rows_s"]
    surge = simulate_surge(find_way(PROD, "serverless"), Load(0, images_s), PROD)
    assert surge.queue_age_s == pytest.approx(23 * 3600, rel=0.01)


def test_the_same_load_gives_the_same_figures() -> None:
    way = find_way(PROD, "serverless")
    assert simulate_surge(way, Load(100), PROD) == simulate_surge(way, Load(100), PROD)
