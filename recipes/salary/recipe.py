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
    candidates=(Candidate("linear", "linear", {"num_models": 32, "loss": "absolute_loss", "epochs": 3000}),),
    thresholds={"r2": 0.9},
)
