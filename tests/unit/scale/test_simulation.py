"""The simulation, against formulas of queueing theory, and its two forms beside each other."""

import math
from itertools import pairwise
from random import Random

import pytest

from scale.simulation import cold_starts, fleet, uploads
from scale.simulation.arrivals import draw_arrivals, draw_count
from scale.simulation.autoscaling import Autoscaler, Policy
from scale.simulation.queue import MOST_IN_BATCH, find_percentile, simulate_batches
from serving.inference.scheduler import MAX_TICK
from tests.unit.scale.single_requests import draw_changing_arrivals, simulate_files, simulate_fleet, simulate_servers, simulate_starts

N = 30_000


def mean(values: list[float]) -> float:
    return sum(values) / len(values)


@pytest.mark.parametrize("busy", [0.3, 0.6, 0.8])
def test_one_server_with_equal_services_waits_as_pollaczek_and_khinchin_say(busy: float) -> None:
    random = Random(1)
    arrivals = [(at_s, 1.0) for at_s in draw_arrivals(busy, N / busy, random)]
    assert mean(list(simulate_servers(arrivals, 1))) == pytest.approx(busy / (2 * (1 - busy)), rel=0.06)


@pytest.mark.parametrize(("servers", "busy"), [(1, 0.5), (4, 0.7), (10, 0.6)])
def test_servers_with_random_services_wait_as_erlang_says(servers: int, busy: float) -> None:
    random, asked = Random(2), servers * busy
    arrivals = [(at_s, random.expovariate(1)) for at_s in draw_arrivals(asked, N / asked, random)]
    terms = [asked**number / math.factorial(number) for number in range(servers + 1)]
    all_busy = terms[-1] / (1 - busy) / (sum(terms[:-1]) + terms[-1] / (1 - busy))
    assert mean(list(simulate_servers(arrivals, servers))) == pytest.approx(all_busy / (servers * (1 - busy)), rel=0.2)


def test_as_many_wait_and_are_served_as_littles_law_says() -> None:
    random = Random(3)
    arrivals = list(draw_arrivals(8, 4000, random))
    stays = simulate_batches(arrivals, batch_s=0.02, row_s=0.05)
    events = sorted([(at_s, 1) for at_s in arrivals] + [(at_s + stay, -1) for at_s, stay in zip(arrivals, stays, strict=True)])
    inside, area = 0, 0.0
    for (at_s, change), (next_s, _) in pairwise(events):
        inside += change
        area += inside * (next_s - at_s)
    assert area / events[-1][0] == pytest.approx(len(arrivals) / events[-1][0] * mean(stays), rel=1e-9)


def test_batches_of_one_are_one_server_and_larger_ones_are_never_slower() -> None:
    arrivals = list(draw_arrivals(0.7, 3000, Random(4)))
    single = simulate_batches(arrivals, batch_s=0.4, row_s=0.6, most=1)
    waits = list(simulate_servers([(at_s, 1.0) for at_s in arrivals], 1))
    assert single == pytest.approx([wait + 1 for wait in waits])
    assert mean(simulate_batches(arrivals, batch_s=0.4, row_s=0.6, most=64)) < mean(single)


def test_a_batch_never_holds_more_than_the_server_takes() -> None:
    assert MOST_IN_BATCH == MAX_TICK
    stays = simulate_batches([0.0] * 130, batch_s=1, row_s=0)
    assert sorted(set(stays)) == [1, 2, 3]
    assert [stays.count(stay) for stay in (1, 2, 3)] == [64, 64, 2]


def test_percentiles_are_of_the_values() -> None:
    assert [find_percentile([float(value) for value in range(100)], percent) for percent in (0, 50, 99, 100)] == [0, 50, 99, 99]


def test_the_same_seed_gives_the_same_run() -> None:
    assert list(draw_arrivals(5, 20, Random(1))) == list(draw_arrivals(5, 20, Random(1)))


@pytest.mark.parametrize("expected", [0.3, 7.0, 5000.0])
def test_counts_have_poissons_mean_and_spread(expected: float) -> None:
    random = Random(5)
    counts = [draw_count(expected, random) for _ in range(2000)]
    spread = mean([(count - mean(counts)) ** 2 for count in counts])
    assert mean([float(count) for count in counts]) == pytest.approx(expected, rel=0.1)
    assert spread == pytest.approx(expected, rel=0.15)


POLICY = Policy(target_per_min=240, least=1, most=20, start_s=240)  # 4 requests a second are held of an instance


def step(at_s: float) -> float:
    """Ask three times as much between the fifth minute and the thirtieth."""
    return 30.0 if 300 <= at_s < 1800 else 10.0


def test_single_requests_and_their_flow_take_the_same_course() -> None:
    arrivals = draw_changing_arrivals(step, 30, 3600, Random(6))
    single = simulate_fleet(arrivals, Autoscaler(POLICY, 3), per_s=6, patience_s=8, duration_s=3600)
    flow = fleet.simulate_flow(step, Autoscaler(POLICY, 3), per_s=6, patience_s=8, duration_s=3600, random=Random(7))
    assert max(single.instances) == pytest.approx(max(flow.instances), abs=1)
    assert mean([abs(one - two) for one, two in zip(single.instances, flow.instances, strict=True)]) < 0.5
    assert sum(single.instances) == pytest.approx(sum(flow.instances), rel=0.05)
    assert single.refused_share == pytest.approx(flow.refused_share, rel=0.08)
    assert single.busy_s == pytest.approx(flow.busy_s, rel=0.05)
    assert single.most_wait_s == pytest.approx(flow.most_wait_s, rel=0.05)


def test_instances_come_three_minutes_and_a_start_after_a_step() -> None:
    flow = fleet.simulate_flow(step, Autoscaler(POLICY, 3), per_s=6, patience_s=8, duration_s=3600, random=Random(1))
    assert set(flow.instances[:11]) == {3}  # 5 minutes quiet, 3 of data, 4 of starting
    assert flow.instances[12] >= fleet.count_needed(30, POLICY.target_per_min)
    assert flow.instances[31] == max(flow.instances)  # those added stay for a quarter of an hour after the need has gone
    assert flow.instances[-1] < max(flow.instances)


def test_a_steady_load_on_target_is_left_alone() -> None:
    flow = fleet.simulate_flow(lambda _: 11.5, Autoscaler(POLICY, 3), per_s=6, patience_s=8, duration_s=3600, random=Random(1))
    assert set(flow.instances) == {3}
    assert flow.refused == 0


def test_never_more_instances_than_allowed_nor_fewer() -> None:
    rush = Autoscaler(POLICY, 3)
    flow = fleet.simulate_flow(lambda at_s: 500.0 if at_s < 1800 else 0.0, rush, per_s=6, patience_s=8, duration_s=7200, random=Random(1))
    assert (max(flow.instances), flow.instances[-1]) == (20, 1)


POOL = cold_starts.Pool(service_s=0.05, start_s=2)


def test_environments_of_single_requests_and_of_their_flow_are_as_many() -> None:
    single = simulate_starts(draw_arrivals(200, 60, Random(8)), POOL)
    flow = cold_starts.simulate_flow(lambda _: 200, POOL, 60, Random(9))
    assert single.cold == pytest.approx(flow.cold, rel=0.08)
    assert single.most == pytest.approx(flow.most, rel=0.08)
    # All that come before the first start is done start one: so many are far more than Little's law needs.
    assert single.cold == pytest.approx(200 * (POOL.start_s + POOL.service_s), rel=0.08)


def test_both_are_held_to_the_rate_at_which_lambda_starts() -> None:
    pool = cold_starts.Pool(service_s=0.05, start_s=2, starts=100, every_s=10)
    single = simulate_starts(draw_arrivals(300, 20, Random(10)), pool)
    flow = cold_starts.simulate_flow(lambda _: 300, pool, 20, Random(11))
    assert single.refused == pytest.approx(flow.refused, rel=0.1)
    assert single.refused > 0
    assert single.cold <= 100 + 10 * 20


def test_warm_environments_suffice_for_the_load_they_were_made_for() -> None:
    ready = int(cold_starts.simulate_flow(lambda _: 100, cold_starts.Pool(0.05, 0), 300, Random(1)).most)
    again = cold_starts.simulate_flow(lambda _: 100, POOL, 300, Random(1), ready)
    assert ready < 20
    assert again.cold == 0


CONSUMERS = uploads.Consumers(most=8, file_s=2, first=2, per_min=3)


def test_files_and_their_flow_grow_as_old() -> None:
    ages = list(simulate_files(draw_arrivals(5, 600, Random(12)), CONSUMERS))
    flow_s = uploads.simulate_flow(lambda _: 5, CONSUMERS, 600, Random(13))
    assert max(ages) == pytest.approx(flow_s, rel=0.15)
    assert max(ages) > 60


def test_files_do_not_wait_where_there_is_room() -> None:
    assert uploads.simulate_flow(lambda _: 0.5, CONSUMERS, 600, Random(1)) < 10
