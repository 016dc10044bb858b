"""The call that began a command, as a shell takes it again."""

import shlex
from collections.abc import Iterator
from typing import Any

import typer

TYPED = {"COMMANDLINE", "ENVIRONMENT"}  # of click's sources of a value; the others are defaults
FOR_MACHINES = "as_json"  # it changes what is printed, and nothing that is written


def rebuild_call(context: typer.Context) -> str:
    """Return the call with all its arguments and options, for a page that says how to make it again."""
    names: list[str] = []
    part: Any = context
    while part.parent:
        names.insert(0, str(part.info_name))
        part = part.parent
    return shlex.join(["inferstack", *names, *_list_words(context)])


def _list_words(context: typer.Context) -> Iterator[str]:
    """Yield the arguments, and then each option with its value."""
    typed = [each for each in context.command.params if _is_typed(context, str(each.name))]
    for parameter in sorted(typed, key=lambda each: each.param_type_name == "option"):
        value: Any = context.params[str(parameter.name)]
        for each in value if isinstance(value, list | tuple) else [value]:
            if parameter.param_type_name == "option":
                yield parameter.opts[0]
            if each is not True:  # a flag
                yield str(each)


def _is_typed(context: typer.Context, name: str) -> bool:
    source = context.get_parameter_source(name)
    return name != FOR_MACHINES and source is not None and source.name in TYPED
