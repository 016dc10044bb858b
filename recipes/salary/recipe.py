"""The salary recipe: years of experience in, the salary out. SageMaker's tutorial for its linear learner."""

from recipes.columns import Quantity
from recipes.recipe import Candidate, Recipe

RECIPE = Recipe(
    name="salary",
    title="Salary by experience",
    instance_shape=(1,),
    dtype="float32",
    features=(Quantity("experience", "years", least=0),),
    target=Quantity("salary", "US$ a year"),
    candidates=(
        Candidate("linear", "linear", {"num_models": 32, "loss": "absolute_loss", "epochs": 3000}),
        Candidate("linear_regression", "table", {"model": "linear"}),
        Candidate("random_forest", "table", {"model": "random_forest", "n_estimators": 100, "min_samples_leaf": 2}),
        Candidate("support_vectors", "table", {"model": "support_vectors", "C": 100_000.0, "epsilon": 1_000.0}),  # of US$
        Candidate("boosted_trees", "table", {"model": "boosted_trees", "n_estimators": 100, "max_depth": 2, "learning_rate": 0.1}),
    ),
    thresholds={"r2": 0.9},
    test_share=0.2,
)
