"""What is wrong with a call, told as every other error is: what, got, expected. typer's own words name its types and formulas."""

from typing import Any

import typer

UsageError: Any = typer.BadParameter.__bases__[0]  # whatever is wrong with a call; typer exports its parts only


def describe_wrong_call(error: Any) -> tuple[str, str]:
    """Return what is wrong and what to do; nothing is wrong where a group was called alone, which has printed its help.

    Args:    error: a UsageError.
    """
    lists = f"`{error.ctx.command_path} --help`" if error.ctx else "`--help` after the command"
    return _describe_number(error) or error.format_message(), f"{lists} lists what it takes"


def _describe_number(error: Any) -> str:
    """Return what is wrong with a number; empty where something else is wrong."""
    parameter: Any = getattr(error, "param", None)
    kind = parameter.type.name if parameter else ""
    got, is_not, _ = error.message.partition(" is not ")
    if not (is_not and kind.startswith(("int", "float"))):
        return ""
    least, most = (getattr(parameter.type, name, None) for name in ("min", "max"))
    limits = "" if least is None else f" of at least {least}" if most is None else f" from {least} to {most}"
    name = parameter.get_error_hint(error.ctx).replace("'", "")
    return f"{name} is {got}, not a {'whole ' * kind.startswith('int')}number{limits}"
