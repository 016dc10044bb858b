"""Rollouts under load: whether a good model takes over, and a bad one is rolled back by itself, without a request lost.

A stack of its own with two instances and a canary is brought up; clients ask its API all the while. Every release goes the operator's way:
registered, approved with the command, and from there by event, queue, function and CloudFormation. Writes record.json and rollout.png.

    .venv/bin/python -m benchmarks.rollout.run --record benchmarks/records/<date>-rollout
"""

import argparse
import os
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from benchmarks.harness import describe_machine, write_record
from benchmarks.rollout import models
from benchmarks.rollout.ledger import count_by_scenario, count_by_second
from benchmarks.rollout.plot import draw
from benchmarks.rollout.steady import Steady
from benchmarks.rollout.watch import LOOK_EVERY_S, Watch
from cli.main import app
from cli.models.versions import ModelVersions
from cli.services import Services
from cli.stage.aws import connect
from local.run_state import RunState
from local.stack import down, up
from tests.conftest import free_ports

SETTINGS = {"endpoint_kind": "cpu", "instances_min": "2", "instances_max": "2", "bake_s": "6"}
WARM_UP_S = 8  # while the emulator starts as many functions as there are clients
STEADY_S = 8  # before the first release, and after each
RELEASES: Sequence[tuple[str, str, Callable[[str], bytes]]] = (
    ("a good model", "2-good", models.build_good),
    ("one that cannot start", "3-broken", models.build_unstartable),
    ("one that takes over a second", "4-slow", models.build_slow),
    ("one that fails at a picture in ten", "5-picky", models.build_picky),
    ("another good model", "6-good", models.build_good),
)


@dataclass(frozen=True, slots=True)
class Scenario:
    """What was released, and how it ended.

    Args:    began_s, settled_s: the decision, and when it was carried out or given up; seconds since the load began.
             registry: how the registry has the version in the end, and its words.
    """

    name: str
    began_s: float
    settled_s: float
    registry: str


class Operator:
    """Registers, approves and takes back models on a stack, and waits until that is done."""

    def __init__(self, state: RunState, watch: Watch) -> None:
        self._state, self._watch, self._clients = state, watch, connect("local")
        self._versions = ModelVersions("local", self._clients)

    def release(self, name: str, version: str, archive: bytes) -> Scenario:
        """Register a model and approve it."""
        key = f"models/{version}/model.tar.gz"
        self._clients("s3").put_object(Bucket=self._state.dump_bucket, Key=key, Body=archive)
        package = self._clients("sagemaker").create_model_package(
            ModelPackageGroupName=self._state.endpoint,  # the group has the endpoint's name
            ModelApprovalStatus="PendingManualApproval",
            InferenceSpecification={
                "Containers": [{"Image": "inferstack/serving", "ModelDataUrl": f"s3://{self._state.dump_bucket}/{key}"}],
                "SupportedContentTypes": ["application/x-npy"],
                "SupportedResponseMIMETypes": ["application/json"],
            },
        )
        number = int(package["ModelPackageArn"].rsplit("/", 1)[1])
        return self._decide(name, f"approved {version}", number, "approve", str(number))

    def roll_back(self) -> Scenario:
        """Take back what serves, by hand."""
        bad = int(self._versions.describe_stack().package_arn.rsplit("/", 1)[1])
        return self._decide("taken back by hand", "rollback by hand", bad, "rollback", "--reason", "sevens come out as ones")

    def _decide(self, name: str, event: str, number: int, *command: str) -> Scenario:
        began_s = self._watch.note(event)
        # Whether it comes to serve is what the ledger and the registry tell; the command fails where it does not.
        CliRunner().invoke(app, ["models", *command, "--wait"], obj=Services(sleep=lambda _: time.sleep(LOOK_EVERY_S)))
        settled_s = self._watch.note("settled")
        version = self._versions.describe(number)
        return Scenario(name, began_s, settled_s, f"{version.status}: {version.why}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rate", type=float, default=30, help="requests a second")
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--record", type=Path, help="a folder")
    arguments = parser.parse_args()
    machine = describe_machine()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["INFERSTACK_STATE_DIR"] = folder
        state = up(port=free_ports(), context=SETTINGS)
        try:
            ledger, events = run(state, clients_=arguments.clients, rate=arguments.rate)
        finally:
            down()
    print(format_table(ledger["scenarios"]))
    if arguments.record:
        record = {"machine": machine, "settings": SETTINGS, "rate": arguments.rate, "clients": arguments.clients, **ledger}
        write_record(arguments.record / "record.json", record)
        draw(ledger["seconds"], events, arguments.record / "rollout.png")


def run(state: RunState, *, clients_: int, rate: float) -> tuple[dict[str, Any], list[tuple[float, str]]]:
    """Return the ledger of all scenarios, one after the other under one load, and what happened when."""
    watch = Watch(connect("local")("sagemaker"), state.endpoint)
    operator = Operator(state, watch)
    archives = [(name, version, build(version)) for name, version, build in RELEASES]
    with Steady(state.api_url, clients=clients_, rate=rate):
        time.sleep(WARM_UP_S)
    with watch.watching(), Steady(state.api_url, clients=clients_, rate=rate) as load:
        began_s = watch.began_s = time.time()
        scenarios = [Scenario("nothing released", 0.0, 0.0, "")]
        time.sleep(STEADY_S)
        for name, version, archive in archives:
            scenarios.append(operator.release(name, version, archive))
            time.sleep(STEADY_S)
        scenarios.append(operator.roll_back())
        time.sleep(STEADY_S)
    counts = count_by_scenario(load.outcomes, began_s, [each.began_s for each in scenarios])
    ledger = {
        "scenarios": [{**asdict(each), **count} for each, count in zip(scenarios, counts, strict=True)],
        "failures": [asdict(each) for each in load.outcomes if each.status != 200],
        "events": watch.events,
        "seconds": count_by_second(load.outcomes, began_s),
    }
    return ledger, watch.events


def format_table(scenarios: Sequence[dict[str, Any]]) -> str:
    """Return the scenarios as Markdown."""
    lines = [
        "| released | requests | failed | wrong | p50 ms | p99 ms | decided to settled, s | answers by version | the registry in the end |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for each in scenarios:
        versions = ", ".join(f"{version} {count}" for version, count in each["by_version"].items())
        took_s = f"{each['settled_s'] - each['began_s']:.1f}" if each["settled_s"] else ""
        failed = sum(each["failed"].values())
        cells = (each["name"], each["sent"], failed, each["wrong"], each["p50_ms"], each["p99_ms"], took_s, versions, each["registry"])
        lines.append("| " + " | ".join(map(str, cells)) + " |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
