"""SageMaker's control plane: models, endpoint configurations and endpoints, by the operations and names of the AWS API."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from deployment.this_machine import ACCOUNT
from emulator.access import AccessDeniedError, Assume, Unchecked
from emulator.aws_client import GetClient
from emulator.sagemaker.alarms import Alarm
from emulator.sagemaker.blue_green import Clock, MonotonicClock, plan_deployment
from emulator.sagemaker.conditions import ConditionsFile
from emulator.sagemaker.endpoint import FAILED, IN_PROGRESS, UNGUARDED, UPDATING, Endpoint
from emulator.sagemaker.errors import validation_error, validation_exception
from emulator.sagemaker.execution_role import assume_execution_role, require_archive, use_container
from emulator.sagemaker.model_packages import ModelPackages
from emulator.sagemaker.model_server import ModelServer
from emulator.sagemaker.operation import Operation, PutEvent, Request, Response, sagemaker_arn, select_fields
from emulator.sagemaker.permissions import SERVICE, read_alarm
from emulator.sagemaker.pipelines import Pipelines
from emulator.sagemaker.quotas import SERVERLESS_CONCURRENCY, count_endpoint_usage, require_quotas
from emulator.sagemaker.transform_jobs import TransformJobs
from emulator.sagemaker.update_rules import require_configurable, require_updatable, retain_properties
from emulator.sagemaker.variant import ConfiguredVariant, list_variants
from pipeline.runner.store import S3Store

SUPERVISE_EVERY_S = 1.0
T = TypeVar("T")


class ControlPlane:
    """The resources of the one account and region.

    Args:    get_client: clients of the emulator's own S3 and CloudWatch.
             state_dir: where servers' logs and pipelines' files go, and where sagemaker.json may be; see `Conditions`.
             assume: lets SageMaker act as the roles of models, jobs and pipelines.
             start_server: starts a model server.
             clock: measures a deployment's waits.
             scalable_targets: the resource ids registered with Application Auto Scaling.
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
    ) -> None:
        self._put_event = put_event
        self._read_conditions, self._scalable_targets = ConditionsFile(state_dir / "sagemaker.json"), scalable_targets
        self._get_client, self._clock = get_client, clock or MonotonicClock()
        self._assume = assume or (lambda *_: Unchecked(get_client))
        self._start = partial(start_server, log_dir=state_dir / "logs")
        self._models: dict[str, dict[str, Any]] = {}
        self._configs: dict[str, dict[str, Any]] = {}
        self._endpoints: dict[str, Endpoint] = {}
        self._tags: dict[str, dict[str, str]] = {}
        self._transform_jobs = TransformJobs(self._start_transform_server, self._model, self._assume, put_event, self._read_conditions)
        self._packages = ModelPackages(put_event, self.add_tags)
        self._pipelines = Pipelines(
            state_dir / "pipelines", lambda: S3Store(get_client("s3")), self._packages.operations["CreateModelPackage"], self._assume
        )
        self._lock = threading.RLock()
        self._work = ThreadPoolExecutor(8, thread_name_prefix="sagemaker")
        threading.Thread(target=self._supervise, name="sagemaker-supervisor", daemon=True).start()

    @property
    def operations(self) -> dict[str, Operation]:
        """Each operation by its name in the API."""
        return {
            "CreateModel": self.create_model,
            "DescribeModel": lambda request: self._model(request["ModelName"]),
            "DeleteModel": self.delete_model,
            "ListModels": lambda _: {
                "Models": [select_fields(model, "ModelName", "ModelArn", "CreationTime") for model in self._models.values()]
            },
            "CreateEndpointConfig": self.create_endpoint_config,
            "DescribeEndpointConfig": lambda request: self._config(request["EndpointConfigName"]),
            "DeleteEndpointConfig": self.delete_endpoint_config,
            "ListEndpointConfigs": lambda _: {
                "EndpointConfigs": [
                    select_fields(config, "EndpointConfigName", "EndpointConfigArn", "CreationTime") for config in self._configs.values()
                ]
            },
            "CreateEndpoint": self.create_endpoint,
            "DescribeEndpoint": lambda request: self._endpoint(request["EndpointName"]).describe(),
            "UpdateEndpoint": self.update_endpoint,
            "DeleteEndpoint": self.delete_endpoint,
            "ListEndpoints": lambda _: {
                "Endpoints": [
                    select_fields(endpoint.describe(), "EndpointName", "EndpointArn", "CreationTime", "LastModifiedTime", "EndpointStatus")
                    for endpoint in self._endpoints.values()
                ]
            },
            "UpdateEndpointWeightsAndCapacities": self.update_weights,
            **self._transform_jobs.operations,
            **self._pipelines.operations,
            **self._packages.operations,
            "AddTags": self.add_tags,
            "ListTags": lambda request: {"Tags": [{"Key": k, "Value": v} for k, v in self._tags.get(request["ResourceArn"], {}).items()]},
        }

    def create_model(self, request: Request) -> Response:
        """CreateModel: of an archive, or of a model package, whose archive is looked up when a server starts."""
        name, role = request["ModelName"], request["ExecutionRoleArn"]
        container = self._packages.resolve_container(_container(request))
        if "ModelDataUrl" not in container:
            raise validation_exception(
                "PrimaryContainer.ModelDataUrl or ModelPackageName is required here: the local run serves one model.tar.gz per model."
            )
        require_archive(assume_execution_role(self._assume, role), role, container["ModelDataUrl"])
        return {"ModelArn": self._add(self._models, "model", "Model", name, request)}

    def delete_model(self, request: Request) -> Response:
        """DeleteModel."""
        self._model(request["ModelName"])
        del self._models[request["ModelName"]]
        return {}

    def create_endpoint_config(self, request: Request) -> Response:
        """CreateEndpointConfig."""
        variants = request.get("ProductionVariants") or []
        if not variants:
            raise validation_exception("ProductionVariants must have at least one member.")
        shadows = request.get("ShadowProductionVariants") or []
        if shadows and (len(variants), len(shadows)) != (1, 1):
            raise validation_exception("ShadowProductionVariants takes one variant, beside one of ProductionVariants.")
        for variant in (*variants, *shadows):
            self._model(variant["ModelName"])
        require_configurable(request)
        return {"EndpointConfigArn": self._add(self._configs, "endpoint-config", "EndpointConfig", request["EndpointConfigName"], request)}

    def delete_endpoint_config(self, request: Request) -> Response:
        """DeleteEndpointConfig."""
        self._config(request["EndpointConfigName"])
        del self._configs[request["EndpointConfigName"]]
        return {}

    def create_endpoint(self, request: Request) -> Response:
        """CreateEndpoint: returns at once; the servers start in the background."""
        name = request["EndpointName"]
        config = self._config(request["EndpointConfigName"])
        with self._lock:
            if name in self._endpoints:
                raise validation_exception(f'Cannot create already existing endpoint "{sagemaker_arn("endpoint", name)}".')
            variants = list_variants(config)
            self._require_quotas(variants)
            endpoint = Endpoint(
                name,
                config["EndpointConfigName"],
                self._start_server,
                self._describe_alarms,
                self._clock,
                read_conditions=self._read_conditions,
                put_event=self._put_event,
            )
            endpoint.starting = variants
            self._endpoints[name] = endpoint
        self._work.submit(endpoint.deploy, config["EndpointConfigName"], variants)
        return {"EndpointArn": endpoint.arn}

    def update_endpoint(self, request: Request) -> Response:
        """UpdateEndpoint: new servers answer /ping before they take over, guarded if asked; if they do not, the old ones stay."""
        endpoint = self._endpoint(request["EndpointName"])
        config = self._config(request["EndpointConfigName"])
        plan = plan_deployment(request["DeploymentConfig"], config["ProductionVariants"]) if "DeploymentConfig" in request else UNGUARDED
        self._require_alarms(config, plan.alarms)
        with self._lock:
            _require_settled(endpoint)
            if endpoint.status == FAILED:
                raise validation_exception(f'Cannot update endpoint "{endpoint.arn}" in {FAILED} state: delete it.')
            old = [variant.settings for variant in endpoint.variants.values() if not variant.is_shadow]
            require_updatable(
                endpoint.name,
                old,
                config["ProductionVariants"],
                is_guarded=plan is not UNGUARDED,
                scalable_targets=self._scalable_targets,
            )
            variants = retain_properties(list_variants(config), endpoint.variants, request)
            self._require_quotas(variants, replaced=endpoint)
            endpoint.status, endpoint.starting = UPDATING, variants
        self._work.submit(endpoint.deploy, config["EndpointConfigName"], variants, plan)
        return {"EndpointArn": endpoint.arn}

    def update_weights(self, request: Request) -> Response:
        """UpdateEndpointWeightsAndCapacities, of which only weights have an effect here."""
        endpoint = self._endpoint(request["EndpointName"])
        weights = {v["VariantName"]: float(v["DesiredWeight"]) for v in request["DesiredWeightsAndCapacities"] if "DesiredWeight" in v}
        _require_settled(endpoint)
        if unknown := sorted(weights.keys() - endpoint.variants.keys()):
            raise validation_exception(f"The variant name(s) {', '.join(unknown)} is/are not present within endpoint {endpoint.name}.")
        endpoint.set_weights(weights)
        return {"EndpointArn": endpoint.arn}

    def delete_endpoint(self, request: Request) -> Response:
        """DeleteEndpoint."""
        endpoint = self._endpoint(request["EndpointName"])
        with self._lock:
            _require_settled(endpoint)
            del self._endpoints[endpoint.name]
        self._work.submit(endpoint.stop)
        return {}

    def add_tags(self, request: Request) -> Response:
        """AddTags."""
        tags = self._tags.setdefault(request["ResourceArn"], {})
        tags.update({tag["Key"]: tag["Value"] for tag in request["Tags"]})
        return {"Tags": [{"Key": key, "Value": value} for key, value in tags.items()]}

    def find_tags(self, arn: str) -> dict[str, str]:
        """Return the tags of a resource."""
        return self._tags.get(arn, {})

    def find_endpoint(self, name: str) -> Endpoint:
        """Return the endpoint that an invocation names; raise the runtime's error if there is none."""
        endpoint = self._endpoints.get(name)
        if endpoint is None:
            raise validation_error(f"Endpoint {name} of account {ACCOUNT} not found.")
        return endpoint

    def start_pipeline(self, pipeline_arn: str, parameters: list[dict[str, Any]]) -> None:
        """Start an execution as a rule's target: on a thread, because the event loop must not wait for it."""
        request = {"PipelineName": pipeline_arn, "PipelineParameters": parameters}
        self._work.submit(self._pipelines.operations["StartPipelineExecution"], request)

    def close(self) -> None:
        """Stop every server and every pipeline."""
        for endpoint in list(self._endpoints.values()):
            endpoint.stop()
        self._transform_jobs.close()
        self._pipelines.close()

    def _require_quotas(self, variants: Sequence[ConfiguredVariant], replaced: Endpoint | None = None) -> None:
        """Raise SageMaker's error if the account has no room for these variants beside those that run.

        A new fleet of instances stands beside the one that it replaces; a serverless variant takes over what its old one has.
        """
        used: Counter[str] = Counter()
        for endpoint in self._endpoints.values():
            used += count_endpoint_usage(endpoint.list_allocated())
        added = count_endpoint_usage(settings for settings, _ in variants)
        if replaced is not None:
            added[SERVERLESS_CONCURRENCY] -= count_endpoint_usage(replaced.list_allocated())[SERVERLESS_CONCURRENCY]
        require_quotas(self._read_conditions().quotas, used, +added)

    def _start_server(self, label: str, variant: Mapping[str, Any], kind: str = "Endpoints") -> ModelServer:
        """Start the server of a variant as its model's role."""
        model = self._model(variant["ModelName"])
        container = self._packages.resolve_container(_container(model))
        actor = self._assume(model["ExecutionRoleArn"], SERVICE)
        use_container(actor, container.get("Image", ""), f"Endpoints/{label.rsplit('-', 2)[0]}" if kind == "Endpoints" else kind, label)
        environment = {**container.get("Environment", {}), **variant.get("Environment", {})}
        return self._start(label, container["ModelDataUrl"], environment, get_client=actor.get_client)

    def _start_transform_server(self, label: str, variant: Mapping[str, Any]) -> ModelServer:
        return self._start_server(label, variant, "TransformJobs")

    def _require_alarms(self, config: Mapping[str, Any], alarms: Sequence[str]) -> None:
        """Raise SageMakerError unless the role of the first variant's model may read the alarms that roll a deployment back."""
        if not alarms:
            return
        role = self._model(config["ProductionVariants"][0]["ModelName"])["ExecutionRoleArn"]
        actor = assume_execution_role(self._assume, role)
        try:
            for alarm in alarms:
                actor.require(read_alarm(alarm))
        except AccessDeniedError as error:
            raise validation_exception(f"The execution role of the endpoint may not read its alarms. {error}") from error

    def _describe_alarms(self, names: Sequence[str]) -> Sequence[Alarm]:
        alarms: list[Alarm] = self._get_client("cloudwatch").describe_alarms(AlarmNames=list(names))["MetricAlarms"]
        return alarms

    def _supervise(self) -> None:
        while True:
            time.sleep(SUPERVISE_EVERY_S)
            for endpoint in list(self._endpoints.values()):
                endpoint.restart_ended_servers()

    def _add(self, resources: dict[str, dict[str, Any]], type_: str, kind: str, name: str, request: Request) -> str:
        arn = sagemaker_arn(type_, name)
        with self._lock:
            if name in resources:
                raise validation_exception(f'Cannot create already existing {type_} "{arn}".')
            resources[name] = {**request, f"{kind}Arn": arn, "CreationTime": time.time()}
        self.add_tags({"ResourceArn": arn, "Tags": request.get("Tags", [])})
        return arn

    def _model(self, name: str) -> dict[str, Any]:
        return _find(self._models, "model", name)

    def _config(self, name: str) -> dict[str, Any]:
        return _find(self._configs, "endpoint configuration", name, "endpoint-config")

    def _endpoint(self, name: str) -> Endpoint:
        return _find(self._endpoints, "endpoint", name)


def _require_settled(endpoint: Endpoint) -> None:
    if endpoint.status in IN_PROGRESS:
        raise validation_exception(f'Cannot update in-progress endpoint "{endpoint.arn}".')


def _container(model: Mapping[str, Any]) -> dict[str, Any]:
    """Return the container of a model, which may be written as the only one of a list."""
    containers = [model["PrimaryContainer"]] if "PrimaryContainer" in model else model.get("Containers", [])
    if len(containers) > 1:
        raise validation_exception(f"Containers has {len(containers)} members; the local run serves one.")
    return dict(containers[0]) if containers else {}


def _find(resources: Mapping[str, T], kind: str, name: str, type_: str | None = None) -> T:
    if name not in resources:
        raise validation_exception(f'Could not find {kind} "{sagemaker_arn(type_ or kind, name)}".')
    return resources[name]
