"""The fleets of an endpoint: the variants that serve (blue) and, while a deployment lasts, those that are to take over (green)."""

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from emulator.sagemaker.endpoints.alarms import Invocation
from emulator.sagemaker.endpoints.variant import Variant
from emulator.sagemaker.models.server import INVOCATION_LIMIT_S

Fleet = dict[str, Variant]  # by name


@dataclass(slots=True)
class GreenFleet:
    """The new fleet beside the one that serves.

    Args:    share: of the traffic, 0 to 1.
             invocations: those that it answered, which its alarms are evaluated on.
    """

    config_name: str
    variants: Fleet
    share: float = 0.0
    started_at: float = field(default_factory=time.time)
    invocations: list[Invocation] = field(default_factory=list)

    def describe(self) -> dict[str, Any]:
        """Return the PendingDeploymentSummary."""
        return {"EndpointConfigName": self.config_name, "StartTime": self.started_at, **describe_fleet(self.variants)}


@dataclass(slots=True)
class Fleets:
    """Both fleets, and how many requests each variant answers just now.

    Args:    changed: guards all of it, and the endpoint's state with it; notified when a request has been answered.
    """

    blue: Fleet = field(default_factory=dict)
    green: GreenFleet | None = None
    changed: threading.Condition = field(default_factory=threading.Condition)

    def list_running(self) -> list[Variant]:
        """Return the variants of both."""
        return [*self.blue.values(), *(self.green.variants.values() if self.green is not None else ())]

    def is_running(self, variant: Variant) -> bool:
        """Return whether a variant is part of one of them."""
        return any(variant is each for each in self.list_running())

    def drain(self, variant: Variant) -> None:
        """Wait until a variant that gets no new requests has none in flight."""
        with self.changed:
            self.changed.wait_for(lambda: variant.in_flight == 0, INVOCATION_LIMIT_S)

    @contextmanager
    def release(self, variant: Variant) -> Iterator[None]:
        """Count a request, which is in flight already, as answered when the block ends."""
        try:
            yield
        finally:
            with self.changed:
                variant.in_flight -= 1
                self.changed.notify_all()


def describe_fleet(variants: Mapping[str, Variant]) -> dict[str, Any]:
    """Return the variants of DescribeEndpoint's response; shadows are listed on their own."""
    shadows = [variant.describe() for variant in variants.values() if variant.is_shadow]
    production = {"ProductionVariants": [variant.describe() for variant in variants.values() if not variant.is_shadow]}
    return {**production, "ShadowProductionVariants": shadows} if shadows else production
