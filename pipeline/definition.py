"""The SageMaker pipeline of a recipe as the JSON that SageMaker takes: prepare ▸ candidates in parallel ▸ evaluate ▸ condition ▸ register.

A pure function of the recipe, the settings and the resources, without CDK and the SageMaker SDK. AWS and pipeline/runner execute it.
A change here or in steps.py needs the same change in tests/sdk/generate.py, which builds the definition with the SDK.
"""

import shlex
from collections.abc import Iterator, Sequence

from deployment.settings import Settings
from pipeline.resources import Resources
from pipeline.steps import BY_HAND, STARTED_BY, Steps
from pipeline.values import Json, declare_parameter
from recipes.recipe import Recipe

VERSION = "2020-12-01"


def build_definition(recipe: Recipe, settings: Settings, resources: Resources, *, options: Sequence[str] = ()) -> Json:
    """Return the pipeline's definition, for json.dumps or a CDK stack's to_json_string.

    Args:    options: what `inferstack pipeline run` needs to run it, but for the stage; the report shows the call.
    """
    steps = Steps(recipe, settings, resources)
    return {
        "Version": VERSION,
        "Metadata": {},
        "Parameters": list(_parameters(recipe, settings)),
        "Steps": [
            steps.prepare(),
            *map(steps.train, recipe.candidates),
            steps.evaluate(_build_call(recipe, settings, options)),
            steps.decide(),
        ],
    }


def _parameters(recipe: Recipe, settings: Settings) -> Iterator[Json]:
    """Yield what a start of the pipeline may change; Studio shows them as a form."""
    yield declare_parameter("DataPrefix", f"raw/{recipe.name}")
    yield declare_parameter("Candidates", ",".join(candidate.name for candidate in recipe.candidates))
    yield {"Name": "Threshold", "Type": "Float", "DefaultValue": recipe.threshold}
    yield {"Name": "MinimumImprovement", "Type": "Float", "DefaultValue": 0.0}
    yield {"Name": "MinimumRowImprovement", "Type": "Float", "DefaultValue": 0.0}
    yield declare_parameter("ChampionEndpoint", settings.endpoint_name)
    yield declare_parameter("Seed", "0")
    yield declare_parameter("Limit", "0")
    if recipe.test_share:
        yield declare_parameter("TestShare", str(recipe.test_share))
    if settings.start_on_data:
        yield declare_parameter(STARTED_BY, BY_HAND)
    yield declare_parameter("ProcessingInstanceType", settings.training_instance_type)
    yield declare_parameter("TrainingInstanceType", settings.training_instance_type)
    if settings.training_gpu_instance_type:
        yield declare_parameter("GpuInstanceType", settings.training_gpu_instance_type)


def _build_call(recipe: Recipe, settings: Settings, options: Sequence[str]) -> str:
    """Return the call that runs it; the report's job adds the parameters of its execution."""
    stage = () if settings.stage == "local" else ("--stage", settings.stage)
    return shlex.join(["inferstack", "pipeline", "run", recipe.name, *stage, *options])
