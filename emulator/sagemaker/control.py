"""SageMaker's control plane: models, endpoint configurations and endpoints, by the operations and names of the AWS API."""

import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

from emulator.sagemaker.deployment import Clock, DescribeAlarms, MonotonicClock, plan
from emulator.sagemaker.endpoint import IN_PROGRESS, UNGUARDED, UPDATING, Endpoint
from emulator.sagemaker.errors import invalid, invalid_invocation
from emulator.sagemaker.pipelines import Pipelines
from emulator.sagemaker.registry import Registry
from emulator.sagemaker.server import Fetch, ModelServer
from emulator.sagemaker.transform import Transforms
from emulator.sagemaker.variant import variants_of
from pipeline.runner.store import S3

ACCOUNT, REGION = "000000000000", "us-east-1"
SUPERVISE_EVERY_S = 1.0
Request = Mapping[str, Any]
T = TypeVar("T")


class Control:
    """Everything there is in the one account and region.

    Args:    fetch: reads objects of the emulator's S3.
             log_dir: where servers' logs go.
             emit: puts an event of a service on the default bus: (source, detail type, detail).
             serve: starts a model server.
             describe_alarms: names → the alarms of CloudWatch that there are.
             clock: what a deployment's waits go by.
    """

    def __init__(
        self,
        *,
        fetch: Fetch,
        log_dir: Path,
        emit: Callable[[str, str, Mapping[str, Any]], None] = lambda *_: None,
        serve: Callable[..., ModelServer] = ModelServer,
        describe_alarms: DescribeAlarms = lambda _: [],
        clock: Clock | None = None,
    ) -> None:
        self._fetch, self._log_dir, self._serve = fetch, log_dir, serve
        self._describe_alarms, self._clock = describe_alarms, clock or MonotonicClock()
        self._models: dict[str, dict[str, Any]] = {}
        self._configs: dict[str, dict[str, Any]] = {}
        self._endpoints: dict[str, Endpoint] = {}
        self._tags: dict[str, dict[str, str]] = {}
        self._transforms = Transforms(self._start_server, self._model, fetch.client, emit, lambda name: arn("transform-job", name))
        self._registry = Registry(arn, emit, self.add_tags)
        register = self._registry.operations["CreateModelPackage"]
        self._pipelines = Pipelines(log_dir.parent / "pipelines", lambda: S3(fetch.client()), register, arn)
        self._lock = threading.RLock()
        self._work = ThreadPoolExecutor(8, thread_name_prefix="sagemaker")
        threading.Thread(target=self._supervise, name="sagemaker-supervisor", daemon=True).start()

    @property
    def operations(self) -> dict[str, Callable[[Request], dict[str, Any]]]:
        """Each operation by its name in the API."""
        return {
            "CreateModel": self.create_model,
            "DescribeModel": lambda request: self._model(request["ModelName"]),
            "DeleteModel": self.delete_model,
            "ListModels": lambda _: {"Models": [_pick(model, "ModelName", "ModelArn", "CreationTime") for model in self._models.values()]},
            "CreateEndpointConfig": self.create_endpoint_config,
            "DescribeEndpointConfig": lambda request: self._config(request["EndpointConfigName"]),
            "DeleteEndpointConfig": self.delete_endpoint_config,
            "ListEndpointConfigs": lambda _: {
                "EndpointConfigs": [
                    _pick(config, "EndpointConfigName", "EndpointConfigArn", "CreationTime") for config in self._configs.values()
                ]
            },
            "CreateEndpoint": self.create_endpoint,
            "DescribeEndpoint": lambda request: self._endpoint(request["EndpointName"]).describe(),
            "UpdateEndpoint": self.update_endpoint,
            "DeleteEndpoint": self.delete_endpoint,
            "ListEndpoints": lambda _: {
                "Endpoints": [
                    _pick(endpoint.describe(), "EndpointName", "EndpointArn", "CreationTime", "LastModifiedTime", "EndpointStatus")
                    for endpoint in self._endpoints.values()
                ]
            },
            "UpdateEndpointWeightsAndCapacities": self.update_weights,
            **self._transforms.operations,
            **self._pipelines.operations,
            **self._registry.operations,
            "AddTags": self.add_tags,
            "ListTags": lambda request: {"Tags": [{"Key": k, "Value": v} for k, v in self._tags.get(request["ResourceArn"], {}).items()]},
        }

    def create_model(self, request: Request) -> dict[str, Any]:
        """CreateModel: of an archive, or of a model package, whose archive is looked up when a server starts."""
        name = request["ModelName"]
        if "ModelDataUrl" not in self._registry.served(_container(request)):
            raise invalid(
                "PrimaryContainer.ModelDataUrl or ModelPackageName is required here: the local run serves one model.tar.gz a model."
            )
        return {"ModelArn": self._add(self._models, "model", "Model", name, request)}

    def delete_model(self, request: Request) -> dict[str, Any]:
        """DeleteModel."""
        self._model(request["ModelName"])
        del self._models[request["ModelName"]]
        return {}

    def create_endpoint_config(self, request: Request) -> dict[str, Any]:
        """CreateEndpointConfig."""
        variants = request.get("ProductionVariants") or []
        if not variants:
            raise invalid("ProductionVariants must have at least one member.")
        shadows = request.get("ShadowProductionVariants") or []
        if shadows and (len(variants), len(shadows)) != (1, 1):
            raise invalid("ShadowProductionVariants takes one variant, beside one of ProductionVariants.")
        for variant in (*variants, *shadows):
            self._model(variant["ModelName"])
        return {"EndpointConfigArn": self._add(self._configs, "endpoint-config", "EndpointConfig", request["EndpointConfigName"], request)}

    def delete_endpoint_config(self, request: Request) -> dict[str, Any]:
        """DeleteEndpointConfig."""
        self._config(request["EndpointConfigName"])
        del self._configs[request["EndpointConfigName"]]
        return {}

    def create_endpoint(self, request: Request) -> dict[str, Any]:
        """CreateEndpoint: returns at once; the servers start in the background."""
        name = request["EndpointName"]
        config = self._config(request["EndpointConfigName"])
        with self._lock:
            if name in self._endpoints:
                raise invalid(f'Cannot create already existing endpoint "{arn("endpoint", name)}".')
            endpoint = Endpoint(
                name, arn("endpoint", name), config["EndpointConfigName"], self._start_server, self._describe_alarms, self._clock
            )
            self._endpoints[name] = endpoint
        self._work.submit(endpoint.deploy, config["EndpointConfigName"], variants_of(config))
        return {"EndpointArn": endpoint.arn}

    def update_endpoint(self, request: Request) -> dict[str, Any]:
        """UpdateEndpoint: new servers answer /ping before they take over, guarded as asked; if they do not, the old ones stay."""
        endpoint = self._endpoint(request["EndpointName"])
        config = self._config(request["EndpointConfigName"])
        guard = plan(request["DeploymentConfig"], config["ProductionVariants"]) if "DeploymentConfig" in request else UNGUARDED
        with self._lock:
            if endpoint.status in IN_PROGRESS:
                raise invalid(f'Cannot update in-progress endpoint "{endpoint.arn}".')
            endpoint.status = UPDATING
        self._work.submit(endpoint.deploy, config["EndpointConfigName"], variants_of(config), guard)
        return {"EndpointArn": endpoint.arn}

    def update_weights(self, request: Request) -> dict[str, Any]:
        """UpdateEndpointWeightsAndCapacities, of which weights matter here."""
        endpoint = self._endpoint(request["EndpointName"])
        weights = {v["VariantName"]: float(v["DesiredWeight"]) for v in request["DesiredWeightsAndCapacities"] if "DesiredWeight" in v}
        if unknown := sorted(weights.keys() - endpoint.variants.keys()):
            raise invalid(f"The variant name(s) {', '.join(unknown)} is/are not present within endpoint {endpoint.name}.")
        endpoint.weigh(weights)
        return {"EndpointArn": endpoint.arn}

    def delete_endpoint(self, request: Request) -> dict[str, Any]:
        """DeleteEndpoint."""
        endpoint = self._endpoint(request["EndpointName"])
        with self._lock:
            del self._endpoints[endpoint.name]
        self._work.submit(endpoint.stop)
        return {}

    def add_tags(self, request: Request) -> dict[str, Any]:
        """AddTags."""
        tags = self._tags.setdefault(request["ResourceArn"], {})
        tags.update({tag["Key"]: tag["Value"] for tag in request["Tags"]})
        return {"Tags": [{"Key": key, "Value": value} for key, value in tags.items()]}

    def to_invoke(self, name: str) -> Endpoint:
        """Return the endpoint that the runtime invokes; its name for a missing one is another than the control plane's."""
        endpoint = self._endpoints.get(name)
        if endpoint is None:
            raise invalid_invocation(f"Endpoint {name} of account {ACCOUNT} not found.")
        return endpoint

    def start_pipeline(self, pipeline_arn: str, parameters: list[dict[str, Any]]) -> None:
        """Start an execution, as a rule's target: on a thread, because the event loop must not wait for it."""
        request = {"PipelineName": pipeline_arn, "PipelineParameters": parameters}
        self._work.submit(self._pipelines.operations["StartPipelineExecution"], request)

    def close(self) -> None:
        """Stop every server."""
        for endpoint in list(self._endpoints.values()):
            endpoint.stop()
        self._transforms.close()
        self._pipelines.close()

    def _start_server(self, label: str, variant: Mapping[str, Any]) -> ModelServer:
        container = self._registry.served(_container(self._model(variant["ModelName"])))
        environment = {**container.get("Environment", {}), **variant.get("Environment", {})}
        return self._serve(label, container["ModelDataUrl"], environment, fetch=self._fetch, log_dir=self._log_dir)

    def _supervise(self) -> None:
        while True:
            time.sleep(SUPERVISE_EVERY_S)
            for endpoint in list(self._endpoints.values()):
                endpoint.revive()

    def _add(self, kept: dict[str, dict[str, Any]], resource: str, kind: str, name: str, request: Request) -> str:
        with self._lock:
            if name in kept:
                raise invalid(f'Cannot create already existing {resource} "{arn(resource, name)}".')
            kept[name] = {**request, f"{kind}Arn": arn(resource, name), "CreationTime": time.time()}
        self.add_tags({"ResourceArn": arn(resource, name), "Tags": request.get("Tags", [])})
        return arn(resource, name)

    def _model(self, name: str) -> dict[str, Any]:
        return _found(self._models, "model", name)

    def _config(self, name: str) -> dict[str, Any]:
        return _found(self._configs, "endpoint configuration", name, "endpoint-config")

    def _endpoint(self, name: str) -> Endpoint:
        return _found(self._endpoints, "endpoint", name)


def arn(resource: str, name: str) -> str:
    """Return a SageMaker ARN; SageMaker writes names in them in lower case."""
    return f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:{resource}/{name.lower()}"


def _container(model: Mapping[str, Any]) -> dict[str, Any]:
    """Return the container of a model, which may be spelled as the only one of a list."""
    containers = [model["PrimaryContainer"]] if "PrimaryContainer" in model else model.get("Containers", [])
    if len(containers) > 1:
        raise invalid(f"Containers has {len(containers)} members; the local run serves one.")
    return dict(containers[0]) if containers else {}


def _found(kept: Mapping[str, T], words: str, name: str, resource: str | None = None) -> T:
    if name not in kept:
        raise invalid(f'Could not find {words} "{arn(resource or words, name)}".')
    return kept[name]


def _pick(described: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: described[name] for name in names}
