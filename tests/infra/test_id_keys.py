"""The keys that sign ids of predictions: made by CloudFormation, seen in no template, and replaced by a setting."""

import json
from typing import Any

from functions.feedback.config import Config as FeedbackConfig
from functions.predict.config import Config as PredictConfig
from functions.shared.environment import read_environment

SECRET = "AWS::SecretsManager::Secret"


def list_functions(stage: Any) -> dict[str, tuple[str, dict[str, Any]]]:
    """Return the functions by name, each with its logical id."""
    found = {}
    for name, resource in stage.resources("AWS::Lambda::Function").items():
        if (handler := resource["Properties"]["Handler"]).startswith("functions."):
            found[handler.split(".")[1]] = name.split("/")[1], resource
    return found


def read_environments(stage: Any) -> tuple[PredictConfig, FeedbackConfig]:
    """What the two functions read once CloudFormation has put each secret, here its logical id, in the place of its reference."""

    def read(name: str, config: Any) -> Any:
        variables = list_functions(stage)[name][1]["Properties"]["Environment"]["Variables"]
        return read_environment(config, {name: resolve(value) for name, value in variables.items()})

    return read("predict", PredictConfig), read("feedback", FeedbackConfig)


def resolve(value: Any) -> str:
    if "Fn::Join" in value:
        value = "".join(each if isinstance(each, str) else next(iter(each.values())) for each in value["Fn::Join"][1])
    elif isinstance(value, dict):
        value = next(iter(value.values()))
    return str(value).replace("{{resolve:secretsmanager:", "").replace(":SecretString:::}}", "")


def name_secret(stage: Any, number: int) -> str:
    (name,) = [name.split("/")[1] for name in stage.resources(SECRET) if f"Key{number}" in name]
    return str(name)


def test_makes_a_key_of_256_bits_that_no_template_holds(stage: Any) -> None:
    secret = stage.one(SECRET)
    assert secret["GenerateSecretString"] == {
        "ExcludePunctuation": True,
        "ExcludeCharacters": ",",
        "PasswordLength": 43,
    }  # 62 characters: 5.95 bits each
    assert "SecretString" not in secret
    predict, feedback = read_environments(stage)
    assert (predict.id_key, feedback.id_keys) == (name_secret(stage, 1), (name_secret(stage, 1),))
    assert "{{resolve:secretsmanager:" not in json.dumps([template.get("Outputs") for template in stage.templates.values()])


def test_signs_with_the_next_key_and_still_takes_the_one_before(synthesize: Any) -> None:
    stage = synthesize("dev", id_key="3", feedback_labels_per_hour="1500")
    assert len(stage.resources(SECRET)) == 2
    predict, feedback = read_environments(stage)
    assert predict.id_key == name_secret(stage, 3)
    assert feedback.id_keys == (name_secret(stage, 3), name_secret(stage, 2))
    assert feedback.labels_per_hour == 1500


def test_tells_feedback_a_new_key_before_anything_is_signed_with_it(stage: Any) -> None:
    functions = list_functions(stage)
    assert functions["feedback"][0] in functions["predict"][1]["DependsOn"]
