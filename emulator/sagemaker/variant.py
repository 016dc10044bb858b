"""A production variant that runs: its settings, its server and its requests in flight."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from emulator.sagemaker.model_server import ModelServer

MAX_BODY_BYTES = 6_291_456
MAX_SERVERLESS_BODY_BYTES = 4 << 20
ConfiguredVariant = tuple[Mapping[str, Any], bool]  # (a production variant, whether it is a shadow)
StartServer = Callable[[str, Mapping[str, Any]], ModelServer]  # (a name for its log, a production variant) → a server that is ready


@dataclass(slots=True)
class Variant:
    """A production variant that runs; a shadow gets copies of requests, and nobody gets its responses."""

    settings: Mapping[str, Any]
    server: ModelServer
    weight: float
    is_shadow: bool = False
    in_flight: int = 0

    @property
    def name(self) -> str:
        """Its name in the configuration."""
        return str(self.settings["VariantName"])

    @property
    def max_body_bytes(self) -> int:
        """The limit of a request's body, which is lower for a serverless variant."""
        return MAX_SERVERLESS_BODY_BYTES if "ServerlessConfig" in self.settings else MAX_BODY_BYTES

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


def start_fleet(label: str, variants: list[ConfiguredVariant], start_server: StartServer) -> dict[str, Variant]:
    """Start a server for each variant and return them by name; if one does not start, stop the others."""
    started: dict[str, Variant] = {}
    try:
        for settings, is_shadow in variants:
            name, weight = str(settings["VariantName"]), float(settings.get("InitialVariantWeight", 1.0))
            started[name] = Variant(settings, start_server(label.format(name), settings), weight, is_shadow)
    except BaseException:
        for variant in started.values():
            variant.server.stop()
        raise
    return started
