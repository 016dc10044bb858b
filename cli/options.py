"""Options and arguments that several commands take."""

from math import isnan
from typing import Annotated

import typer

from cli.failures import WrongCall
from deployment.stages import STAGES
from recipes.recipe import list_names


def check_stage(stage: str) -> str:
    """Return the name of a stage; raise WrongCall where it is none."""
    if stage not in STAGES:
        raise WrongCall(f"stage is {stage!r}, not one of {', '.join(STAGES)}")
    return stage


Context = Annotated[
    list[str] | None, typer.Option("--context", "-c", metavar="KEY=VALUE", help="A setting to override, as for cdk; repeat it.")
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]
RecipeName = Annotated[str, typer.Argument(metavar="RECIPE", help="A folder in recipes/, e.g. digits.", autocompletion=list_names)]
Recipe = Annotated[
    str,
    typer.Option(
        "--recipe", metavar="RECIPE", help="Which recipe, where the stage serves several; by default its first.", autocompletion=list_names
    ),
]
Stage = Annotated[
    str,
    typer.Option(
        help=f"One of {', '.join(STAGES)}; all but local need your own AWS credentials.",
        callback=check_stage,
        autocompletion=lambda: list(STAGES),
    ),
]
Profile = Annotated[
    str | None, typer.Option(help="The profile of AWS credentials to sign requests with, for a stage with auth=iam.", metavar="NAME")
]
Token = Annotated[str | None, typer.Option(help="A bearer token, for a stage with sign-in.", envvar="INFERSTACK_TOKEN")]
Url = Annotated[str | None, typer.Option(help="The API's URL; by default that of the running local stack.", envvar="INFERSTACK_URL")]


def refuse_nan(value: float) -> float:
    """Return a number that an option takes: nan is in every range."""
    if isnan(value):
        raise typer.BadParameter(f"{value} is not a number")
    return value


def parse_context(context: list[str] | None) -> dict[str, str]:
    """Return settings by name; raise WrongCall where one is not KEY=VALUE."""
    if wrong := [setting for setting in context or [] if "=" not in setting]:
        raise WrongCall(f"got -c {wrong[0]}; expected KEY=VALUE, like recipe=salary")
    return dict(setting.split("=", 1) for setting in context or [])
