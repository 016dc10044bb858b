"""An endpoint: variants on model servers, and the change from one configuration to the next without a moment in between."""

import logging
import random
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from local.sagemaker.errors import SageMakerError, invalid_invocation, not_ready
from local.sagemaker.server import ModelServer

log = logging.getLogger("inferstack.sagemaker")
CREATING, UPDATING, IN_SERVICE, FAILED, DELETING = "Creating", "Updating", "InService", "Failed", "Deleting"
MAX_BODY_BYTES = 6_291_456
MAX_SERVERLESS_BODY_BYTES = 4 << 20
RESTART_PAUSE_S = 1.0

StartServer = Callable[[str, Mapping[str, Any]], ModelServer]  # (a name for its log, a production variant) → a server that answers


@dataclass(slots=True)
class Variant:
    """A production variant that runs."""

    settings: Mapping[str, Any]
    server: ModelServer
    weight: float

    @property
    def name(self) -> str:
        """Its name in the configuration."""
        return str(self.settings["VariantName"])

    @property
    def max_body_bytes(self) -> int:
        """The largest body that it takes: a serverless one takes less."""
        return MAX_SERVERLESS_BODY_BYTES if "ServerlessConfig" in self.settings else MAX_BODY_BYTES


@dataclass(slots=True)
class Endpoint:
    """What DescribeEndpoint tells, and the variants behind it."""

    name: str
    arn: str
    config_name: str
    start_server: StartServer
    status: str = CREATING
    failure_reason: str = ""
    created_at: float = field(default_factory=time.time)
    modified_at: float = field(default_factory=time.time)
    variants: dict[str, Variant] = field(default_factory=dict)
    _lock: threading.RLock = field(default_factory=threading.RLock)
    _generation: int = 0
    _deleted: bool = False

    def deploy(self, config_name: str, production_variants: list[Mapping[str, Any]]) -> None:
        """Start the variants' servers and, once all answer, let them take over; on a failure keep what ran before and say why.

        The servers that are replaced finish what they have in flight before they stop.
        """
        self._generation += 1
        started: dict[str, Variant] = {}
        try:
            for settings in production_variants:
                label = f"{self.name}-{settings['VariantName']}-{self._generation}"
                weight = float(settings.get("InitialVariantWeight", 1.0))
                started[settings["VariantName"]] = Variant(settings, self.start_server(label, settings), weight)
        except Exception as error:  # noqa: BLE001 - whatever it is, the endpoint must not stay between two states
            for variant in started.values():
                variant.server.stop()
            self._settle(IN_SERVICE if self.variants else FAILED, f"{error}")
            log.warning("%s: %s", self.name, error)
            return
        with self._lock:
            if self._deleted:
                replaced, started = started, {}
            else:
                replaced, self.variants, self.config_name = self.variants, started, config_name
                self._settle(IN_SERVICE, "")
        for variant in replaced.values():
            variant.server.drain()
            variant.server.stop()

    def _settle(self, status: str, reason: str) -> None:
        with self._lock:
            if not self._deleted:
                self.status, self.failure_reason, self.modified_at = status, reason, time.time()

    def choose(self, target: str | None, body_bytes: int) -> Variant:
        """Return the variant that answers: the one asked for, else one by weight."""
        with self._lock:
            if not self.variants:
                if self.status == CREATING:
                    raise not_ready(f"Endpoint {self.name} is being created; its model is not loaded yet.")
                raise invalid_invocation(f"Endpoint {self.name} is {self.status} and cannot be invoked. {self.failure_reason}".strip())
            if target is not None:
                if target not in self.variants:
                    raise invalid_invocation(f"Variant {target} not found for endpoint {self.name}; it has {', '.join(self.variants)}.")
                chosen = self.variants[target]
            else:
                running = list(self.variants.values())
                weights = [variant.weight for variant in running]
                if not any(weights):
                    raise invalid_invocation(f"All variants of endpoint {self.name} have weight 0.")
                chosen = random.choices(running, weights)[0]  # noqa: S311 - traffic, not secrets
        if body_bytes > chosen.max_body_bytes:
            raise SageMakerError(413, "ValidationError", f"The body has {body_bytes} bytes; the limit is {chosen.max_body_bytes}.")
        return chosen

    def weigh(self, weights: Mapping[str, float]) -> None:
        """Set variants' weights."""
        with self._lock:
            for name, weight in weights.items():
                self.variants[name].weight = weight

    def revive(self) -> None:
        """Start anew each server whose process has ended."""
        with self._lock:
            dead = [variant for variant in self.variants.values() if not variant.server.alive()]
        for variant in dead:
            log.warning("%s: the server of %s ended; starting it again", self.name, variant.name)
            time.sleep(RESTART_PAUSE_S)
            try:
                server = self.start_server(variant.server.name, variant.settings)
            except Exception as error:  # noqa: BLE001 - the supervisor must outlive any server
                log.warning("%s: it did not come back: %s", self.name, error)
                continue
            with self._lock:
                if self._deleted or self.variants.get(variant.name) is not variant:
                    server.stop()
                else:
                    variant.server.stop()
                    variant.server = server

    def stop(self) -> None:
        """Stop every server, for good."""
        with self._lock:
            self._deleted, self.status = True, DELETING
            variants, self.variants = list(self.variants.values()), {}
        for variant in variants:
            variant.server.stop()

    def describe(self) -> dict[str, Any]:
        """Return what DescribeEndpoint answers."""
        with self._lock:
            described = {
                "EndpointName": self.name,
                "EndpointArn": self.arn,
                "EndpointConfigName": self.config_name,
                "EndpointStatus": self.status,
                "CreationTime": self.created_at,
                "LastModifiedTime": self.modified_at,
                "ProductionVariants": [_describe_variant(variant) for variant in self.variants.values()],
            }
            if self.failure_reason:
                described["FailureReason"] = self.failure_reason
            return described


def _describe_variant(variant: Variant) -> dict[str, Any]:
    described: dict[str, Any] = {
        "VariantName": variant.name,
        "CurrentWeight": variant.weight,
        "DesiredWeight": float(variant.settings.get("InitialVariantWeight", 1.0)),
    }
    if serverless := variant.settings.get("ServerlessConfig"):
        described["CurrentServerlessConfig"] = serverless
    else:
        described["CurrentInstanceCount"] = described["DesiredInstanceCount"] = int(variant.settings.get("InitialInstanceCount", 1))
    return described
