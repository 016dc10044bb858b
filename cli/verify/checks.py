"""All checks, in the order they are made: what measures a cold start first, what reads the others' traces last."""

from collections.abc import Sequence

from cli.verify import alarms, dashboard, feedback, logs, operators, page, predictions, push, queues, rollout, serving, uploads
from cli.verify.check import Check
from recipes.recipe import Recipe


def list_all_checks(recipes: Sequence[Recipe], *, with_rollout: bool) -> list[Check]:
    """Return every check of a deployment with these recipes.

    Args:    recipes: the default first.
             with_rollout: whether a version is rolled out and back, which takes minutes and changes the endpoint for as long.
    """
    first, *others = recipes
    rollouts = rollout.list_checks() if with_rollout else []
    return [
        *predictions.list_checks(first),
        *page.list_checks(),
        *operators.list_checks(),
        *feedback.list_checks(),
        *uploads.list_checks(first),
        *push.list_checks(),
        *serving.list_checks(),
        *rollouts,
        *(check.of_recipe(other.name) for other in others for check in [*_list_recipe_checks(other), *rollouts]),
        *queues.list_checks(),
        *alarms.list_checks(),
        *dashboard.list_checks(),
        *logs.list_checks(),
    ]


def _list_recipe_checks(recipe: Recipe) -> list[Check]:
    """Return what each recipe is checked for: its endpoint answers whatever the others do."""
    return [
        *predictions.list_recipe_checks(recipe),
        *feedback.list_checks(),
        *uploads.list_recipe_checks(recipe),
        *serving.list_checks(),
    ]
