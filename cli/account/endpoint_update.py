"""Settings that the running endpoint cannot be updated to."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from cli.finding import Finding
from cli.stage.aws import translate_aws_errors
from deployment.settings import Settings

_KIND = re.compile(r"-(serverless|cpu|gpu)-[0-9a-f]{6}$")  # what stands after the recipe in an endpoint's name


@dataclass(frozen=True, slots=True)
class RunningEndpoint:
    """What an endpoint runs on.

    Args:    instance_type: empty for a serverless one.
             variants: their names.
    """

    name: str
    instance_type: str
    variants: tuple[str, ...]


def read_endpoint(sagemaker: Any, name: str) -> RunningEndpoint:
    """Return what a deployed endpoint runs on.

    Raises:  AwsFailed
    """
    with translate_aws_errors():
        config = sagemaker.describe_endpoint(EndpointName=name)["EndpointConfigName"]
        variants = sagemaker.describe_endpoint_config(EndpointConfigName=config)["ProductionVariants"]
    types = {variant.get("InstanceType", "") for variant in variants}
    return RunningEndpoint(name, " and ".join(sorted(types)), tuple(variant["VariantName"] for variant in variants))


def find_replacements(settings: Settings, running: RunningEndpoint) -> Sequence[str]:
    """Return the settings that make a deploy replace the endpoint instead of updating it, each with what runs and what is asked for.

    Another recipe replaces the group of the model's versions, too.
    """
    wanted_variants = ",".join(variant.name for variant in settings.variants)
    compared = {
        "recipe": (_KIND.sub("", running.name), settings.name),
        "machine": (running.instance_type or "serverless", settings.endpoint_instance_type or "serverless"),
        "variants": (",".join(running.variants), wanted_variants),
    }
    return [f"{what} {has} → {wanted}" for what, (has, wanted) in compared.items() if has != wanted]


def judge_update(settings: Settings, running: RunningEndpoint | None) -> Finding:
    """Return whether a deploy with these settings updates the running endpoint, without a gap, or replaces it."""
    if running is None:
        return Finding("endpoint", True, "none is deployed yet")
    replacements = find_replacements(settings, running)
    kind = running.instance_type or "serverless"
    if not replacements:
        return Finding("endpoint", True, f"{running.name}, {kind}, is updated in place")
    settings_of_it = "-c recipe or recipes in their order, endpoint_kind, instance_type, variants"
    fix = f"pass the settings that it runs with ({settings_of_it}), or plan for it: docs/changing-a-stage.md"
    return Finding("endpoint", False, f"these settings replace {running.name}: {', '.join(replacements)}", fix)
