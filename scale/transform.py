"""Batch Transform: where files too large for the upload function go, a job each, with machines of its own."""

from dataclasses import replace

from deployment.settings import Settings
from recipes.errors import InvalidSettings
from scale.facts import Instance, find_assumption, find_instance
from scale.load import Load
from scale.ways import Way


def is_transformed(way: Way, load: Load, settings: Settings) -> bool:
    """Whether files of this size go to Batch Transform."""
    return load.images_per_file * way.row_bytes > settings.transform_over_mb * 1_000_000


def leave_to_endpoint(way: Way, load: Load, settings: Settings) -> Load:
    """Return what of a load the endpoint is asked: files that go to Batch Transform are nothing to it."""
    return replace(load, images_s=0.0) if is_transformed(way, load, settings) else load


def find_transform_instance(settings: Settings) -> Instance:
    """Return the stage's machine for it, or raise InvalidSettings where its price is not known."""
    instance = find_instance(settings.batch_instance_type)
    if instance is None:
        raise InvalidSettings(f"scale/aws.toml has no price of {settings.batch_instance_type}", advice="choose another, or add its price")
    return instance


def count_job_s(way: Way, load: Load, settings: Settings) -> float:
    """Return how long one job takes, its machine's start included."""
    cores = find_transform_instance(settings).vcpu * find_assumption("cores-per-vcpu")
    return find_assumption("job-start-s") + load.images_per_file * way.row_us / 1e6 / cores


def count_jobs_at_once(way: Way, load: Load, settings: Settings) -> float:
    """Return how many jobs run at once on average, by Little's law."""
    return load.images_s / load.images_per_file * count_job_s(way, load, settings)


def count_transform_hours(way: Way, load: Load, settings: Settings) -> float:
    """Return the machines' hours of a month."""
    return load.files * count_job_s(way, load, settings) / 3600
