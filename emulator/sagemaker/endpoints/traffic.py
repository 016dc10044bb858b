"""The requests of an endpoint: each goes to one variant, by name or by weight, and a share of them to a shadow."""

import random
import time
from collections import Counter
from collections.abc import Callable, Mapping
from functools import partial

import urllib3

from emulator.sagemaker.endpoints.alarms import Invocation
from emulator.sagemaker.endpoints.fleets import Fleets, GreenFleet
from emulator.sagemaker.endpoints.shadow import ShadowTraffic
from emulator.sagemaker.endpoints.variant import Variant
from emulator.sagemaker.errors import SageMakerError, service_unavailable, validation_error


class Traffic:
    """Sends requests to the fleets of an endpoint.

    invocation_counts  how many requests each model got, by ModelName
    shadows            the copies of them

    Args:    name: the endpoint's.
             require_serving: raises SageMaker's error unless there is a fleet that serves.
    """

    def __init__(self, name: str, fleets: Fleets, require_serving: Callable[[], None]) -> None:
        self._name, self._fleets, self._require_serving = name, fleets, require_serving
        self.invocation_counts: Counter[str] = Counter()
        self.shadows = ShadowTraffic()

    def invoke(self, target: str | None, body: bytes, headers: Mapping[str, str]) -> tuple[Variant, urllib3.BaseHTTPResponse]:
        """Invoke the target variant, else one by weight; return the variant and its response."""
        fleets = self._fleets
        with fleets.changed:
            # Chosen and counted under one lock: a fleet that is drained gets no more requests.
            self._require_serving()
            variant, green = self._choose(target, len(body))
            variant.in_flight += 1
            fleet = fleets.blue if green is None else green.variants
        started, status = time.perf_counter(), 503
        with fleets.release(variant):
            try:
                with variant.take_container():
                    response = variant.server.invoke(body, headers)
                status = response.status
            except SageMakerError as error:
                status = int(error.fields.get("OriginalStatusCode", status))
                raise
            finally:
                self._count(variant, green, status, (time.perf_counter() - started) * 1e6)
        variant.require_response_size(len(response.data), self._name)
        if response.status == 200:
            for shadow in (each for each in fleet.values() if each.is_shadow):
                share = shadow.weight / variant.weight if variant.weight else 0
                name, invoke = f"{self._name}: {shadow.name}", partial(self._invoke_shadow, shadow)
                self.shadows.copy(name, invoke, body, headers, share=share, response=response.data)
        return variant, response

    def _count(self, variant: Variant, green: GreenFleet | None, status: int, latency_us: float) -> None:
        with self._fleets.changed:
            self.invocation_counts[str(variant.settings["ModelName"])] += 1
            if green is not None:
                green.invocations.append(Invocation(variant.name, status, latency_us))

    def _invoke_shadow(self, shadow: Variant, body: bytes, headers: Mapping[str, str]) -> urllib3.BaseHTTPResponse:
        """Return a shadow's response, unless its fleet was stopped after the request was copied."""
        with self._fleets.changed:
            if not self._fleets.is_running(shadow):
                raise service_unavailable("the shadow variant is stopped")
            shadow.in_flight += 1
        with self._fleets.release(shadow):
            return shadow.server.invoke(body, headers)

    def _choose(self, target: str | None, body_bytes: int) -> tuple[Variant, GreenFleet | None]:
        """Return a variant, and the new fleet if the variant is part of it."""
        green = self._fleets.green
        if green is not None and random.random() >= green.share:  # noqa: S311 - traffic, not secrets
            green = None
        running = self._fleets.blue if green is None else green.variants
        variants = {name: variant for name, variant in running.items() if not variant.is_shadow}
        if target is not None:
            if target not in variants:
                raise validation_error(f"Variant {target} not found for endpoint {self._name}; it has {', '.join(variants)}.")
            chosen = variants[target]
        else:
            weights = [variant.weight for variant in variants.values()]
            if not any(weights):
                raise validation_error(f"All variants of endpoint {self._name} have weight 0.")
            chosen = random.choices(list(variants.values()), weights)[0]  # noqa: S311
        chosen.require_request_size(body_bytes)
        return chosen, green
