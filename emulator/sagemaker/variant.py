"""A production variant that runs: its settings, its server and its requests in flight."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from emulator.sagemaker.model_server import ModelServer

MAX_BODY_BYTES = 6_291_456
MAX_SERVERLESS_BODY_BYTES = 4 << 20
SHADOW = "Shadow"
StartServer = Callable[[str, Mapping[str, Any]], ModelServer]  # (a name for its log, a production variant) → a server that is ready


@dataclass(slots=True)
class Variant:
    """A production variant that runs."""

    settings: Mapping[str, Any]
    server: ModelServer
    weight: float
    in_flight: int = 0

    @property
    def name(self) -> str:
        """Its name in the configuration."""
        return str(self.settings["VariantName"])

    @property
    def is_shadow(self) -> bool:
        """Whether it gets copies of requests, whose responses nobody gets."""
        return SHADOW in self.settings

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


def list_variants(config: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the variants of an endpoint configuration, its shadow marked as one."""
    return [*config["ProductionVariants"], *({**shadow, SHADOW: True} for shadow in config.get("ShadowProductionVariants") or [])]


def start_fleet(label: str, production_variants: list[Mapping[str, Any]], start_server: StartServer) -> dict[str, Variant]:
    """Start a server for each variant and return them by name; if one does not start, stop the others."""
    started: dict[str, Variant] = {}
    try:
        for settings in production_variants:
            name, weight = str(settings["VariantName"]), float(settings.get("InitialVariantWeight", 1.0))
            started[name] = Variant(settings, start_server(label.format(name), settings), weight)
    except BaseException:
        for variant in started.values():
            variant.server.stop()
        raise
    return started
