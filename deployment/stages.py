"""The stages and their settings: `settings_for("dev", recipe="salary")` returns checked settings, or raises what is wrong."""

import os
import platform
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import fields
from difflib import get_close_matches
from typing import Any, Literal, get_args, get_origin

from deployment.rules import find_problems
from deployment.settings import Settings, Variant
from recipes.errors import InvalidSettings
from recipes.recipe import parse_names

STAGES = ("local", "dev", "prod")
PARTS = ("Storage", "Registry", "Inference", "Training", "Web")  # of a stage, a stack each; one comes after those that it uses
RECIPE_PARTS = ("Registry", "Inference", "Training")  # of them: those that each recipe has, where a stage has several
FIREWALL, FIREWALL_REGION = "Firewall", "us-east-1"  # a part of its own, if it is asked for: CloudFront takes web ACLs from there only
CDKS_OWN = frozenset({"acknowledged-issue-numbers", "cli-telemetry", "cdk-migrate"})  # its names in a context that look like a setting's
HERE_PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"
HERE_ARCHITECTURE = "arm64" if platform.machine().lower() in {"aarch64", "arm64"} else "x86_64"

_THIS_MACHINE = ("http://127.0.0.1:*", "http://localhost:*", "http://*.localhost:*", "ws://127.0.0.1:*")

# The emulator runs functions in this machine's interpreter, starts the server without a container, and has addresses of this machine:
# its column is all that "local" means.
_BY_STAGE: Mapping[str, tuple[Any, Any, Any]] = {
    # field                      local               dev           prod
    "auth":                     ("none",             "jwt",        "jwt"),
    "cors_origins":             (("*",),             (),           ()),
    "page_connect_sources":     (_THIS_MACHINE,      (),           ()),
    "serving_image":            ("inferstack/serving", "codebuild", "codebuild"),
    "serverless_concurrency":   (5,                  5,            5),  # a new account has 10 in a region, for all its endpoints
    "instances_min":            (1,                  1,            2),
    "instances_max":            (1,                  2,            6),
    "function_python":          (HERE_PYTHON,        "3.13",       "3.13"),
    "function_architecture":    (HERE_ARCHITECTURE,  "arm64",      "arm64"),
    "throttle_rate_per_s":      (10_000,             50,           500),
    "throttle_burst":           (5_000,              100,          1_000),
    "log_retention_days":       (1,                  14,           90),
    "tracing":                  (False,              True,         True),  # there is no X-Ray on this machine
    "upload_timeout_s":         (120,                300,          300),
    "scheme":                   ("http",             "https",      "https"),
    "bake_s":                   (4,                  300,          300),
    "rollout_poll_s":           (2,                  60,           60),
    "retain_data":              (False,              False,        True),
}  # fmt: skip


def settings_for(stage: str, **overrides: object) -> Settings:
    """Return the stage's settings.

    Args:    stage: local, dev or prod.
             overrides: fields by name; text is read by the field's type (`"a,b"` is a tuple); anything else must be of that type.
    Raises:  InvalidSettings: no such stage or field, a value that is not of the field's type, or a combination that cannot be deployed.
    """
    if stage not in STAGES:
        raise InvalidSettings(f"stage is {stage!r}, not one of {', '.join(STAGES)}", advice="pass -c stage=local, dev or prod")
    types = {field.name: field.type for field in fields(Settings) if field.name != "stage"}
    if unknown := sorted(overrides.keys() - types.keys()):
        near = [name for each in unknown for name in get_close_matches(each, types)]
        advice = f"the nearest: {', '.join(near)}" if near else "correct the name after -c"
        raise InvalidSettings(f"no setting {', '.join(unknown)}; there are {', '.join(types)}", advice=advice)
    values: dict[str, Any] = {name: by_stage[STAGES.index(stage)] for name, by_stage in _BY_STAGE.items()}
    values |= {name: _read(name, value, types[name]) for name, value in overrides.items()}
    settings = Settings(stage=stage, **_name_first(values))
    for problem, fix in find_problems(settings):
        raise InvalidSettings(f"{problem}: {fix}", advice=fix)
    return settings


def read_context(stage: str, context: Mapping[str, Any]) -> Settings:
    """Return the settings of a stage with what `-c name=value` says; CDK's own names, nearly all with a colon or a slash, are left out.

    Raises:  InvalidSettings: as above, so that a misspelt name is refused; and where the context names another stage.
    """
    overrides = {name: value for name, value in context.items() if not ({":", "/"} & set(name) or name in CDKS_OWN)}
    if (other := overrides.pop("stage", stage)) != stage:
        raise InvalidSettings(
            f"-c stage={other} was given, and the stage is {stage}",
            advice="name it with --stage where the command has it; `up` runs the stage local, and `npx cdk deploy -c stage=…` the others",
        )
    return settings_for(stage, **overrides)


def find_stage(context: Mapping[str, Any]) -> str:
    """Return the stage that `-c stage=…` or STAGE names, local when neither does."""
    return str(context.get("stage") or os.environ.get("STAGE") or "local")


def stack_name(stage: str, part: str, recipe: str = "") -> str:
    """Return the name of a stage's stack.

    Args:    part: one of PARTS.
             recipe: of RECIPE_PARTS, whose it is, unless it is the stage's first. It stands before the part, so that no pattern that begins
                 with the name of the first recipe's stack holds another's.
    """
    return "-".join(["Inferstack", stage, *([recipe.replace("_", "-")] if recipe else []), part])


def _name_first(values: dict[str, Any]) -> dict[str, Any]:
    """Return the fields with the first of the recipes as `recipe`; a list of one is no list."""
    recipes = values.get("recipes", ())
    if not recipes:
        return values
    if values.get("recipe", recipes[0]) != recipes[0]:
        problem = f"recipe is {values['recipe']} and recipes are {', '.join(recipes)}"
        raise InvalidSettings(problem, advice="leave recipe out: the first of recipes is the default")
    return {**values, "recipe": recipes[0], "recipes": recipes if len(recipes) > 1 else ()}


def _variant(text: str) -> Variant:
    """Return the variant that `name`, `name:weight` or `name:weight:archive` describes."""
    name, _, rest = text.partition(":")
    weight, _, archive = rest.partition(":")
    return Variant(name, float(weight or 1), archive)


# How `-c name=text` is read, by the field's type: what is expected, and the reader.
_READERS: dict[Any, tuple[str, Callable[[str], object]]] = {
    str: ("text", str),
    int: ("a whole number", int),
    bool: ("true or false", lambda text: {"true": True, "false": False}[text.lower()]),
    tuple[str, ...]: ("a list like a,b", lambda text: tuple(parse_names(text))),
    tuple[Variant, ...]: (
        "a list like champion:0.9,challenger:0.1:models/new.tar.gz",
        lambda text: tuple(map(_variant, parse_names(text))),
    ),
}


def _read(name: str, value: object, type_: Any) -> object:
    """Return the value, read by the field's type where it is text, or raise InvalidSettings."""
    if get_origin(type_) is Literal:
        choices = get_args(type_)
        expected, read = f"one of {', '.join(choices)}", dict(zip(choices, choices, strict=True)).__getitem__
    else:
        expected, read = _READERS[type_]
    if isinstance(value, str):
        with suppress(KeyError, ValueError):
            return read(value)
    elif type(value) is (get_origin(type_) or type_):  # a bool is not an int here
        return value
    raise InvalidSettings(f"{name} is {value!r}, not {expected}", advice=f"write {expected}")
