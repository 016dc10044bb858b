"""A stage with versions of a model, where the real rollout function looks whenever the command sleeps."""

import json
from collections.abc import Callable
from typing import Any

from typer.testing import Result

from cli.main import app
from cli.services import Services
from functions.rollout.endpoint import Endpoint
from functions.rollout.endpoint_stack import EndpointStack
from functions.rollout.model_packages import ModelPackages
from functions.rollout.service import Service
from tests.command import CliRunner
from tests.fakes import FakeClock
from tests.moto_aws import Bucket
from tests.rollout_world import ENDPOINT, GROUP, ROLE, STACK, FakeCloudFormation, PackageGroup, SageMaker


class ModelsWorld:
    """A stage, and what happens in it while the command waits: first the function looks, then the update ends as it is set to.

    SageMaker and S3 are moto's; the stack is not (see FakeCloudFormation).
    """

    def __init__(self) -> None:
        self.group, self.stack, self.dump, self.clock = PackageGroup(), FakeCloudFormation(), Bucket("dump"), FakeClock()
        self.rollout = Service(
            ModelPackages(self.group.client, GROUP), EndpointStack(self.stack, STACK, ROLE), Endpoint(self.stack, ENDPOINT)
        )
        self.end: Callable[[], None] = self.stack.end
        self.looks = True

    def sleep(self, seconds: float) -> None:
        self.clock.sleep(seconds)
        if self.stack.status.endswith("_IN_PROGRESS"):
            self.end()
        if self.looks:
            self.rollout.advance()

    def add_measured(self, version: int, **metrics: float) -> None:
        """Register a version with the metrics that its pipeline measured."""
        key = f"models/{version}/statistics.json"
        values = {name: {"value": value, "standard_deviation": "NaN"} for name, value in metrics.items()}
        self.dump.put(key, json.dumps({"multiclass_classification_metrics": {"confusion_matrix": {}, **values}}).encode())
        statistics = {"ContentType": "application/json", "S3Uri": f"s3://dump/{key}"}
        self.group.add(version, ModelMetrics={"ModelQuality": {"Statistics": statistics}})

    def serve(self) -> None:
        """Have the newest approved version served."""
        self.rollout.advance()
        self.stack.end()

    def run(self, *arguments: str) -> Result:
        clients = {"cloudformation": self.stack, "sagemaker": SageMaker(self.group.client, self.stack), "s3": self.dump.client}
        services = Services(connect_aws=lambda stage: clients.__getitem__, sleep=self.sleep, clock=self.clock)
        return CliRunner().invoke(app, ["models", *arguments, "--stage", "dev"], obj=services)

    def read(self, *arguments: str) -> Any:
        result = self.run(*arguments, "--json")
        assert result.exit_code == 0, result.output
        return json.loads(result.stdout)
