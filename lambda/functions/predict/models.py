"""What a deployment with several recipes says of each. No endpoint is asked, so that a look starts no container of a serverless one."""

from typing import Any

from functions.predict.routes import MODEL_OF, PREDICT_OF
from recipes.recipe import Recipe


def describe_recipe(recipe: Recipe, *, is_default: bool) -> dict[str, Any]:
    """Return what a recipe takes and answers, and where it is asked."""
    return {
        "recipe": recipe.name,
        "title": recipe.title,
        "input": "pictures" if recipe.takes_pictures else "numbers",
        "kind": recipe.kind,
        "is_default": is_default,
        "model_url": MODEL_OF.path.format(recipe=recipe.name),
        "predictions_url": PREDICT_OF.path.format(recipe=recipe.name),
    }
