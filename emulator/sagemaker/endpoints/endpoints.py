"""The endpoints: created, updated and deleted by requests, and kept running."""

import threading
import time
from collections import Counter
from collections.abc import Collection, Sequence
from concurrent.futures import ThreadPoolExecutor

from deployment.this_machine import ACCOUNT
from emulator.access import Assume
from emulator.aws_client import GetClient
from emulator.sagemaker.conditions import ReadConditions
from emulator.sagemaker.endpoints.alarms import Alarm
from emulator.sagemaker.endpoints.blue_green import Clock, plan_deployment
from emulator.sagemaker.endpoints.configs import EndpointConfigs
from emulator.sagemaker.endpoints.endpoint import FAILED, IN_PROGRESS, UNGUARDED, UPDATING, Endpoint
from emulator.sagemaker.endpoints.update_rules import require_updatable, retain_properties
from emulator.sagemaker.endpoints.variant import ConfiguredVariant, list_variants
from emulator.sagemaker.errors import validation_error, validation_exception
from emulator.sagemaker.models.models import Models
from emulator.sagemaker.operation import Operation, PutEvent, Request, Response, sagemaker_arn, select_fields
from emulator.sagemaker.permissions.execution_role import assume_execution_role, require_alarms
from emulator.sagemaker.quotas import SERVERLESS_CONCURRENCY, count_endpoint_usage, require_quotas
from emulator.sagemaker.resources import find_resource

SUPERVISE_EVERY_S = 1.0
SUMMARY = ("EndpointName", "EndpointArn", "CreationTime", "LastModifiedTime", "EndpointStatus")


class Endpoints:
    """The endpoints.

    Args:    assume: lets SageMaker read alarms as the models' roles.
             get_client: the client of CloudWatch.
             clock: measures a deployment's waits.
             scalable_targets: the resource ids registered with Application Auto Scaling.
             work: what takes longer than a request.
    """

    def __init__(
        self,
        models: Models,
        configs: EndpointConfigs,
        *,
        assume: Assume,
        get_client: GetClient,
        put_event: PutEvent,
        read_conditions: ReadConditions,
        clock: Clock,
        scalable_targets: Collection[str],
        work: ThreadPoolExecutor,
    ) -> None:
        self._models, self._configs, self._assume, self._get_client = models, configs, assume, get_client
        self._put_event, self._read_conditions, self._clock = put_event, read_conditions, clock
        self._scalable_targets, self._work = scalable_targets, work
        self._endpoints: dict[str, Endpoint] = {}
        self._lock = threading.RLock()
        threading.Thread(target=self._supervise, name="sagemaker-supervisor", daemon=True).start()

    @property
    def operations(self) -> dict[str, Operation]:
        """Each operation by its name in the API."""
        return {
            "CreateEndpoint": self.create,
            "DescribeEndpoint": lambda request: self._find(request["EndpointName"]).describe(),
            "UpdateEndpoint": self.update,
            "DeleteEndpoint": self.delete,
            "ListEndpoints": lambda _: {"Endpoints": [select_fields(each.describe(), *SUMMARY) for each in self._endpoints.values()]},
            "UpdateEndpointWeightsAndCapacities": self.update_weights,
        }

    def create(self, request: Request) -> Response:
        """CreateEndpoint: returns at once; the servers start in the background."""
        name, config = request["EndpointName"], self._configs.find(request["EndpointConfigName"])
        with self._lock:
            if name in self._endpoints:
                raise validation_exception(f'Cannot create already existing endpoint "{sagemaker_arn("endpoint", name)}".')
            variants = list_variants(config)
            self._require_quotas(variants)
            self._endpoints[name] = endpoint = Endpoint(
                name,
                config["EndpointConfigName"],
                self._models.start_server,
                self._describe_alarms,
                self._clock,
                read_conditions=self._read_conditions,
                put_event=self._put_event,
                starting=variants,
            )
        self._models.capture(name, config)
        self._work.submit(endpoint.deploy, config["EndpointConfigName"], variants)
        return {"EndpointArn": endpoint.arn}

    def update(self, request: Request) -> Response:
        """UpdateEndpoint: new servers answer /ping before they take over, guarded if asked; if they do not, the old ones stay."""
        endpoint, config = self._find(request["EndpointName"]), self._configs.find(request["EndpointConfigName"])
        plan = plan_deployment(request["DeploymentConfig"], config["ProductionVariants"]) if "DeploymentConfig" in request else UNGUARDED
        if plan.alarms:
            role = self._models.find(config["ProductionVariants"][0]["ModelName"])["ExecutionRoleArn"]
            require_alarms(assume_execution_role(self._assume, role), plan.alarms)
        with self._lock:
            _require_settled(endpoint)
            if endpoint.status == FAILED:
                raise validation_exception(f'Cannot update endpoint "{endpoint.arn}" in {FAILED} state: delete it.')
            running = endpoint.fleets.blue
            require_updatable(
                endpoint.name,
                [variant.settings for variant in running.values() if not variant.is_shadow],
                config["ProductionVariants"],
                is_guarded=plan is not UNGUARDED,
                scalable_targets=self._scalable_targets,
            )
            variants = retain_properties(list_variants(config), running, request)
            self._require_quotas(variants, replaced=endpoint)
            is_rolled_back = self._read_conditions().silent_rollback  # as they are when the update begins, which callers see
            endpoint.status, endpoint.starting = UPDATING, variants
        self._models.capture(endpoint.name, config)
        self._work.submit(endpoint.deploy, config["EndpointConfigName"], variants, plan, is_silently_rolled_back=is_rolled_back)
        return {"EndpointArn": endpoint.arn}

    def update_weights(self, request: Request) -> Response:
        """UpdateEndpointWeightsAndCapacities, of which only weights have an effect here."""
        endpoint = self._find(request["EndpointName"])
        weights = {v["VariantName"]: float(v["DesiredWeight"]) for v in request["DesiredWeightsAndCapacities"] if "DesiredWeight" in v}
        _require_settled(endpoint)
        if unknown := sorted(weights.keys() - endpoint.fleets.blue.keys()):
            raise validation_exception(f"The variant name(s) {', '.join(unknown)} is/are not present within endpoint {endpoint.name}.")
        endpoint.set_weights(weights)
        return {"EndpointArn": endpoint.arn}

    def delete(self, request: Request) -> Response:
        """DeleteEndpoint."""
        endpoint = self._find(request["EndpointName"])
        with self._lock:
            _require_settled(endpoint)
            del self._endpoints[endpoint.name]
        self._work.submit(endpoint.stop)
        return {}

    def find_invoked(self, name: str) -> Endpoint:
        """Return the endpoint that an invocation names; raise the runtime's error if there is none."""
        endpoint = self._endpoints.get(name)
        if endpoint is None:
            raise validation_error(f"Endpoint {name} of account {ACCOUNT} not found.")
        return endpoint

    def close(self) -> None:
        """Stop every server."""
        for endpoint in list(self._endpoints.values()):
            endpoint.stop()

    def _find(self, name: str) -> Endpoint:
        return find_resource(self._endpoints, "endpoint", "endpoint", name)

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

    def _describe_alarms(self, names: Sequence[str]) -> Sequence[Alarm]:
        alarms: list[Alarm] = self._get_client("cloudwatch").describe_alarms(AlarmNames=list(names))["MetricAlarms"]
        return alarms

    def _supervise(self) -> None:
        while True:
            time.sleep(SUPERVISE_EVERY_S)
            for endpoint in list(self._endpoints.values()):
                endpoint.restart_ended_servers()


def _require_settled(endpoint: Endpoint) -> None:
    if endpoint.status in IN_PROGRESS:
        raise validation_exception(f'Cannot update in-progress endpoint "{endpoint.arn}".')
