"""Each stage synthesized once; a stage as plain data, and the questions the tests ask of it."""

import json
import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
os.environ.setdefault("JSII_NODE", str(ROOT / ".venv" / "bin" / "node"))  # read when aws_cdk is first imported
# One place for every process, whatever its home is: unpacking aws-cdk-lib takes 15 seconds of CPU.
os.environ.setdefault("JSII_RUNTIME_PACKAGE_CACHE_ROOT", str(Path.home() / ".cache/aws/jsii/package-cache"))

Resource = dict[str, Any]
CONTEXT = json.loads((ROOT / "cdk.json").read_text())["context"]
BOUNDARY = "Developers"  # a policy's name


@dataclass(frozen=True)
class Stage:
    """The templates of a synthesized stage."""

    settings: Any
    folder: Path
    templates: dict[str, dict[str, Any]] = field(default_factory=dict)

    def of(self, stack: str) -> "Stage":
        """Return one stack of it."""
        return replace(self, templates={stack: self.templates[stack]})

    def resources(self, kind: str) -> dict[str, Resource]:
        """Return the resources of a type, by stack and logical id."""
        return {f"{stack}/{name}": resource for stack, name, resource in self.all() if resource["Type"] == kind}

    def properties(self, kind: str) -> list[dict[str, Any]]:
        return [resource.get("Properties", {}) for resource in self.resources(kind).values()]

    def one(self, kind: str) -> dict[str, Any]:
        """Return the properties of the only resource of a type."""
        (only,) = self.properties(kind)
        return only

    def all(self) -> Iterator[tuple[str, str, Resource]]:
        for stack, template in self.templates.items():
            for name, resource in template["Resources"].items():
                yield stack, name, resource

    def role_of(self, function: Resource) -> str:
        """Return the logical id of the role that a function runs as."""
        return str(function["Properties"]["Role"]["Fn::GetAtt"][0])

    def statements(self, role: str) -> list[dict[str, Any]]:
        """Return every statement of a role, wherever it stands."""
        found = []
        for _, name, resource in self.all():
            properties = resource.get("Properties", {})
            if resource["Type"] == "AWS::IAM::Policy" and {"Ref": role} in properties.get("Roles", []):
                found += properties["PolicyDocument"]["Statement"]
            if resource["Type"] == "AWS::IAM::Role" and name == role:
                found += [s for policy in properties.get("Policies", []) for s in policy["PolicyDocument"]["Statement"]]
        return found


def telemetry(stage: Stage) -> set[str]:
    """Return the actions by which each function says what it does."""
    logs = {"logs:CreateLogStream", "logs:PutLogEvents"}
    return logs | {"xray:PutTraceSegments", "xray:PutTelemetryRecords"} if stage.settings.tracing else logs


@pytest.fixture(scope="session")
def synthesize(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Stage]:
    """Synthesize a stage with overrides, the same settings only once; the findings of plugins are in validation-report.json."""
    import aws_cdk as cdk

    from app import build
    from deployment.bundle import find_bundle, list_functions
    from deployment.bundle.build import build_bundle
    from deployment.stages import settings_for

    @cache
    def synthesize_settings(settings: Any, plugins: tuple[Any, ...], boundary: str) -> Stage:
        for name in list_functions():
            build_bundle(find_bundle(settings, name))
        folder = tmp_path_factory.mktemp(settings.stage)
        limits = {"@aws-cdk/core:permissionsBoundary": {"name": boundary}} if boundary else {}
        app = cdk.App(outdir=str(folder), context=CONTEXT | limits)
        build(app, settings)
        if plugins:
            cdk.Validations.of(app).add_plugins(*plugins)
            with suppress(RuntimeError):  # findings interrupt the synthesis; the report says which
                app.synth()
        else:
            app.synth()
        prefix = f"Inferstack-{settings.stage}-"
        templates = {path.name.split(".")[0].removeprefix(prefix): json.loads(path.read_text()) for path in folder.glob("*.template.json")}
        return Stage(settings, folder, templates)

    def synthesize(stage: str, *, plugins: tuple[Any, ...] = (), boundary: str = "", **overrides: object) -> Stage:
        return synthesize_settings(settings_for(stage, **overrides), plugins, boundary)

    return synthesize


@pytest.fixture(scope="session")
def every_option(synthesize: Callable[..., Stage]) -> Stage:
    """A stage with all that is off unless somebody asks for it, but for other endpoints and another authentication."""
    return synthesize(
        "dev",
        boundary=BOUNDARY,
        endpoint_kind="cpu",
        concurrent_requests_per_instance=8,
        capture_percent=10,
        alarm_email="someone@example.com",
        cors_origins="https://app.example",
        start_on_data=True,
        training_gpu_instance_type="ml.g4dn.xlarge",
        training_spot=False,
        approval="automatic",
        notebook=True,
        notebook_instance_type="ml.t3.large",
    )


@pytest.fixture(scope="session", params=["local", "dev", "prod"])
def stage(request: pytest.FixtureRequest, synthesize: Callable[..., Stage]) -> Stage:
    return synthesize(request.param)


@pytest.fixture(scope="session", params=["dev", "prod"])
def deployed(request: pytest.FixtureRequest, synthesize: Callable[..., Stage]) -> Stage:
    return synthesize(request.param)
