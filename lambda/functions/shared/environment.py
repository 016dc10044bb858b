"""A function's configuration as the environment of its Lambda, and back: each field is a variable, its name in upper case."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from recipes.errors import InvalidSettings

Config = TypeVar("Config")


def read_environment(config: type[Config], environment: Mapping[str, str]) -> Config:
    """Return the configuration that an environment holds.

    Args:    config: a named tuple whose fields are str, int (1 or more) or tuple[str, ...]; a field with a default may be missing.
             environment: any other variables in it are ignored.
    Raises:  InvalidSettings: variables are missing or empty, or one is not a whole number of 1 or more.
    """
    known: Any = config  # mypy has no type for a class of named tuples
    names = {field: field.upper() for field in known._fields}
    if missing := [name for field, name in names.items() if field not in known._field_defaults and not environment.get(name)]:
        advice = "set each one where the stack creates the function"
        raise InvalidSettings(f"the environment has no {', '.join(missing)}; {advice}", advice=advice)
    kinds = known.__annotations__
    return config(**{field: PARSERS[kinds[field]](name, environment[name]) for field, name in names.items() if name in environment})


def write_environment(config: Any) -> dict[str, str]:
    """Return the environment from which `read_environment` reads this configuration."""
    return {name.upper(): ",".join(value) if isinstance(value, tuple) else str(value) for name, value in config._asdict().items()}


def _parse_text(_: str, text: str) -> str:
    return text


def _parse_list(_: str, text: str) -> tuple[str, ...]:
    return tuple(text.split(",")) if text else ()


def _parse_count(name: str, text: str) -> int:
    if not text.isdecimal() or int(text) == 0:
        raise InvalidSettings(f"{name} is {text[:20]!r}; expected a whole number of 1 or more")
    return int(text)


PARSERS: dict[Any, Callable[[str, str], Any]] = {str: _parse_text, tuple[str, ...]: _parse_list, int: _parse_count}
