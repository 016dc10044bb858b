"""The function's environment."""

import subprocess
import sys
from pathlib import Path

import pytest

from functions.predict.config import MAX_BODY_BYTES, MAX_INSTANCES, Config
from recipes.errors import InvalidSettings

SOURCES = Path(__file__).resolve().parents[3]


def test_reads_what_it_writes() -> None:
    config = Config(endpoint_name="inferstack-dev-digits", recipe="digits", max_body_bytes=5, max_instances=7)
    assert Config.from_env(config.to_env()) == config


def test_has_limits_without_being_told() -> None:
    config = Config.from_env({"ENDPOINT_NAME": "e", "RECIPE": "digits", "PATH": "/bin"})
    assert (config.max_body_bytes, config.max_instances) == (MAX_BODY_BYTES, MAX_INSTANCES)


@pytest.mark.parametrize("missing", ["ENDPOINT_NAME", "RECIPE"])
@pytest.mark.parametrize("kept", [{}, {"ENDPOINT_NAME": "", "RECIPE": ""}])
def test_names_what_is_missing(missing: str, kept: dict[str, str]) -> None:
    with pytest.raises(InvalidSettings, match=missing):
        Config.from_env({**Config("e", "digits").to_env(), **kept} if kept else {})


@pytest.mark.parametrize("value", ["0", "-1", "", "many", "1e3", "½"])
def test_refuses_a_limit_that_is_none(value: str) -> None:
    with pytest.raises(InvalidSettings, match="MAX_INSTANCES"):
        Config.from_env({**Config("e", "digits").to_env(), "MAX_INSTANCES": value})


def test_costs_the_stacks_nothing_to_import() -> None:
    dear = "{'boto3', 'botocore', 'PIL', 'numpy', 'functions.predict.handler'}"
    program = f"import sys, functions.predict.config; print(sorted({dear} & set(sys.modules)))"
    environment = {"PYTHONPATH": f"{SOURCES}:{SOURCES / 'lambda'}"}
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
