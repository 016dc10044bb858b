"""The models, and the servers that run them as their roles."""

from collections.abc import Callable, Mapping
from typing import Any

from emulator.access import Assume
from emulator.sagemaker.errors import validation_exception
from emulator.sagemaker.models.server import ModelServer
from emulator.sagemaker.operation import Operation, Request, Response
from emulator.sagemaker.permissions.execution_role import assume_execution_role, require_archive, use_container, write_capture
from emulator.sagemaker.permissions.operations import SERVICE
from emulator.sagemaker.resources import Resources

ResolveContainer = Callable[[Mapping[str, Any]], dict[str, Any]]


class Models:
    """The models.

    Args:    resolve_container: returns a model's container; one that names a package gets the package's.
             assume: lets SageMaker act as the models' roles.
             start: starts a model server.
             add_tags: AddTags.
    """

    def __init__(
        self,
        resolve_container: ResolveContainer,
        assume: Assume,
        start: Callable[..., ModelServer],
        add_tags: Callable[[Request], object],
    ) -> None:
        self._resolve_container, self._assume, self._start = resolve_container, assume, start
        self._models = Resources("Model", "model", "model", add_tags)
        self.find = self._models.find

    @property
    def operations(self) -> dict[str, Operation]:
        """Each operation by its name in the API."""
        return {"CreateModel": self.create, **self._models.operations}

    def create(self, request: Request) -> Response:
        """CreateModel: of an archive, or of a model package, whose archive is looked up when a server starts."""
        role, container = request["ExecutionRoleArn"], self._resolve_container(_find_container(request))
        if "ModelDataUrl" not in container:
            raise validation_exception(
                "PrimaryContainer.ModelDataUrl or ModelPackageName is required here: the local run serves one model.tar.gz per model."
            )
        require_archive(assume_execution_role(self._assume, role), role, container["ModelDataUrl"])
        return self._models.add(request)

    def start_server(self, label: str, variant: Mapping[str, Any]) -> ModelServer:
        """Start the server of a production variant as its model's role.

        Args:    label: ENDPOINT-VARIANT-NUMBER.
        """
        return self._start_server(label, variant, f"Endpoints/{label.rsplit('-', 2)[0]}")

    def start_transform_server(self, label: str, variant: Mapping[str, Any]) -> ModelServer:
        """The same for a transform job."""
        return self._start_server(label, variant, "TransformJobs")

    def capture(self, endpoint: str, config: Mapping[str, Any]) -> None:
        """Write what a configuration keeps of the traffic, as the role of each variant's model: nothing but the permission is local."""
        capture = config.get("DataCaptureConfig") or {}
        for variant in config["ProductionVariants"] if capture.get("EnableCapture") else ():
            actor = assume_execution_role(self._assume, self.find(variant["ModelName"])["ExecutionRoleArn"])
            write_capture(actor, f"{capture['DestinationS3Uri'].rstrip('/')}/{endpoint}/{variant['VariantName']}")

    def _start_server(self, label: str, variant: Mapping[str, Any], kind: str) -> ModelServer:
        model = self.find(variant["ModelName"])
        container = self._resolve_container(_find_container(model))
        actor = self._assume(model["ExecutionRoleArn"], SERVICE)
        use_container(actor, container.get("Image", ""), kind, label)
        environment = {**container.get("Environment", {}), **variant.get("Environment", {})}
        return self._start(label, container["ModelDataUrl"], environment, get_client=actor.get_client)


def _find_container(model: Mapping[str, Any]) -> dict[str, Any]:
    """Return the container of a model, which may be written as the only one of a list."""
    containers = [model["PrimaryContainer"]] if "PrimaryContainer" in model else model.get("Containers", [])
    if len(containers) > 1:
        raise validation_exception(f"Containers has {len(containers)} members; the local run serves one.")
    return dict(containers[0]) if containers else {}
