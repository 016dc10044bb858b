"""Blue/green deployments: how traffic moves, when an alarm rolls it back, and that neither way loses a request."""

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from emulator.cloudformation.resource_type import ResourceRequest
from emulator.cloudformation.sagemaker_types import resource_types
from emulator.sagemaker.endpoints.alarms import Invocation, compute_statistic, evaluate_alarm
from emulator.sagemaker.endpoints.blue_green import Plan, Step, find_alarm, plan_deployment, shift_traffic
from emulator.sagemaker.endpoints.endpoint import Endpoint
from emulator.sagemaker.errors import SageMakerError
from tests.fakes import FakeClock
from tests.unit.emulator.sagemaker.local_sagemaker import ROLE, FakeResponse, FakeServer, LocalSageMaker, wait_until

ERRORS: dict[str, Any] = {
    "AlarmName": "errors",
    "StateValue": "OK",
    "Namespace": "AWS/SageMaker",
    "MetricName": "Invocation5XXErrors",
    "Dimensions": [{"Name": "EndpointName", "Value": "digits"}, {"Name": "VariantName", "Value": "main"}],
    "Statistic": "Sum",
    "Threshold": 2.0,
    "ComparisonOperator": "GreaterThanThreshold",
}
LATENCY = {**ERRORS, "AlarmName": "latency", "MetricName": "ModelLatency", "ExtendedStatistic": "p99", "Threshold": 1e6}
del LATENCY["Statistic"]


def routing(type_: str, **sizes: Any) -> dict[str, Any]:
    policy = {"TrafficRoutingConfiguration": {"Type": type_, "WaitIntervalInSeconds": 10, **sizes}, "TerminationWaitInSeconds": 5}
    return {"BlueGreenUpdatePolicy": policy, "AutoRollbackConfiguration": {"Alarms": [{"AlarmName": "errors"}]}}


def size(type_: str, value: Any) -> dict[str, Any]:
    return {"Type": type_, "Value": value}


@pytest.mark.parametrize(
    ("config", "steps"),
    [
        (routing("ALL_AT_ONCE"), [(1, 15)]),
        (routing("CANARY", CanarySize=size("INSTANCE_COUNT", 1)), [(0.25, 10), (1, 5)]),
        (routing("CANARY", CanarySize=size("CAPACITY_PERCENT", "10")), [(0.1, 10), (1, 5)]),
        (routing("LINEAR", LinearStepSize=size("INSTANCE_COUNT", 1)), [(0.25, 10), (0.5, 10), (0.75, 10), (1, 15)]),
        (routing("LINEAR", LinearStepSize=size("CAPACITY_PERCENT", 40)), [(0.4, 10), (0.8, 10), (1, 15)]),
    ],
)
def test_moves_traffic_in_the_steps_of_its_configuration(config: dict[str, Any], steps: list[tuple[float, float]]) -> None:
    plan = plan_deployment(config, [{"InitialInstanceCount": 4}, {"InitialInstanceCount": "8"}])
    assert [(step.share, step.wait_s) for step in plan.steps] == steps
    assert plan.alarms == ("errors",)
    assert plan.duration_s == sum(wait_s for _, wait_s in steps)


@pytest.mark.parametrize(
    ("config", "words"),
    [
        (routing("CANARY", CanarySize=size("INSTANCE_COUNT", 3)), "75% of 4 instance.*at most 50%"),
        (routing("CANARY"), "CanarySize is required"),
        (routing("LINEAR", LinearStepSize=size("CAPACITY_PERCENT", 5)), "5% of 4 instance.*10% to 50%"),
        (routing("SOMEHOW"), "Type is SOMEHOW"),
        ({"RollingUpdatePolicy": {}}, "no rolling updates"),
    ],
)
def test_refuses_what_it_cannot_guard(config: dict[str, Any], words: str) -> None:
    with pytest.raises(SageMakerError, match=words):
        plan_deployment(config, [{"InitialInstanceCount": 4}])


def test_takes_a_limit_of_time_only_above_what_the_deployment_waits() -> None:
    config = routing("CANARY", CanarySize=size("INSTANCE_COUNT", 1))
    policy = config["BlueGreenUpdatePolicy"]
    policy["MaximumExecutionTimeoutInSeconds"] = "15"
    with pytest.raises(SageMakerError, match="MaximumExecutionTimeoutInSeconds is 15; expected more than the 15 s"):
        plan_deployment(config, [{"InitialInstanceCount": 4}])
    policy["MaximumExecutionTimeoutInSeconds"] = 16
    assert plan_deployment(config, [{"InitialInstanceCount": 4}]).duration_s == 15


def test_bakes_each_step_and_looks_five_times_a_second() -> None:
    clock, sent, looked = FakeClock(), list[tuple[float, float]](), list[float]()
    start_s = clock()
    reason = shift_traffic(
        [Step(0.5, 1), Step(1, 0.3)],
        lambda share: sent.append((share, clock() - start_s)),
        lambda: looked.append(clock()) or "",  # type: ignore[func-returns-value]
        clock,
    )
    assert reason == ""
    assert [(share, pytest.approx(at_s)) for share, at_s in sent] == [(0.5, 0), (1, 1)]
    assert clock() - start_s == pytest.approx(1.3)
    assert max(clock.slept_s) <= 0.2
    assert len(looked) >= len(clock.slept_s) + 2


def test_stops_at_the_first_thing_that_is_wrong() -> None:
    clock, sent = FakeClock(), list[float]()
    assert shift_traffic([Step(0.1, 60), Step(1, 60)], sent.append, lambda: "late" if clock() > 1003 else "", clock) == "late"
    assert sent == [0.1]
    assert sum(clock.slept_s) < 4


def invocations_with(*statuses: int, latency_us: float = 1000, variant: str = "main") -> list[Invocation]:
    return [Invocation(variant, status, latency_us) for status in statuses]


@pytest.mark.parametrize(
    ("change", "invocations", "is_raised"),
    [
        ({}, invocations_with(500, 502, 503), True),
        ({}, invocations_with(500, 502, 200), False),
        ({}, invocations_with(400, 404, 413), False),
        ({"ComparisonOperator": "GreaterThanOrEqualToThreshold"}, invocations_with(500, 502, 200), True),
        ({"MetricName": "Invocation4XXErrors"}, invocations_with(400, 404, 413), True),
        ({"MetricName": "Invocations", "ComparisonOperator": "LessThanThreshold"}, invocations_with(200), True),
        ({"MetricName": "Invocations", "ComparisonOperator": "LessThanOrEqualToThreshold"}, invocations_with(200, 200, 200), False),
        ({"Statistic": "Average", "Threshold": 0.5}, invocations_with(500, 500, 200), True),
        ({}, invocations_with(500, 500, 500, variant="other"), False),
        ({"Dimensions": [{"Name": "EndpointName", "Value": "digits"}]}, invocations_with(500, 500, 500, variant="other"), True),
        ({"Dimensions": [{"Name": "EndpointName", "Value": "letters"}]}, invocations_with(500, 500, 500), False),
        ({"Statistic": "SampleCount", "ExtendedStatistic": "p99"}, invocations_with(200, 200, 200), False),
        ({"Namespace": "AWS/ApiGateway"}, invocations_with(500, 500, 500), False),
        ({"MetricName": "CPUUtilization"}, invocations_with(500, 500, 500), False),
        ({"StateValue": "ALARM", "Namespace": "AWS/ApiGateway"}, [], True),
        ({"ComparisonOperator": "LessThanThreshold"}, [], False),
    ],
)
def test_raises_an_alarm_by_its_own_definition(change: dict[str, Any], invocations: list[Invocation], is_raised: bool) -> None:
    reason = evaluate_alarm({**ERRORS, **change}, "digits", invocations)
    assert bool(reason) == is_raised
    assert not is_raised or "alarm errors is in ALARM" in reason


def test_raises_latency_by_its_percentile_in_microseconds() -> None:
    assert evaluate_alarm(LATENCY, "digits", [*invocations_with(*[200] * 99), *invocations_with(200, latency_us=9e6)]) == ""
    slow = evaluate_alarm(LATENCY, "digits", [*invocations_with(*[200] * 98), *invocations_with(200, 200, latency_us=9e6)])
    assert slow == "alarm latency is in ALARM: p99 of ModelLatency was 9e+06 over 100 request(s), GreaterThanThreshold 1e+06"


def test_knows_cloudwatchs_statistics() -> None:
    values = [4.0, 1.0, 3.0, 2.0]
    known = {"Sum": 10, "Average": 2.5, "Minimum": 1, "Maximum": 4, "SampleCount": 4, "p50": 2, "p99.9": 4, "p0": 1}
    assert {name: compute_statistic(name, values) for name in known} == known


def test_goes_back_for_an_alarm_that_is_not_there() -> None:
    assert find_alarm(["errors", "gone"], lambda names: [ERRORS], "digits", []) == "alarm gone does not exist"
    assert find_alarm([], lambda names: pytest.fail("nothing to look for"), "digits", []) == ""


class DeployingEndpoint:
    """An endpoint with an old and a new model, and traffic between the looks of a deployment, which is when its clock sleeps."""

    def __init__(self, *steps: tuple[float, float]) -> None:
        self.servers: dict[str, FakeServer] = {}
        self.steps, self.statuses, self.pending = steps, Counter[str](), list[Any]()
        self.clock = FakeClock()
        self.endpoint = Endpoint("digits", "", self._start, lambda names: [ERRORS], self)
        self.endpoint.deploy("old", [({"VariantName": "main", "ModelName": "old"}, False)])
        self.per_look = 10
        self.between: Callable[[], None] = lambda: None

    def __call__(self) -> float:
        return self.clock()

    def sleep(self, seconds: float) -> None:
        described = self.endpoint.describe()
        self.statuses[described["EndpointStatus"]] += 1
        self.pending.append(described.get("PendingDeploymentSummary"))
        for _ in range(self.per_look):
            self.ask()
        self.between()
        self.clock.sleep(seconds)

    def ask(self) -> None:
        self.endpoint.traffic.invoke(None, b"", {})

    def update(self, alarms: Sequence[str] = ("errors",)) -> None:
        self.endpoint.status = "Updating"
        plan = Plan(tuple(Step(*step) for step in self.steps), tuple(alarms))
        self.endpoint.deploy("new", [({"VariantName": "main", "ModelName": "new"}, False)], plan)

    def _start(self, label: str, settings: Any) -> Any:
        name = settings["ModelName"]
        server = self.servers.setdefault(name, FakeServer(name))
        server.response = server.response if name == "old" else self.new_response
        return server

    new_response = FakeResponse()


def test_gives_a_canary_its_share_then_all_and_keeps_the_old_fleet_until_the_end() -> None:
    deploying = DeployingEndpoint((0.2, 20), (1, 2))
    counts = Counter[str]()

    def between() -> None:
        assert not deploying.servers["old"].stopped
        if deploying.clock() < 1020:
            counts.update(deploying.endpoint.traffic.invocation_counts - counts)

    deploying.between = between
    deploying.update()
    assert 100 < counts["new"] < 300  # a fifth of 1000
    assert counts["old"] + counts["new"] >= 990
    assert deploying.endpoint.traffic.invocation_counts["old"] == pytest.approx(counts["old"], abs=10)
    assert deploying.servers["old"].stopped
    assert not deploying.servers["new"].stopped
    described = deploying.endpoint.describe()
    assert (described["EndpointStatus"], described["EndpointConfigName"]) == ("InService", "new")
    assert not {"FailureReason", "PendingDeploymentSummary"} & described.keys()


def test_tells_of_the_deployment_while_it_lasts() -> None:
    deploying = DeployingEndpoint((1, 1))
    deploying.update()
    assert set(deploying.statuses) == {"Updating"}
    assert {summary["EndpointConfigName"] for summary in deploying.pending} == {"new"}
    assert deploying.pending[0]["ProductionVariants"][0]["VariantName"] == "main"


def test_sends_all_traffic_back_when_an_alarm_is_raised() -> None:
    deploying = DeployingEndpoint((0.5, 60), (1, 60))
    deploying.new_response = FakeResponse(500)
    deploying.update()
    described = deploying.endpoint.describe()
    assert (described["EndpointStatus"], described["EndpointConfigName"]) == ("InService", "old")
    assert "alarm errors is in ALARM: Sum of Invocation5XXErrors was" in described["FailureReason"]
    assert deploying.servers["new"].stopped
    assert sum(deploying.clock.slept_s) < 10
    before = deploying.servers["new"].invoked
    for _ in range(20):
        deploying.ask()
    assert deploying.servers["new"].invoked == before


def test_goes_back_when_its_alarms_cannot_be_read() -> None:
    deploying = DeployingEndpoint((1, 60))

    def unreadable(names: Sequence[str]) -> list[Any]:
        raise OSError("no CloudWatch")

    deploying.endpoint.describe_alarms = unreadable
    deploying.update()
    assert deploying.endpoint.config_name == "old"
    assert "could not be read: no CloudWatch" in deploying.endpoint.failure_reason


def test_ends_a_deployment_whose_endpoint_is_deleted() -> None:
    deploying = DeployingEndpoint((0.5, 600))

    def between() -> None:
        deploying.per_look = 0
        deploying.endpoint.stop()

    deploying.between = between
    deploying.update()
    assert sum(deploying.clock.slept_s) < 1
    assert all(server.stopped for server in deploying.servers.values())
    assert deploying.endpoint.status == "Deleting"


@pytest.mark.parametrize("new_status", [200, 500])
def test_loses_no_request_that_is_in_flight_at_a_switch(new_status: int) -> None:
    """It holds one request in each fleet over the last switch, in whichever direction, and lets it go only when the fleet should stop."""
    deploying = DeployingEndpoint((0.5, 5), (1, 1))
    deploying.new_response = FakeResponse(new_status)
    leaving = "old" if new_status == 200 else "new"
    release, held = threading.Event(), threading.Event()
    answered: list[Any] = []

    def hold() -> None:
        if not held.is_set():
            held.set()
            assert release.wait(10)

    def between() -> None:
        if not held.is_set() and leaving in deploying.servers:
            deploying.servers[leaving].before = hold
            thread = threading.Thread(target=ask_the_leaving)
            thread.start()
            assert held.wait(10)

    def ask_the_leaving() -> None:
        for _ in range(1000):  # traffic is by chance
            variant, answer = deploying.endpoint.traffic.invoke(None, b"", {})
            if variant.settings["ModelName"] == leaving:
                answered.append(answer.status)
                return

    deploying.between = between
    ending = threading.Thread(target=deploying.update)
    ending.start()
    wait_until(lambda: held.is_set() and "PendingDeploymentSummary" not in deploying.endpoint.describe())
    assert not deploying.servers[leaving].stopped
    release.set()
    ending.join(10)
    wait_until(lambda: bool(answered))
    assert answered == [new_status if leaving == "new" else 200]
    assert deploying.servers[leaving].stopped


def test_guards_the_update_of_a_template(tmp_path: Path) -> None:
    local = LocalSageMaker(tmp_path, alarms={"errors": {**ERRORS, "StateValue": "ALARM"}}, clock=FakeClock())
    sagemaker, endpoint = local.client, resource_types(local.control_plane.operations)["AWS::SageMaker::Endpoint"]
    for name in ("old", "new"):
        sagemaker.create_model(ModelName=name, ExecutionRoleArn=ROLE, PrimaryContainer={"Image": "i", "ModelDataUrl": f"s3://dump/{name}"})
        variant = {"VariantName": "main", "ModelName": name, "InstanceType": "ml.m5.large", "InitialInstanceCount": 2}
        sagemaker.create_endpoint_config(EndpointConfigName=name, ProductionVariants=[variant])
    old = {"EndpointName": "digits", "EndpointConfigName": "old"}
    arn, _ = endpoint.create(ResourceRequest(old))
    guarded = routing("CANARY", CanarySize=size("INSTANCE_COUNT", "1"))
    update = ResourceRequest({**old, "EndpointConfigName": "new", "DeploymentConfig": guarded}, old, physical_id=arn)
    with pytest.raises(RuntimeError, match="alarm errors is in ALARM"):
        endpoint.update(update)
    assert sagemaker.describe_endpoint(EndpointName="digits")["EndpointConfigName"] == "old"
    local.alarms["errors"] = ERRORS
    endpoint.update(update)
    assert sagemaker.describe_endpoint(EndpointName="digits")["EndpointConfigName"] == "new"
    assert local.clock.now_s == pytest.approx(1015)
