"""The house price recipe: square feet in, the price out."""

from recipes.columns import Quantity
from recipes.recipe import Candidate, Recipe

RECIPE = Recipe(
    name="house_price",
    title="House price by size",
    instance_shape=(1,),
    dtype="float32",
    features=(Quantity("size", "square feet", least=0),),
    target=Quantity("price", "US$"),
    candidates=(
        Candidate("linear", "linear", {"num_models": 32, "loss": "absolute_loss", "epochs": 3000}),
        Candidate("linear_regression", "table", {"model": "linear"}),
        Candidate("random_forest", "table", {"model": "random_forest", "n_estimators": 100, "min_samples_leaf": 1}),
        Candidate("support_vectors", "table", {"model": "support_vectors", "C": 100_000.0, "epsilon": 1_000.0}),  # of US$
        Candidate("boosted_trees", "table", {"model": "boosted_trees", "n_estimators": 100, "max_depth": 2, "learning_rate": 0.1}),
    ),
    limits=("Prices of real houses: the five rows that it learned from lie on one line, to show how a recipe works.",),
    thresholds={"r2": 0.999},
    test_share=0,
)
