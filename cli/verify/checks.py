"""All checks, in the order they are made: what measures a cold start first, what reads the others' traces last."""

from cli.verify import alarms, dashboard, feedback, logs, operators, page, predictions, push, queues, rollout, serving, uploads
from cli.verify.check import Check
from recipes.recipe import Recipe


def list_all_checks(recipe: Recipe, *, with_rollout: bool) -> list[Check]:
    """Return every check of a deployment with this recipe.

    Args:    with_rollout: whether a version is rolled out and back, which takes minutes and changes the endpoint for as long.
    """
    return [
        *predictions.list_checks(recipe),
        *page.list_checks(),
        *operators.list_checks(),
        *feedback.list_checks(),
        *uploads.list_checks(recipe),
        *push.list_checks(),
        *serving.list_checks(),
        *(rollout.list_checks() if with_rollout else ()),
        *queues.list_checks(),
        *alarms.list_checks(),
        *dashboard.list_checks(),
        *logs.list_checks(),
    ]
