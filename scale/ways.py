"""Five ways to run the endpoint, and what one of its machines does."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import ceil
from typing import Any, Literal

from deployment.settings import DEFAULT_INSTANCE, Settings
from deployment.sizing import choose_cpu_instance, choose_serverless_mb
from recipes.errors import InvalidSettings
from recipes.recipe import load as load_recipe
from scale.facts import Instance, find_assumption, find_instance, read_aws, read_measured
from scale.load import Load
from scale.simulation.queue import MOST_IN_BATCH

Kind = Literal["serverless", "cpu", "gpu", "zero", "tutorial"]
TUTORIAL_INSTANCE = "ml.m4.xlarge"
SUMMARIES: dict[Kind, str] = {
    "serverless": "a serverless endpoint: nothing bills while nobody asks",
    "cpu": "instances that always run, and follow the load",
    "gpu": "instances with a GPU each that always run, and follow the load",
    "zero": "components that scale to zero instances; not built in this stack",
    "tutorial": "one ml.m4.xlarge that always runs, as the tutorial deploys it",
}


@dataclass(frozen=True, slots=True)
class Way:
    """One way to run the endpoint of a stage.

    Args:    instance: the machine; None for serverless.
             memory_gb: of a serverless container.
             alone_s: how long the model takes for one small request, in seconds.
             requests_s, rows_s: what one machine, or one container, does at most: small requests, and rows of large bodies.
             least: instances that always run.
             most: instances at most; 0 where nothing limits them.
             row_bytes, answer_bytes: of the recipe: one instance, and the most of one prediction.
             row_us: of one core, for a row of a large body.
    """

    kind: Kind
    instance: Instance | None
    memory_gb: float
    alone_s: float
    requests_s: float
    rows_s: float
    least: int
    most: int
    row_bytes: int
    answer_bytes: int
    row_us: float

    @property
    def is_scaled(self) -> bool:
        """Whether target tracking follows its load."""
        return self.kind in {"cpu", "gpu"}

    @property
    def endpoint_s(self) -> float:
        """How long a small request is at the endpoint, without waiting, in seconds."""
        return find_assumption("endpoint-hop-ms" if self.instance else "serverless-ms") / 1e3 + self.alone_s

    @property
    def function_s(self) -> float:
        """How long the predict function takes for one, in seconds."""
        return self.endpoint_s + find_assumption("function-beside-ms") / 1e3

    def count_busy(self, load: Load) -> float:
        """Return the machines, or containers, that a load keeps busy in its busiest minute."""
        asked = load.busiest_s * self.endpoint_s if self.instance is None else load.busiest_s / self.requests_s
        return asked + load.images_s / self.rows_s

    def count_instances(self, load: Load) -> int:
        """Return the instances that a load needs in its busiest minute, whatever the settings allow."""
        if self.kind in {"serverless", "tutorial"}:
            return self.least
        room = find_assumption("utilisation")
        return max(self.least, 1, ceil(load.busiest_s / (room * self.requests_s) + load.images_s / (room * self.rows_s)))


def list_ways(settings: Settings) -> Iterator[Way]:
    """Yield the five ways for a stage and its recipe.

    Raises:  InvalidSettings: the settings name an instance type that scale/aws.toml has no price of.
    """
    core, recipe = _measure_core(settings.recipe), load_recipe(settings.recipe)
    model_bytes, least, most = settings.model_bytes, settings.instances_min, settings.instances_max
    memory_gb = (settings.serverless_memory_mb or choose_serverless_mb(model_bytes)) / 1024
    sizes: dict[str, Any] = {"row_bytes": recipe.instance_bytes, "answer_bytes": recipe.prediction_bytes, "row_us": core["row_us"]}
    # A container works on one request at a time; more memory brings cores, which only its batches use.
    alone_us, batched_us = core["batch_us"] + core["request_us"], core["batch_us"] / MOST_IN_BATCH + core["request_us"]
    yield Way("serverless", None, memory_gb, alone_us / 1e6, 1e6 / alone_us, 1e6 / core["row_us"], 0, 0, **sizes)
    chosen = {settings.endpoint_kind: settings.instance_type} if settings.instance_type else {}
    cpu = chosen.get("cpu") or choose_cpu_instance(model_bytes)
    instances: tuple[tuple[Kind, str, int], ...] = (
        ("cpu", cpu, least),
        ("gpu", chosen.get("gpu") or DEFAULT_INSTANCE["gpu"], least),
        ("zero", cpu, 0),
    )
    for kind, name, at_least in instances:
        yield _make_way(kind, name, (alone_us, batched_us), (at_least, most), sizes)
    times = read_measured()["tutorial"]["times"]
    yield _make_way("tutorial", TUTORIAL_INSTANCE, (alone_us * times, batched_us * times), (1, 1), sizes)


def find_way(settings: Settings, kind: Kind) -> Way:
    """Return one of them."""
    return next(way for way in list_ways(settings) if way.kind == kind)


def _measure_core(recipe: str) -> dict[str, float]:
    rates: dict[str, dict[str, float]] = read_measured()["server"]
    if recipe not in rates:
        advice = "measure it with benchmarks/server/scale.py, and write it into scale/measured.toml"
        raise InvalidSettings(f"the server's rates with {recipe} have not been measured", advice=advice)
    return rates[recipe]


def _make_way(kind: Kind, name: str, request_us: tuple[float, float], bounds: tuple[int, int], sizes: Mapping[str, Any]) -> Way:
    """Return a way on instances; a request takes so long alone, and so long in a full batch."""
    instance = find_instance(name)
    if instance is None:
        known = ", ".join(read_aws()["instances"])
        raise InvalidSettings(f"scale/aws.toml has no price of {name}; it has {known}", advice="choose one of them, or add its price")
    cores = instance.vcpu * find_assumption("cores-per-vcpu")
    alone_us, batched_us = request_us
    return Way(kind, instance, 0, alone_us / 1e6, cores * 1e6 / batched_us, cores * 1e6 / sizes["row_us"], *bounds, **sizes)
