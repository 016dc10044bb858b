"""One reader and one writer for the environment of every function."""

import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from functions.feedback.config import Config as FeedbackConfig
from functions.jobs.config import Config as JobsConfig
from functions.predict.config import Config as PredictConfig
from functions.process_upload.config import Config as ProcessUploadConfig
from functions.rollout.config import Config as RolloutConfig
from functions.shared.environment import read_environment, write_environment
from recipes.errors import InvalidSettings

SOURCES = Path(__file__).resolve().parents[4]


class Config(NamedTuple):
    bucket: str
    poll_s: int
    names: tuple[str, ...]
    recipe: str = "digits"
    limit: int = 7


@pytest.mark.parametrize("config", [PredictConfig, JobsConfig, FeedbackConfig, ProcessUploadConfig, RolloutConfig, Config])
def test_reads_what_it_writes(config: Any) -> None:
    of_kind = {int: (3, "3"), str: ("any", "any"), tuple[str, ...]: (("a", "b"), "a,b")}
    values, texts = ({name: of_kind[kind][at] for name, kind in config.__annotations__.items()} for at in (0, 1))
    environment = write_environment(config(**values))
    assert environment == {name.upper(): text for name, text in texts.items()}
    assert read_environment(config, {**environment, "PATH": "/bin"}) == config(**values)


def test_takes_the_default_of_what_is_missing() -> None:
    assert read_environment(Config, {"BUCKET": "b", "POLL_S": "5", "NAMES": "a"}) == Config("b", 5, ("a",), "digits", 7)


@pytest.mark.parametrize("environment", [{}, {"BUCKET": "", "POLL_S": "", "NAMES": ""}])
def test_names_all_that_is_missing_and_says_what_to_do(environment: dict[str, str]) -> None:
    with pytest.raises(
        InvalidSettings, match="the environment has no BUCKET, POLL_S, NAMES; set each one where the stack creates the function"
    ):
        read_environment(Config, environment)


@pytest.mark.parametrize("name", ["POLL_S", "LIMIT"])
@pytest.mark.parametrize("value", ["0", "-1", " ", "many", "1e3", "½"])
def test_refuses_what_is_not_a_whole_number_of_1_or_more(name: str, value: str) -> None:
    with pytest.raises(InvalidSettings, match=f"{name} is '{value}'; expected a whole number of 1 or more"):
        read_environment(Config, {"BUCKET": "b", "POLL_S": "5", "NAMES": "a", name: value})


def test_refuses_an_empty_number_that_has_a_default() -> None:
    with pytest.raises(InvalidSettings, match="LIMIT is ''"):
        read_environment(Config, {"BUCKET": "b", "POLL_S": "5", "NAMES": "a", "LIMIT": ""})


def test_costs_the_stacks_nothing_to_import() -> None:
    dear = "{'boto3', 'botocore', 'PIL', 'numpy', 'functions.predict.handler'}"
    program = f"import sys, functions.predict.config, functions.shared.environment; print(sorted({dear} & set(sys.modules)))"
    environment = {"PYTHONPATH": f"{SOURCES}:{SOURCES / 'lambda'}"}
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
