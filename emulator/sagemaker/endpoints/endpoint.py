"""An endpoint: variants on model servers, and the change from one configuration to the next without an interruption."""

import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from emulator.sagemaker.conditions import Conditions, ReadConditions
from emulator.sagemaker.endpoints.alarms import DescribeAlarms
from emulator.sagemaker.endpoints.blue_green import Clock, MonotonicClock, Plan, find_alarm, shift_traffic
from emulator.sagemaker.endpoints.fleets import Fleets, GreenFleet, describe_fleet
from emulator.sagemaker.endpoints.serverless import open_containers
from emulator.sagemaker.endpoints.traffic import Traffic
from emulator.sagemaker.endpoints.variant import ConfiguredVariant, StartServer, start_fleet
from emulator.sagemaker.errors import model_not_ready, validation_error
from emulator.sagemaker.operation import PutEvent, sagemaker_arn

log = logging.getLogger("inferstack.sagemaker")
CREATING, UPDATING, ROLLING_BACK, IN_SERVICE, FAILED, DELETING = "Creating", "Updating", "RollingBack", "InService", "Failed", "Deleting"
IN_PROGRESS = {CREATING, UPDATING, ROLLING_BACK}
RESTART_PAUSE_S = 1.0
UNGUARDED = Plan((), ())
DETAIL_TYPE = "SageMaker Endpoint State Change"
EVENT_STATUSES = {IN_SERVICE: "IN_SERVICE", FAILED: "FAILED"}  # of the ends of a deployment; events have names of their own


@dataclass(slots=True)
class Endpoint:
    """An endpoint's state, its fleets and its traffic."""

    name: str
    config_name: str
    start_server: StartServer
    describe_alarms: DescribeAlarms = lambda _: []
    clock: Clock = field(default_factory=MonotonicClock)
    read_conditions: ReadConditions = Conditions
    put_event: PutEvent = lambda *_: None
    status: str = CREATING
    failure_reason: str = ""
    created_at: float = field(default_factory=time.time)
    modified_at: float = field(default_factory=time.time)
    fleets: Fleets = field(default_factory=Fleets)
    traffic: Traffic = field(init=False)
    starting: list[ConfiguredVariant] = field(default_factory=list)  # of a deployment that has begun
    _generation: int = 0
    _deleted: bool = False

    def __post_init__(self) -> None:
        """Let the traffic know the fleets."""
        self.traffic = Traffic(self.name, self.fleets, self._require_serving)

    @property
    def arn(self) -> str:
        """Its ARN."""
        return sagemaker_arn("endpoint", self.name)

    def deploy(
        self, config_name: str, variants: list[ConfiguredVariant], plan: Plan = UNGUARDED, *, is_silently_rolled_back: bool = False
    ) -> None:
        """Deploy a configuration, and put the event of the deployment's end."""
        self._deploy(config_name, variants, plan, is_silently_rolled_back=is_silently_rolled_back)
        if status := EVENT_STATUSES.get(self.status):
            detail = {"EndpointName": self.name, "EndpointArn": self.arn, "EndpointConfigName": self.config_name, "EndpointStatus": status}
            self.put_event("aws.sagemaker", DETAIL_TYPE, detail)

    def _deploy(self, config_name: str, variants: list[ConfiguredVariant], plan: Plan, *, is_silently_rolled_back: bool) -> None:
        """Start the variants' servers beside those that run, move the traffic as planned, and stop what is no longer needed.

        If a server does not start, or an alarm is raised before the plan has ended, the old fleet gets all traffic again, and the reason
        becomes the endpoint's FailureReason. Whichever fleet is stopped finishes its requests in flight first.
        """
        self._generation += 1
        label = f"{self.name}-{{}}-{self._generation}"
        open_ = partial(open_containers, self.name, read_conditions=self.read_conditions, clock=self.clock)
        try:
            green = GreenFleet(config_name, start_fleet(label, variants, self.start_server, open_))
        except Exception as error:  # noqa: BLE001 - whatever the reason, the endpoint must not stay between two states
            self.starting = []
            self._settle(IN_SERVICE if self.fleets.blue else FAILED, f"{error}")
            log.warning("%s: %s", self.name, error)
            return
        reason = self._bake(green, plan)
        is_rolled_back = is_silently_rolled_back or bool(reason)
        with self.fleets.changed:
            self.fleets.green, self.starting = None, []
            if self._deleted or is_rolled_back:
                retired = green.variants
                self.status = ROLLING_BACK if is_rolled_back and not self._deleted else self.status
            else:
                retired, self.fleets.blue, self.config_name = self.fleets.blue, green.variants, config_name
                self._settle(IN_SERVICE, "")
        for variant in retired.values():
            self.fleets.drain(variant)
            variant.server.stop()
        if is_rolled_back:
            log.warning("%s: rolled back: %s", self.name, reason or "silently")
            self._settle(IN_SERVICE if self.fleets.blue else FAILED, f"The deployment was rolled back: {reason}" if reason else "")

    def _bake(self, green: GreenFleet, plan: Plan) -> str:
        """Move traffic to the new fleet as planned; return why it has to be rolled back, or ""."""

        def find_fault() -> str:
            if self._deleted:
                return "the endpoint is being deleted"
            return find_alarm(plan.alarms, self.describe_alarms, self.name, list(green.invocations))

        def set_share(share: float) -> None:
            green.share = share

        with self.fleets.changed:
            self.fleets.green = green if plan.steps else None
        try:
            return shift_traffic(plan.steps, set_share, find_fault, self.clock)
        except Exception as error:  # noqa: BLE001 - without its alarms a deployment must not go on
            return f"its alarms could not be read: {error}"

    def _settle(self, status: str, reason: str) -> None:
        with self.fleets.changed:
            if not self._deleted:
                self.status, self.failure_reason, self.modified_at = status, reason, time.time()

    def _require_serving(self) -> None:
        if self.fleets.blue:
            return
        if self.status == CREATING:
            raise model_not_ready(f"Endpoint {self.name} is being created; its model is not loaded yet.")
        raise validation_error(f"Endpoint {self.name} is {self.status} and cannot be invoked. {self.failure_reason}".strip())

    def set_weights(self, weights: Mapping[str, float]) -> None:
        """Set variants' weights."""
        with self.fleets.changed:
            for name, weight in weights.items():
                self.fleets.blue[name].weight = weight

    def restart_ended_servers(self) -> None:
        """Restart each server whose process has ended."""
        with self.fleets.changed:
            ended = [variant for variant in self.fleets.list_running() if not variant.server.is_alive()]
        for variant in ended:
            log.warning("%s: the server of %s ended; restarting it", self.name, variant.name)
            time.sleep(RESTART_PAUSE_S)
            try:
                server = self.start_server(variant.server.name, variant.settings)
            except Exception as error:  # noqa: BLE001 - the supervisor must outlive any server
                log.warning("%s: the server did not restart: %s", self.name, error)
                continue
            with self.fleets.changed:
                if not self.fleets.is_running(variant):
                    server.stop()
                else:
                    variant.server.stop()
                    variant.server = server

    def stop(self) -> None:
        """Stop every server; nothing is started again."""
        with self.fleets.changed:
            self._deleted, self.status = True, DELETING
            variants, self.fleets.blue, self.fleets.green = self.fleets.list_running(), {}, None
        for variant in variants:
            if variant.containers is not None:
                variant.containers.close()
            variant.server.stop()

    def list_allocated(self) -> list[Mapping[str, Any]]:
        """Return the settings of the variants that take a part of the account's quotas."""
        with self.fleets.changed:
            started = {id(variant.settings) for variant in self.fleets.list_running()}
            starting = [settings for settings, _ in self.starting if id(settings) not in started]
            return [*(variant.settings for variant in self.fleets.list_running()), *starting]

    def describe(self) -> dict[str, Any]:
        """Return DescribeEndpoint's response."""
        with self.fleets.changed:
            response = {
                "EndpointName": self.name,
                "EndpointArn": self.arn,
                "EndpointConfigName": self.config_name,
                "EndpointStatus": self.status,
                "CreationTime": self.created_at,
                "LastModifiedTime": self.modified_at,
                **describe_fleet(self.fleets.blue),
            }
            if self.fleets.green is not None:
                response["PendingDeploymentSummary"] = self.fleets.green.describe()
            if self.failure_reason:
                response["FailureReason"] = self.failure_reason
            return response
