"""What SageMaker refuses of an endpoint's configuration and of its update, and what it keeps of the variants that run."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from emulator.sagemaker.endpoints.variant import ConfiguredVariant, Variant
from emulator.sagemaker.errors import validation_exception

Settings = Mapping[str, Any]
SERVERLESS_LACKS = ("DataCaptureConfig", "ShadowProductionVariants", "AsyncInferenceConfig", "ExplainerConfig")
WEIGHT, COUNT = "DesiredWeight", "DesiredInstanceCount"


def require_configurable(request: Mapping[str, Any]) -> None:
    """Raise SageMaker's error for a configuration of a serverless endpoint with what only instances have."""
    variants: Sequence[Settings] = request["ProductionVariants"]
    if not _has_serverless(variants):
        return
    if len(variants) > 1:
        raise validation_exception(f"A serverless endpoint has one production variant; this configuration has {len(variants)}.")
    (variant,) = variants
    if mixed := [name for name in ("InstanceType", "InitialInstanceCount") if name in variant]:
        raise validation_exception(f"ServerlessConfig cannot be set with {' and '.join(mixed)}.")
    if unsupported := [name for name in SERVERLESS_LACKS if request.get(name)]:
        raise validation_exception(f"A serverless endpoint has no {' and no '.join(unsupported)}.")
    serverless = variant["ServerlessConfig"]
    if int(serverless.get("ProvisionedConcurrency", 0)) > int(serverless["MaxConcurrency"]):
        raise validation_exception("ProvisionedConcurrency must be less than or equal to MaxConcurrency.")


def require_updatable(
    endpoint: str, old: Sequence[Settings], new: Sequence[Settings], *, is_guarded: bool, scalable_targets: Collection[str]
) -> None:
    """Raise SageMaker's error if an endpoint cannot get these production variants.

    Args:    old, new: the production variants before and after.
             is_guarded: whether the request has a DeploymentConfig.
             scalable_targets: the resource ids that are registered with Application Auto Scaling.
    """
    before, after = ({str(each["VariantName"]): each for each in variants} for variants in (old, new))
    if not _has_serverless(old) and _has_serverless(new):
        raise validation_exception("Endpoints with instance-based production variants cannot be updated to serverless ones.")
    if is_guarded and before.keys() != after.keys():
        raise validation_exception(
            "The endpoint configuration of a blue/green deployment must have the same variant names as the one before: "
            f"it has {', '.join(after)}; expected {', '.join(before)}."
        )
    scaled = [name for name in before if f"endpoint/{endpoint}/variant/{name}" in scalable_targets]
    changed = [name for name in scaled if after.get(name, {}).get("InstanceType") != before[name].get("InstanceType")]
    if changed:
        raise validation_exception(
            f'The variant(s) "{changed}" must be deregistered as scalable targets with AWS Auto Scaling before they can be removed or have '
            "their instance type updated."
        )


def retain_properties(
    variants: Sequence[ConfiguredVariant], running: Mapping[str, Variant], request: Mapping[str, Any]
) -> list[ConfiguredVariant]:
    """Return the new variants with the weights and counts of those that run, where RetainAllVariantProperties asks for it."""
    if not request.get("RetainAllVariantProperties"):
        return list(variants)
    excluded = {each["VariantPropertyType"] for each in request.get("ExcludeRetainedVariantProperties", [])}

    def retain(settings: Settings) -> Settings:
        old = running.get(str(settings["VariantName"]))
        if old is None:
            return settings
        kept = {
            **({"InitialVariantWeight": old.weight} if WEIGHT not in excluded else {}),
            **(
                {"InitialInstanceCount": old.settings["InitialInstanceCount"]}
                if COUNT not in excluded and "InitialInstanceCount" in old.settings and "InitialInstanceCount" in settings
                else {}
            ),
        }
        return {**settings, **kept}

    return [(retain(settings), is_shadow) for settings, is_shadow in variants]


def _has_serverless(variants: Sequence[Settings]) -> bool:
    return any("ServerlessConfig" in each for each in variants)
