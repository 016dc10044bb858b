"""SageMaker's control plane: its parts, and their operations by the names of the AWS API."""

from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

from emulator.access import Assume, Unchecked
from emulator.aws_client import GetClient
from emulator.sagemaker.conditions import ConditionsFile
from emulator.sagemaker.endpoints.blue_green import Clock, MonotonicClock
from emulator.sagemaker.endpoints.configs import EndpointConfigs
from emulator.sagemaker.endpoints.endpoints import Endpoints
from emulator.sagemaker.models.models import Models
from emulator.sagemaker.models.packages import ModelPackages
from emulator.sagemaker.models.server import ModelServer
from emulator.sagemaker.operation import Operation, PutEvent
from emulator.sagemaker.pipelines.pipelines import Pipelines
from emulator.sagemaker.shapes import check_shapes
from emulator.sagemaker.tags import Tags
from emulator.sagemaker.transform.jobs import TransformJobs
from pipeline.runner.store import S3Store


class ControlPlane:
    """The resources of the one account and region.

    operations     each by its name in the API
    find_tags      returns the tags of a resource, by its ARN
    find_endpoint  returns the endpoint that an invocation names
    list_packages  returns the registry's model packages

    Args:    get_client: clients of the emulator's own S3 and CloudWatch.
             state_dir: where servers' logs and pipelines' files go, and where sagemaker.json may be; see `Conditions`.
             assume: lets SageMaker act as the roles of models, jobs and pipelines.
             start_server: starts a model server.
             clock: measures a deployment's waits.
             scalable_targets: the resource ids registered with Application Auto Scaling.
             kept_packages: model packages of a run before.
    """

    def __init__(
        self,
        get_client: GetClient,
        state_dir: Path,
        *,
        put_event: PutEvent = lambda *_: None,
        assume: Assume | None = None,
        start_server: Callable[..., ModelServer] = ModelServer,
        clock: Clock | None = None,
        scalable_targets: Collection[str] = (),
        kept_packages: Sequence[dict[str, Any]] = (),
    ) -> None:
        assume = assume or (lambda *_: Unchecked(get_client))
        read_conditions = ConditionsFile(state_dir / "sagemaker.json")

        def put_unless_lost(source: str, detail_type: str, detail: Mapping[str, Any]) -> None:
            if not read_conditions().lost_events:
                put_event(source, detail_type, detail)

        self._work = ThreadPoolExecutor(8, thread_name_prefix="sagemaker")
        tags = Tags()
        packages = ModelPackages(put_unless_lost, tags.add, kept_packages)
        self.list_packages = packages.list_all
        models = Models(packages.resolve_container, assume, partial(start_server, log_dir=state_dir / "logs"), tags.add)
        configs = EndpointConfigs(models.find, tags.add)
        self._endpoints = Endpoints(
            models,
            configs,
            assume=assume,
            get_client=get_client,
            put_event=put_unless_lost,
            read_conditions=read_conditions,
            clock=clock or MonotonicClock(),
            scalable_targets=scalable_targets,
            work=self._work,
        )
        self._transform_jobs = TransformJobs(models.start_transform_server, models.find, assume, put_unless_lost, read_conditions)
        register = check_shapes("CreateModelPackage", packages.operations["CreateModelPackage"])
        self._pipelines = Pipelines(state_dir / "pipelines", lambda: S3Store(get_client("s3")), register, assume)
        parts = (models, configs, self._endpoints, self._transform_jobs, self._pipelines, packages, tags)
        self.operations: dict[str, Operation] = {
            name: check_shapes(name, operation) for part in parts for name, operation in part.operations.items()
        }
        self.find_tags, self.find_endpoint = tags.find, self._endpoints.find_invoked

    def start_pipeline(self, pipeline_arn: str, parameters: list[dict[str, Any]]) -> None:
        """Start an execution as a rule's target: on a thread, because the event loop must not wait for it."""
        request = {"PipelineName": pipeline_arn, "PipelineParameters": parameters}
        self._work.submit(self.operations["StartPipelineExecution"], request)

    def close(self) -> None:
        """Stop every server and every pipeline."""
        for part in (self._endpoints, self._transform_jobs, self._pipelines):
            part.close()
