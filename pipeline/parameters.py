"""What an execution is started with, looked at before any data is brought and any job runs."""

from collections.abc import Mapping
from math import isfinite
from typing import Any

from pipeline.runner.parse import bind_parameters
from recipes.errors import InvalidSettings
from recipes.holdout import parse_test_share
from recipes.recipe import parse_names

TEST_SHARE = "TestShare"
WHOLE_NUMBERS = ("Seed", "Limit")  # SageMaker has them as text, since a job takes them as its arguments
LEAST_LIMIT = 100  # as `inferstack train --limit` has it


def check_parameters(parameters: Mapping[str, Mapping[str, Any]], given: Mapping[str, str]) -> None:
    """Raise InvalidSettings if SageMaker or the first job would refuse a value; the definition's defaults say what it knows.

    Args:    parameters: the pipeline's, by name.
             given: those of StartPipelineExecution.
    """
    try:
        values = bind_parameters(parameters, given)
    except ValueError as error:
        raise InvalidSettings(str(error), advice="correct what follows --set") from error
    for name, value in values.items():
        if isinstance(value, float) and not isfinite(value):
            raise InvalidSettings(f"{name} is {value}; expected a finite number", advice="correct what follows --set")
    if (threshold := values.get("Threshold", 0)) > 1:
        raise InvalidSettings(f"Threshold is {threshold}; no score is above 1", advice="e.g. --set Threshold=0.98")
    for name in WHOLE_NUMBERS:
        if name in values and not str(values[name]).isdecimal():
            raise InvalidSettings(f"{name} is {values[name]!r}; expected a whole number, 0 or more", advice=f"e.g. --set {name}=1000")
    if 0 < int(values.get("Limit", 0)) < LEAST_LIMIT:
        advice = f"e.g. --set Limit={LEAST_LIMIT}, or 0 for all"
        raise InvalidSettings(f"Limit is {values['Limit']}; a model is trained on {LEAST_LIMIT} instances or more", advice=advice)
    read_test_share(values)
    if "Candidates" in values:
        _check_candidates(values["Candidates"], parse_names(str(parameters["Candidates"]["DefaultValue"])))


def read_test_share(given: Mapping[str, str]) -> float | None:
    """Return the share of the rows that is asked to be measured on, if one is; raise InvalidSettings if there is no such share."""
    return parse_test_share(given[TEST_SHARE]) if TEST_SHARE in given else None


def _check_candidates(text: str, known: list[str]) -> None:
    named = parse_names(text)
    advice = f"e.g. --set Candidates={','.join(known[:2])}"
    if not named:
        raise InvalidSettings(f"Candidates is {text!r}; expected at least one of {', '.join(known)}", advice=advice)
    if unknown := [name for name in named if name not in known]:
        raise InvalidSettings(f"there is no candidate {', '.join(unknown)}; the pipeline has {', '.join(known)}", advice=advice)
