"""The endpoint configurations."""

from collections.abc import Callable, Mapping
from typing import Any

from emulator.sagemaker.endpoints.update_rules import require_configurable
from emulator.sagemaker.errors import validation_exception
from emulator.sagemaker.operation import Operation, Request, Response
from emulator.sagemaker.resources import Resources


class EndpointConfigs:
    """The configurations.

    Args:    find_model: returns the model of a name, or raises SageMakerError.
             add_tags: AddTags.
    """

    def __init__(self, find_model: Callable[[str], Mapping[str, Any]], add_tags: Callable[[Request], object]) -> None:
        self._find_model = find_model
        self._configs = Resources("EndpointConfig", "endpoint-config", "endpoint configuration", add_tags)
        self.find = self._configs.find

    @property
    def operations(self) -> dict[str, Operation]:
        """Each operation by its name in the API."""
        return {"CreateEndpointConfig": self.create, **self._configs.operations}

    def create(self, request: Request) -> Response:
        """CreateEndpointConfig."""
        variants = request.get("ProductionVariants") or []
        if not variants:
            raise validation_exception("ProductionVariants must have at least one member.")
        shadows = request.get("ShadowProductionVariants") or []
        if shadows and (len(variants), len(shadows)) != (1, 1):
            raise validation_exception("ShadowProductionVariants takes one variant, beside one of ProductionVariants.")
        for variant in (*variants, *shadows):
            self._find_model(variant["ModelName"])
        require_configurable(request)
        return self._configs.add(request)
