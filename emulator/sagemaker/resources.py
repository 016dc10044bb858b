"""Resources that never change: each is the request that created it, under its name."""

import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from emulator.sagemaker.errors import validation_exception
from emulator.sagemaker.operation import Operation, Request, Response, sagemaker_arn, select_fields

T = TypeVar("T")


class Resources:
    """The resources of one kind.

    Args:    kind: as in the names of its operations and fields, like EndpointConfig.
             type_: as in its ARNs, like endpoint-config.
             description: as in messages, like endpoint configuration.
             add_tags: AddTags.
    """

    def __init__(self, kind: str, type_: str, description: str, add_tags: Callable[[Request], object]) -> None:
        self._kind, self._type, self._description, self._add_tags = kind, type_, description, add_tags
        self._resources: dict[str, dict[str, Any]] = {}
        self._lock = threading.Lock()

    @property
    def operations(self) -> dict[str, Operation]:
        """Each operation by its name in the API, but the one that creates."""
        kind = self._kind
        return {
            f"Describe{kind}": lambda request: self.find(request[f"{kind}Name"]),
            f"Delete{kind}": self.delete,
            f"List{kind}s": lambda _: {f"{kind}s": [self._summarize(each) for each in self._resources.values()]},
        }

    def add(self, request: Request) -> Response:
        """Keep the request that creates a resource, and return the response."""
        name = request[f"{self._kind}Name"]
        arn = sagemaker_arn(self._type, name)
        with self._lock:
            if name in self._resources:
                raise validation_exception(f'Cannot create already existing {self._type} "{arn}".')
            self._resources[name] = {**request, f"{self._kind}Arn": arn, "CreationTime": time.time()}
        self._add_tags({"ResourceArn": arn, "Tags": request.get("Tags", [])})
        return {f"{self._kind}Arn": arn}

    def find(self, name: str) -> dict[str, Any]:
        """Return what describes a resource; raise SageMaker's error if there is none of the name."""
        return find_resource(self._resources, self._description, self._type, name)

    def delete(self, request: Request) -> Response:
        """Delete a resource."""
        self.find(request[f"{self._kind}Name"])
        del self._resources[request[f"{self._kind}Name"]]
        return {}

    def _summarize(self, resource: Mapping[str, Any]) -> dict[str, Any]:
        return select_fields(resource, f"{self._kind}Name", f"{self._kind}Arn", "CreationTime")


def find_resource(resources: Mapping[str, T], description: str, type_: str, name: str) -> T:
    """Return the resource of a name; raise SageMaker's error if there is none."""
    if name not in resources:
        raise validation_exception(f'Could not find {description} "{sagemaker_arn(type_, name)}".')
    return resources[name]
