"""An endpoint: variants on model servers, and the change from one configuration to the next without a moment in between."""

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

from emulator.sagemaker.alarms import Invocation
from emulator.sagemaker.deployment import Clock, DescribeAlarms, MonotonicClock, Plan, shift, tripped
from emulator.sagemaker.errors import SageMakerError, invalid_invocation, not_ready
from emulator.sagemaker.server import INVOCATION_LIMIT_S
from emulator.sagemaker.shadow import Shadows
from emulator.sagemaker.variant import StartServer, Variant, fleet

log = logging.getLogger("inferstack.sagemaker")
CREATING, UPDATING, ROLLING_BACK, IN_SERVICE, FAILED, DELETING = "Creating", "Updating", "RollingBack", "InService", "Failed", "Deleting"
IN_PROGRESS = {CREATING, UPDATING, ROLLING_BACK}
RESTART_PAUSE_S = 1.0
UNGUARDED = Plan((), ())


@dataclass(slots=True)
class Green:
    """A fleet beside the one that serves, while a deployment lasts."""

    config_name: str
    variants: dict[str, Variant]
    share: float = 0.0  # of the traffic, 0 to 1
    started_at: float = field(default_factory=time.time)
    invocations: list[Invocation] = field(default_factory=list)

    def describe(self) -> dict[str, Any]:
        """Return the PendingDeploymentSummary."""
        return {"EndpointConfigName": self.config_name, "StartTime": self.started_at, **_described(self.variants)}


@dataclass(slots=True)
class Endpoint:
    """What DescribeEndpoint tells, and the variants behind it.

    Args:    answered: how many requests each model answered, by ModelName.
    """

    name: str
    arn: str
    config_name: str
    start_server: StartServer
    describe_alarms: DescribeAlarms = lambda _: []
    clock: Clock = field(default_factory=MonotonicClock)
    status: str = CREATING
    failure_reason: str = ""
    created_at: float = field(default_factory=time.time)
    modified_at: float = field(default_factory=time.time)
    variants: dict[str, Variant] = field(default_factory=dict)
    answered: Counter[str] = field(default_factory=Counter)
    shadows: Shadows = field(default_factory=Shadows)
    _green: Green | None = None
    _changed: threading.Condition = field(default_factory=threading.Condition)
    _generation: int = 0
    _deleted: bool = False

    def deploy(self, config_name: str, production_variants: list[Mapping[str, Any]], guard: Plan = UNGUARDED) -> None:
        """Start the variants' servers beside those that run, move the traffic as planned, and stop what is no longer needed.

        If a server does not start, or an alarm is raised before the plan has ended, what ran before gets all traffic again, and the reason
        is told. Whichever fleet goes finishes what it has in flight.
        """
        self._generation += 1
        label = f"{self.name}-{{}}-{self._generation}"
        try:
            green = Green(config_name, fleet(label, production_variants, self.start_server))
        except Exception as error:  # noqa: BLE001 - whatever it is, the endpoint must not stay between two states
            self._settle(IN_SERVICE if self.variants else FAILED, f"{error}")
            log.warning("%s: %s", self.name, error)
            return
        reason = self._bake(green, guard)
        with self._changed:
            self._green = None
            if self._deleted or reason:
                retired = green.variants
                self.status = ROLLING_BACK if reason and not self._deleted else self.status
            else:
                retired, self.variants, self.config_name = self.variants, green.variants, config_name
                self._settle(IN_SERVICE, "")
        for variant in retired.values():
            self._drain(variant)
            variant.server.stop()
        if reason:
            log.warning("%s: %s", self.name, reason)
            self._settle(IN_SERVICE if self.variants else FAILED, f"The deployment was rolled back: {reason}")

    def _bake(self, green: Green, guard: Plan) -> str:
        """Move traffic to the new fleet as planned; return why it has to go back, or ""."""

        def wrong() -> str:
            if self._deleted:
                return "the endpoint is being deleted"
            return tripped(guard.alarms, self.describe_alarms, self.name, list(green.invocations))

        def send(share: float) -> None:
            green.share = share

        with self._changed:
            self._green = green if guard.steps else None
        try:
            return shift(guard.steps, send, wrong, self.clock)
        except Exception as error:  # noqa: BLE001 - a guard that cannot look must not let through
            return f"its alarms could not be read: {error}"

    def _drain(self, variant: Variant) -> None:
        """Wait until nothing is on its way to a variant that nobody can choose any more."""
        with self._changed:
            self._changed.wait_for(lambda: variant.in_flight == 0, INVOCATION_LIMIT_S)

    def _settle(self, status: str, reason: str) -> None:
        with self._changed:
            if not self._deleted:
                self.status, self.failure_reason, self.modified_at = status, reason, time.time()

    def invoke(self, target: str | None, body: bytes, headers: Mapping[str, str]) -> tuple[Variant, urllib3.BaseHTTPResponse]:
        """Return the variant that answered, the one asked for, else one by weight, and its answer."""
        with self._changed:
            # Chosen and counted in one breath: a fleet that is drained has nobody on the way to it.
            variant, green = self._choose(target, len(body))
            variant.in_flight += 1
            fleet_ = self.variants if green is None else green.variants
        started, status = time.perf_counter(), 503
        try:
            answer = variant.server.invoke(body, headers)
            status = answer.status
        except SageMakerError as error:
            status = int(error.fields.get("OriginalStatusCode", status))
            raise
        finally:
            taken_us = (time.perf_counter() - started) * 1e6
            with self._changed:
                variant.in_flight -= 1
                self.answered[str(variant.settings["ModelName"])] += 1
                if green is not None:
                    green.invocations.append(Invocation(variant.name, status, taken_us))
                self._changed.notify_all()
        if answer.status == 200:
            for shadow in (each for each in fleet_.values() if each.is_shadow):
                share = shadow.weight / variant.weight if variant.weight else 0
                name, ask = f"{self.name}: {shadow.name}", partial(self._ask_shadow, shadow)
                self.shadows.copy(name, ask, body, headers, share=share, answer=answer.data)
        return variant, answer

    def _ask_shadow(self, shadow: Variant, body: bytes, headers: Mapping[str, str]) -> urllib3.BaseHTTPResponse:
        """Return a shadow's answer, unless its fleet has gone since the request was copied."""
        with self._changed:
            if not any(shadow is each for each in self._running()):
                raise SageMakerError(503, "ServiceUnavailable", "the shadow is gone")
            shadow.in_flight += 1
        try:
            return shadow.server.invoke(body, headers)
        finally:
            with self._changed:
                shadow.in_flight -= 1
                self._changed.notify_all()

    def _choose(self, target: str | None, body_bytes: int) -> tuple[Variant, Green | None]:
        """Return a variant, and the new fleet if it is of that."""
        if not self.variants:
            if self.status == CREATING:
                raise not_ready(f"Endpoint {self.name} is being created; its model is not loaded yet.")
            raise invalid_invocation(f"Endpoint {self.name} is {self.status} and cannot be invoked. {self.failure_reason}".strip())
        green = self._green if self._green is not None and random.random() < self._green.share else None  # noqa: S311 - traffic, not secrets
        running = self.variants if green is None else green.variants
        variants = {name: variant for name, variant in running.items() if not variant.is_shadow}
        if target is not None:
            if target not in variants:
                raise invalid_invocation(f"Variant {target} not found for endpoint {self.name}; it has {', '.join(variants)}.")
            chosen = variants[target]
        else:
            weights = [variant.weight for variant in variants.values()]
            if not any(weights):
                raise invalid_invocation(f"All variants of endpoint {self.name} have weight 0.")
            chosen = random.choices(list(variants.values()), weights)[0]  # noqa: S311
        if body_bytes > chosen.max_body_bytes:
            raise SageMakerError(413, "ValidationError", f"The body has {body_bytes} bytes; the limit is {chosen.max_body_bytes}.")
        return chosen, green

    def weigh(self, weights: Mapping[str, float]) -> None:
        """Set variants' weights."""
        with self._changed:
            for name, weight in weights.items():
                self.variants[name].weight = weight

    def revive(self) -> None:
        """Start anew each server whose process has ended."""
        with self._changed:
            dead = [variant for variant in self._running() if not variant.server.alive()]
        for variant in dead:
            log.warning("%s: the server of %s ended; starting it again", self.name, variant.name)
            time.sleep(RESTART_PAUSE_S)
            try:
                server = self.start_server(variant.server.name, variant.settings)
            except Exception as error:  # noqa: BLE001 - the supervisor must outlive any server
                log.warning("%s: it did not come back: %s", self.name, error)
                continue
            with self._changed:
                if not any(variant is each for each in self._running()):
                    server.stop()
                else:
                    variant.server.stop()
                    variant.server = server

    def stop(self) -> None:
        """Stop every server, for good."""
        with self._changed:
            self._deleted, self.status = True, DELETING
            variants, self.variants, self._green = self._running(), {}, None
        for variant in variants:
            variant.server.stop()

    def _running(self) -> list[Variant]:
        return [*self.variants.values(), *(self._green.variants.values() if self._green is not None else ())]

    def describe(self) -> dict[str, Any]:
        """Return what DescribeEndpoint answers."""
        with self._changed:
            described = {
                "EndpointName": self.name,
                "EndpointArn": self.arn,
                "EndpointConfigName": self.config_name,
                "EndpointStatus": self.status,
                "CreationTime": self.created_at,
                "LastModifiedTime": self.modified_at,
                **_described(self.variants),
            }
            if self._green is not None:
                described["PendingDeploymentSummary"] = self._green.describe()
            if self.failure_reason:
                described["FailureReason"] = self.failure_reason
            return described


def _described(variants: Mapping[str, Variant]) -> dict[str, Any]:
    """Return what is told of variants; the shadow apart, where there is one."""
    shadows = [variant.describe() for variant in variants.values() if variant.is_shadow]
    told = {"ProductionVariants": [variant.describe() for variant in variants.values() if not variant.is_shadow]}
    return {**told, "ShadowProductionVariants": shadows} if shadows else told
