"""An endpoint: variants on model servers, and the change from one configuration to the next without an interruption."""

import logging
import random
import threading
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import urllib3

from emulator.sagemaker.alarms import DescribeAlarms, Invocation
from emulator.sagemaker.blue_green import Clock, MonotonicClock, Plan, find_alarm, shift_traffic
from emulator.sagemaker.conditions import Conditions, ReadConditions
from emulator.sagemaker.errors import SageMakerError, model_not_ready, service_unavailable, validation_error
from emulator.sagemaker.model_server import INVOCATION_LIMIT_S
from emulator.sagemaker.operation import PutEvent, sagemaker_arn
from emulator.sagemaker.serverless import Containers
from emulator.sagemaker.shadow import ShadowTraffic
from emulator.sagemaker.variant import ConfiguredVariant, StartServer, Variant, start_fleet

log = logging.getLogger("inferstack.sagemaker")
CREATING, UPDATING, ROLLING_BACK, IN_SERVICE, FAILED, DELETING = "Creating", "Updating", "RollingBack", "InService", "Failed", "Deleting"
IN_PROGRESS = {CREATING, UPDATING, ROLLING_BACK}
RESTART_PAUSE_S = 1.0
UNGUARDED = Plan((), ())
DETAIL_TYPE = "SageMaker Endpoint State Change"
EVENT_STATUSES = {IN_SERVICE: "IN_SERVICE", FAILED: "FAILED"}  # of the ends of a deployment; events have names of their own


@dataclass(slots=True)
class GreenFleet:
    """The new fleet beside the one that serves, while a deployment lasts."""

    config_name: str
    variants: dict[str, Variant]
    share: float = 0.0  # of the traffic, 0 to 1
    started_at: float = field(default_factory=time.time)
    invocations: list[Invocation] = field(default_factory=list)

    def describe(self) -> dict[str, Any]:
        """Return the PendingDeploymentSummary."""
        return {"EndpointConfigName": self.config_name, "StartTime": self.started_at, **_describe(self.variants)}


@dataclass(slots=True)
class Endpoint:
    """An endpoint's state, and its variants.

    Args:    invocation_counts: how many requests each model got, by ModelName.
    """

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
    variants: dict[str, Variant] = field(default_factory=dict)
    invocation_counts: Counter[str] = field(default_factory=Counter)
    shadows: ShadowTraffic = field(default_factory=ShadowTraffic)
    starting: list[ConfiguredVariant] = field(default_factory=list)  # of a deployment that has begun
    _green: GreenFleet | None = None
    _changed: threading.Condition = field(default_factory=threading.Condition)
    _generation: int = 0
    _deleted: bool = False

    @property
    def arn(self) -> str:
        """Its ARN."""
        return sagemaker_arn("endpoint", self.name)

    def deploy(self, config_name: str, variants: list[ConfiguredVariant], plan: Plan = UNGUARDED) -> None:
        """Deploy a configuration, and put the event of the deployment's end."""
        self._deploy(config_name, variants, plan)
        if status := EVENT_STATUSES.get(self.status):
            detail = {"EndpointName": self.name, "EndpointArn": self.arn, "EndpointConfigName": self.config_name, "EndpointStatus": status}
            self.put_event("aws.sagemaker", DETAIL_TYPE, detail)

    def _deploy(self, config_name: str, variants: list[ConfiguredVariant], plan: Plan) -> None:
        """Start the variants' servers beside those that run, move the traffic as planned, and stop what is no longer needed.

        If a server does not start, or an alarm is raised before the plan has ended, the old fleet gets all traffic again, and the reason
        becomes the endpoint's FailureReason. Whichever fleet is stopped finishes its requests in flight first.
        """
        self._generation += 1
        is_silent = self.read_conditions().silent_rollback and bool(self.variants)
        label = f"{self.name}-{{}}-{self._generation}"
        try:
            green = GreenFleet(config_name, start_fleet(label, variants, self.start_server, self._open_containers))
        except Exception as error:  # noqa: BLE001 - whatever the reason, the endpoint must not stay between two states
            self.starting = []
            self._settle(IN_SERVICE if self.variants else FAILED, f"{error}")
            log.warning("%s: %s", self.name, error)
            return
        reason = self._bake(green, plan)
        is_rolled_back = is_silent or bool(reason)
        with self._changed:
            self._green, self.starting = None, []
            if self._deleted or is_rolled_back:
                retired = green.variants
                self.status = ROLLING_BACK if is_rolled_back and not self._deleted else self.status
            else:
                retired, self.variants, self.config_name = self.variants, green.variants, config_name
                self._settle(IN_SERVICE, "")
        for variant in retired.values():
            self._drain(variant)
            variant.server.stop()
        if is_rolled_back:
            log.warning("%s: rolled back: %s", self.name, reason or "silently")
            self._settle(IN_SERVICE if self.variants else FAILED, f"The deployment was rolled back: {reason}" if reason else "")

    def _open_containers(self, settings: Mapping[str, Any]) -> Containers | None:
        """Return the containers of a serverless variant."""
        if (serverless := settings.get("ServerlessConfig")) is None:
            return None
        return Containers(
            f"{self.name}: {settings['VariantName']}",
            max_concurrency=int(serverless["MaxConcurrency"]),
            provisioned=int(serverless.get("ProvisionedConcurrency", 0)),
            read_conditions=self.read_conditions,
            clock=self.clock,
        )

    def _bake(self, green: GreenFleet, plan: Plan) -> str:
        """Move traffic to the new fleet as planned; return why it has to be rolled back, or ""."""

        def find_fault() -> str:
            if self._deleted:
                return "the endpoint is being deleted"
            return find_alarm(plan.alarms, self.describe_alarms, self.name, list(green.invocations))

        def set_share(share: float) -> None:
            green.share = share

        with self._changed:
            self._green = green if plan.steps else None
        try:
            return shift_traffic(plan.steps, set_share, find_fault, self.clock)
        except Exception as error:  # noqa: BLE001 - without its alarms a deployment must not go on
            return f"its alarms could not be read: {error}"

    def _drain(self, variant: Variant) -> None:
        """Wait until a variant that gets no new requests has none in flight."""
        with self._changed:
            self._changed.wait_for(lambda: variant.in_flight == 0, INVOCATION_LIMIT_S)

    def _settle(self, status: str, reason: str) -> None:
        with self._changed:
            if not self._deleted:
                self.status, self.failure_reason, self.modified_at = status, reason, time.time()

    def invoke(self, target: str | None, body: bytes, headers: Mapping[str, str]) -> tuple[Variant, urllib3.BaseHTTPResponse]:
        """Invoke the target variant, else one by weight; return the variant and its response."""
        with self._changed:
            # Chosen and counted under one lock: a fleet that is drained gets no more requests.
            variant, green = self._choose(target, len(body))
            variant.in_flight += 1
            fleet = self.variants if green is None else green.variants
        started, status = time.perf_counter(), 503
        try:
            with variant.take_container():
                response = variant.server.invoke(body, headers)
            status = response.status
        except SageMakerError as error:
            status = int(error.fields.get("OriginalStatusCode", status))
            raise
        finally:
            latency_us = (time.perf_counter() - started) * 1e6
            with self._changed:
                variant.in_flight -= 1
                self.invocation_counts[str(variant.settings["ModelName"])] += 1
                if green is not None:
                    green.invocations.append(Invocation(variant.name, status, latency_us))
                self._changed.notify_all()
        variant.require_response_size(len(response.data), self.name)
        if response.status == 200:
            for shadow in (each for each in fleet.values() if each.is_shadow):
                share = shadow.weight / variant.weight if variant.weight else 0
                name, invoke = f"{self.name}: {shadow.name}", partial(self._invoke_shadow, shadow)
                self.shadows.copy(name, invoke, body, headers, share=share, response=response.data)
        return variant, response

    def _invoke_shadow(self, shadow: Variant, body: bytes, headers: Mapping[str, str]) -> urllib3.BaseHTTPResponse:
        """Return a shadow's response, unless its fleet was stopped after the request was copied."""
        with self._changed:
            if not any(shadow is each for each in self._running()):
                raise service_unavailable("the shadow variant is stopped")
            shadow.in_flight += 1
        try:
            return shadow.server.invoke(body, headers)
        finally:
            with self._changed:
                shadow.in_flight -= 1
                self._changed.notify_all()

    def _choose(self, target: str | None, body_bytes: int) -> tuple[Variant, GreenFleet | None]:
        """Return a variant, and the new fleet if the variant is part of it."""
        if not self.variants:
            if self.status == CREATING:
                raise model_not_ready(f"Endpoint {self.name} is being created; its model is not loaded yet.")
            raise validation_error(f"Endpoint {self.name} is {self.status} and cannot be invoked. {self.failure_reason}".strip())
        green = self._green if self._green is not None and random.random() < self._green.share else None  # noqa: S311 - traffic, not secrets
        running = self.variants if green is None else green.variants
        variants = {name: variant for name, variant in running.items() if not variant.is_shadow}
        if target is not None:
            if target not in variants:
                raise validation_error(f"Variant {target} not found for endpoint {self.name}; it has {', '.join(variants)}.")
            chosen = variants[target]
        else:
            weights = [variant.weight for variant in variants.values()]
            if not any(weights):
                raise validation_error(f"All variants of endpoint {self.name} have weight 0.")
            chosen = random.choices(list(variants.values()), weights)[0]  # noqa: S311
        chosen.require_request_size(body_bytes)
        return chosen, green

    def set_weights(self, weights: Mapping[str, float]) -> None:
        """Set variants' weights."""
        with self._changed:
            for name, weight in weights.items():
                self.variants[name].weight = weight

    def restart_ended_servers(self) -> None:
        """Restart each server whose process has ended."""
        with self._changed:
            ended = [variant for variant in self._running() if not variant.server.is_alive()]
        for variant in ended:
            log.warning("%s: the server of %s ended; restarting it", self.name, variant.name)
            time.sleep(RESTART_PAUSE_S)
            try:
                server = self.start_server(variant.server.name, variant.settings)
            except Exception as error:  # noqa: BLE001 - the supervisor must outlive any server
                log.warning("%s: the server did not restart: %s", self.name, error)
                continue
            with self._changed:
                if not any(variant is each for each in self._running()):
                    server.stop()
                else:
                    variant.server.stop()
                    variant.server = server

    def stop(self) -> None:
        """Stop every server; nothing is started again."""
        with self._changed:
            self._deleted, self.status = True, DELETING
            variants, self.variants, self._green = self._running(), {}, None
        for variant in variants:
            if variant.containers is not None:
                variant.containers.close()
            variant.server.stop()

    def list_allocated(self) -> list[Mapping[str, Any]]:
        """Return the settings of the variants that take a part of the account's quotas."""
        with self._changed:
            started = {id(variant.settings) for variant in self._running()}
            starting = [settings for settings, _ in self.starting if id(settings) not in started]
            return [*(variant.settings for variant in self._running()), *starting]

    def _running(self) -> list[Variant]:
        return [*self.variants.values(), *(self._green.variants.values() if self._green is not None else ())]

    def describe(self) -> dict[str, Any]:
        """Return DescribeEndpoint's response."""
        with self._changed:
            response = {
                "EndpointName": self.name,
                "EndpointArn": self.arn,
                "EndpointConfigName": self.config_name,
                "EndpointStatus": self.status,
                "CreationTime": self.created_at,
                "LastModifiedTime": self.modified_at,
                **_describe(self.variants),
            }
            if self._green is not None:
                response["PendingDeploymentSummary"] = self._green.describe()
            if self.failure_reason:
                response["FailureReason"] = self.failure_reason
            return response


def _describe(variants: Mapping[str, Variant]) -> dict[str, Any]:
    """Return the variants of DescribeEndpoint's response; shadows are listed on their own."""
    shadows = [variant.describe() for variant in variants.values() if variant.is_shadow]
    production = {"ProductionVariants": [variant.describe() for variant in variants.values() if not variant.is_shadow]}
    return {**production, "ShadowProductionVariants": shadows} if shadows else production
