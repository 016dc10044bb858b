"""The cdk CLI for a stage that is deployed: here for the local one, in the operator's account for the others."""

import os
from collections.abc import Callable, Sequence
from functools import partial

from deployment.paths import BUILD, PYTHON, state_dir
from local import cdk
from local.assembly import synthesize
from local.run_state import read_state
from recipes.recipe import list_names

AWS_LIMIT_S = 3600  # a distribution and an endpoint take many minutes


def open_toolkit(stage: str, region: str, other_recipes: Sequence[str] = ()) -> Callable[[str], None]:
    """Return the function that deletes a stack by its name.

    Args:    region: the stage's; the CLI and boto3 read different variables.
             other_recipes: of a stage with several, all but the first: the CLI deletes the stacks that a synthesis has, by their names.
    Raises:  BundlesFailed, CdkFailed: the stage cannot be synthesized.
    """
    state = read_state() if stage == "local" else None
    if state is not None:
        env = cdk.build_environment(state.port, state_dir() / "cdk-home", secret_key=state.aws["AWS_SECRET_ACCESS_KEY"])
        return partial(cdk.destroy_stack, state_dir() / "cdk.out", env=env)
    assembly = BUILD / "destroy" / stage
    first = next(recipe for recipe in list_names() if recipe not in other_recipes)
    synthesize(assembly, {"recipes": ",".join([first, *other_recipes])} if other_recipes else {}, stage=stage)
    path = f"{PYTHON.parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    env = {**os.environ, "PATH": path, "AWS_REGION": region, "AWS_DEFAULT_REGION": region}
    return partial(cdk.destroy_stack, assembly, env=env, limit_s=AWS_LIMIT_S)
