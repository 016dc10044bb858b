"""A production variant that runs: its settings, its server and its requests in flight."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from emulator.sagemaker.endpoints.serverless import Containers
from emulator.sagemaker.errors import SageMakerError, model_error, validation_error
from emulator.sagemaker.models.server import ModelServer

MAX_PAYLOAD_BYTES, MAX_SERVERLESS_PAYLOAD_BYTES = 25 << 20, 4 << 20  # of a request, and of a response
ConfiguredVariant = tuple[Mapping[str, Any], bool]  # (a production variant, whether it is a shadow)
StartServer = Callable[[str, Mapping[str, Any]], ModelServer]  # (a name for its log, a production variant) → a server that is ready
OpenContainers = Callable[[Mapping[str, Any]], Containers | None]  # a production variant → its containers, if it is serverless


@dataclass(slots=True)
class Variant:
    """A production variant that runs; a shadow gets copies of requests, and nobody gets its responses."""

    settings: Mapping[str, Any]
    server: ModelServer
    weight: float
    is_shadow: bool = False
    containers: Containers | None = None
    in_flight: int = 0

    @property
    def name(self) -> str:
        """Its name in the configuration."""
        return str(self.settings["VariantName"])

    def take_container(self) -> AbstractContextManager[None]:
        """Hold what answers a request; a serverless variant may have to start it."""
        return nullcontext() if self.containers is None else self.containers.take()

    def require_request_size(self, size_bytes: int) -> None:
        """Raise SageMaker's error for a request that is larger than the variant takes."""
        if self.containers is not None and size_bytes > MAX_SERVERLESS_PAYLOAD_BYTES:
            raise validation_error(f"Request {uuid4()} has oversize body.")
        if size_bytes > MAX_PAYLOAD_BYTES:
            raise SageMakerError(413, "413", f"HTTP content length exceeded {MAX_PAYLOAD_BYTES} bytes.")

    def require_response_size(self, size_bytes: int, endpoint: str) -> None:
        """Raise an error for a response that is larger than the variant may answer; AWS says what the limit is, and not how it fails."""
        limit = MAX_PAYLOAD_BYTES if self.containers is None else MAX_SERVERLESS_PAYLOAD_BYTES
        if size_bytes > limit:
            raise model_error(500, f"Response payload size exceeded maximum allowed payload size ({limit} bytes).", endpoint)

    def describe(self) -> dict[str, Any]:
        """Return its part of DescribeEndpoint's response."""
        summary: dict[str, Any] = {
            "VariantName": self.name,
            "CurrentWeight": self.weight,
            "DesiredWeight": float(self.settings.get("InitialVariantWeight", 1.0)),
        }
        if serverless := self.settings.get("ServerlessConfig"):
            summary["CurrentServerlessConfig"] = serverless
        else:
            summary["CurrentInstanceCount"] = summary["DesiredInstanceCount"] = int(self.settings.get("InitialInstanceCount", 1))
        return summary


def list_variants(config: Mapping[str, Any]) -> list[ConfiguredVariant]:
    """Return the variants of an endpoint configuration, each with whether it is a shadow."""
    production, shadows = config["ProductionVariants"], config.get("ShadowProductionVariants") or []
    return [*((settings, False) for settings in production), *((settings, True) for settings in shadows)]


def start_fleet(
    label: str, variants: list[ConfiguredVariant], start_server: StartServer, open_containers: OpenContainers
) -> dict[str, Variant]:
    """Start a server for each variant and return them by name; if one does not start, stop the others."""
    started: dict[str, Variant] = {}
    try:
        for settings, is_shadow in variants:
            name, weight = str(settings["VariantName"]), float(settings.get("InitialVariantWeight", 1.0))
            server = start_server(label.format(name), settings)
            started[name] = Variant(settings, server, weight, is_shadow, open_containers(settings))
    except BaseException:
        for variant in started.values():
            variant.server.stop()
        raise
    return started
