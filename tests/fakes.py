"""Fakes of what moto does not have: an endpoint that answers like the container, a runtime that fails as ordered, a clock."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from functions.shared.endpoint.interface import EndpointResponse
from recipes import npy

MANIFEST = {"schema": 1, "recipe": "digits", "name": "tiny", "version": "1.0.0+00000000", "labels": list(range(10))}


@dataclass
class FakeEndpoint:
    """Answers like our server: an instance's label is its first value modulo ten. `failure` is raised instead while it is set."""

    failure: Exception | None = None
    verdict: str = "certain"
    answer: bytes | None = None
    asked: list[dict[str, Any]] = field(default_factory=list)
    instances: list[bytes] = field(default_factory=list)

    def invoke(self, body: bytes, *, content_type: str, accept: str, remaining_s: float, variant: str | None = None) -> EndpointResponse:
        self.asked.append({"content_type": content_type, "accept": accept, "remaining_s": remaining_s, "variant": variant})
        if self.failure is not None:
            raise self.failure
        if self.answer is not None:
            return EndpointResponse(self.answer, "main")
        if accept.endswith("manifest+json"):
            return EndpointResponse(json.dumps(MANIFEST).encode(), "main")
        header = npy.read_header(body)
        npy.check_length(body, header, 1)
        assert (header.shape[1:], header.descr, header.fortran_order) == ((28, 28), "|u1", False)
        self.instances = [body[at : at + 784] for at in range(header.offset, len(body), 784)]
        predictions = [
            {
                "label": each[0] % 10,
                "probability": 0.91,
                "probabilities": [0.91 if n == each[0] % 10 else 0.01 for n in range(10)],
                "trust": 0.9,
                "verdict": self.verdict,
            }
            for each in self.instances
        ]
        model = {"name": MANIFEST["name"], "version": MANIFEST["version"]}
        return EndpointResponse(json.dumps({"predictions": predictions, "model": model}).encode(), variant or "main")


@dataclass
class FakeClock:
    """Time that passes only while something sleeps, and by `step_s` when it is looked at."""

    now_s: float = 1000.0
    slept_s: list[float] = field(default_factory=list)
    step_s: float = 0.0

    def __call__(self) -> float:
        self.now_s += self.step_s
        return self.now_s

    def sleep(self, seconds: float) -> None:
        self.slept_s.append(seconds)
        self.now_s += seconds


class FakeRuntime:
    """SageMaker's runtime that gives one result a call, and the last one for ever; an exception is raised."""

    def __init__(self, clock: FakeClock, results: Sequence[Exception | bytes], *, call_s: float = 0.0) -> None:
        self.clock, self._results, self._call_s = clock, list(results), call_s
        self.requests: list[dict[str, Any]] = []

    def invoke(self, name: str, body: bytes, *, content_type: str, accept: str, variant: str | None, wait_s: float) -> EndpointResponse:
        self.requests.append({"name": name, "body": body, "content_type": content_type, "accept": accept, "variant": variant})
        self.clock.now_s += self._call_s
        result = self._results[min(len(self.requests), len(self._results)) - 1]
        if isinstance(result, Exception):
            raise result
        return EndpointResponse(result, "main")


@dataclass
class FakeContext:
    """Lambda's context."""

    remaining_ms: int = 29_000

    def get_remaining_time_in_millis(self) -> int:
        return self.remaining_ms
