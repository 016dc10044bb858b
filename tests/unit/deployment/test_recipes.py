"""The settings of a stage with several recipes."""

from dataclasses import replace
from typing import Any

import pytest

from deployment.rules import MOST_RECIPES, find_problems
from deployment.stages import settings_for, stack_name
from recipes.errors import InvalidSettings


def test_a_list_of_one_is_the_recipe() -> None:
    assert settings_for("dev", recipes="salary") == settings_for("dev", recipe="salary")
    assert settings_for("dev", recipes="") == settings_for("dev")


def test_the_first_is_the_default() -> None:
    settings = settings_for("dev", recipes="stop_search, digits")
    assert (settings.recipe, settings.recipes) == ("stop_search", ("stop_search", "digits"))
    assert settings_for("dev", recipe="stop_search", recipes="stop_search,digits") == settings


def test_each_has_names_of_its_own_and_else_the_same_settings() -> None:
    settings = settings_for("dev", recipes="digits,stop_search", notebook="true", serverless_concurrency="3")
    first, second = settings.split()
    assert first is settings
    assert [each.endpoint_name for each in settings.split()] == ["inferstack-dev-digits", "inferstack-dev-stop-search"]
    assert (second.model_group, second.pipeline_name) == ("inferstack-dev-stop-search", "inferstack-dev-stop-search")
    assert (first.notebook, second.notebook) == (True, False)  # a stage has one
    assert second == settings_for("dev", recipe="stop_search", serverless_concurrency="3")


def test_no_other_recipe_s_stack_begins_with_the_first_s_name() -> None:
    assert stack_name("dev", "Inference", "stop_search") == "Inferstack-dev-stop-search-Inference"
    assert not stack_name("dev", "Inference", "stop_search").startswith(stack_name("dev", "Inference"))


@pytest.mark.parametrize(
    ("overrides", "problem"),
    [
        ({"recipes": "digits,stopsearch"}, "there is no 'stopsearch': use some of digits, .*, stop_search"),
        ({"recipes": "digits,salary,digits"}, "recipes are digits, salary, digits: name each once"),
        ({"recipes": "digits,digits,digits,digits,digits,digits"}, "name each once"),
        ({"recipe": "salary", "recipes": "digits,salary"}, "recipe is salary and recipes are digits, salary"),
        ({"recipes": "digits,salary", "model_dir": "any"}, "model_dir is one recipe's model"),
        (
            {"recipes": "digits,salary", "endpoint_kind": "cpu", "variants": "a:0.9,b:0.1:models/digits/new.tar.gz"},
            "a variant's archive is one recipe's model",
        ),
        ({"recipes": "digits,salary", "endpoint_kind": "cpu", "variants": "a,b"}, "there are 2 variants, and several recipes"),
    ],
)
def test_refuses_what_cannot_be_deployed(overrides: dict[str, Any], problem: str) -> None:
    with pytest.raises(InvalidSettings, match=problem):
        settings_for("dev", **overrides)


def test_refuses_more_recipes_than_a_role_can_name() -> None:
    names = tuple(f"recipe_{number}" for number in range(MOST_RECIPES + 1))
    problem = ("there are 6 recipes", "name at most 5, or deploy another stage")
    assert problem in find_problems(replace(settings_for("dev"), recipes=names))
