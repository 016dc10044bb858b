"""Commands whose files are imported when they are called: a list of all of them imports none."""

from collections.abc import Callable
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperCommand
from typer.main import get_command_from_info, get_group
from typer.models import CommandInfo


class LateCommand(TyperCommand):
    """A command's or a group's name and summary, until it is called."""

    where: str  # module:attribute

    def make_context(self, info_name: Any, args: Any, parent: Any = None, **more: Any) -> Any:
        """Return the context of the command itself, which from here on takes this one's place."""
        return load_command(self.where, self.name).make_context(info_name, args, parent, **more)


def add_command(app: typer.Typer, name: str, where: str, summary: str) -> None:
    """Add a command, or a group of commands.

    Args:    where: module:attribute of its function, or of the group's Typer.
             summary: the first paragraph of its help; a test compares them.
    """
    app.command(name, cls=type("Late", (LateCommand,), {"where": where}), help=summary)(_do_nothing)


def load_command(where: str, name: str | None = None) -> Any:
    """Import a command or a group, and return it as typer calls it."""
    module, _, attribute = where.partition(":")
    target: typer.Typer | Callable[..., Any] = getattr(import_module(module), attribute)
    if isinstance(target, typer.Typer):
        return get_group(target)
    return get_command_from_info(CommandInfo(name, callback=target), pretty_exceptions_short=False, rich_markup_mode="rich")


def _do_nothing() -> None:
    """Stand for the command's function."""
