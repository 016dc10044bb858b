"""The containers of a serverless endpoint: cold, warm, kept ready, and no more than there may be."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from emulator.sagemaker.conditions import Conditions
from emulator.sagemaker.endpoints.serverless import Containers
from emulator.sagemaker.errors import SageMakerError
from tests.fakes import FakeClock
from tests.unit.emulator.sagemaker.local_sagemaker import wait_until

CONDITIONS = Conditions(cold_start_s=0, idle_s=300)


def build(clock: FakeClock | None = None, conditions: Conditions = CONDITIONS, **options: int) -> Containers:
    counts = {"max_concurrency": 2, "provisioned": 0} | options
    return Containers("digits", **counts, read_conditions=lambda: conditions, clock=clock or FakeClock())  # type: ignore[arg-type]


def ask(containers: Containers) -> None:
    with containers.take():
        pass


def test_is_warm_after_a_deployment_and_goes_cold_after_a_quiet_time() -> None:
    clock = FakeClock()
    containers = build(clock)
    for pause_s, started in ((0, 0), (299, 0), (299, 0), (301, 1), (0, 1), (299, 1)):
        clock.now_s += pause_s
        ask(containers)
        assert containers.started == started


def test_starts_another_container_for_each_request_that_none_is_free_for() -> None:
    containers = build(max_concurrency=3)
    with containers.take(), containers.take(), containers.take():
        assert containers.started == 2
        with pytest.raises(SageMakerError, match="Rate exceeded") as throttled:
            ask(containers)
        assert (throttled.value.status, throttled.value.code) == (400, "ThrottlingException")
    with containers.take(), containers.take(), containers.take():
        assert containers.started == 2  # all are warm now


def test_keeps_as_many_ready_as_are_provisioned() -> None:
    clock = FakeClock()
    containers = build(clock, max_concurrency=3, provisioned=2)
    clock.now_s += 1000
    with containers.take(), containers.take():
        assert containers.started == 0
        ask(containers)
        assert containers.started == 1


def test_makes_a_request_wait_for_its_container_and_for_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    containers = build(conditions=Conditions(cold_start_s=60))
    asked = threading.Event()
    with ThreadPoolExecutor(1) as pool, containers.take():
        waiting: Any = pool.submit(lambda: (asked.set(), ask(containers)))
        wait_until(lambda: containers.started == 1)
        assert not waiting.done()
        containers.close()
        with pytest.raises(SageMakerError, match="stopped while a container started"):
            waiting.result(timeout=10)
