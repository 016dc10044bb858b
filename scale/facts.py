"""What AWS charges and allows, as scale/aws.toml has it, and what was measured of this project, as scale/measured.toml has it."""

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

from recipes.errors import InvalidSettings

AWS, MEASURED = Path(__file__).with_name("aws.toml"), Path(__file__).with_name("measured.toml")
MEMORY = "memory"


@dataclass(frozen=True, slots=True)
class Price:
    """What AWS charges for something.

    Args:    name: as aws.toml has it.
             tiers: units of a month up to which a price holds, and that price, in dollars a unit; the last has no end.
             source: the name of where it is from.
    """

    name: str
    tiers: tuple[tuple[float, float], ...]
    source: str

    @property
    def is_from_memory(self) -> bool:
        """Whether it could not be looked up."""
        return self.source == MEMORY

    def charge(self, units: float) -> float:
        """Return the dollars for so many units in a month."""
        ends = [0.0, *(end for end, _ in self.tiers)]
        return sum(max(0.0, min(units, end) - start) * usd for (start, end), (_, usd) in zip(pairwise(ends), self.tiers, strict=True))


@dataclass(frozen=True, slots=True)
class Instance:
    """A type of machine.

    Args:    hour: the price of one hour.
             vcpu: its virtual cores.
             gpu: whether it has a GPU.
    """

    name: str
    hour: Price
    vcpu: int
    gpu: bool = False


@cache
def read_aws() -> dict[str, Any]:
    """Return aws.toml."""
    return tomllib.loads(AWS.read_text())


@cache
def read_measured() -> dict[str, Any]:
    """Return measured.toml."""
    return tomllib.loads(MEASURED.read_text())


@cache
def find_price(name: str) -> Price:
    """Return a price by its name."""
    found = read_aws()["prices"][name]
    return _make_price(name, found)


@cache
def find_instance(name: str) -> Instance | None:
    """Return a type of machine, or None where the file has no price of it."""
    found = read_aws()["instances"].get(name)
    return Instance(name, _make_price(name, found), found["vcpu"], found.get("gpu", False)) if found else None


def find_notebook_hour(name: str) -> Price:
    """Return the price of an hour of a notebook instance.

    Raises:  InvalidSettings: the file has no price of it.
    """
    found, machine = read_aws()["notebooks"].get(name), find_instance(name)
    if found:
        return _make_price(name, found)
    if machine is None:
        known = ", ".join(read_aws()["notebooks"])
        raise InvalidSettings(f"scale/aws.toml has no price of {name}; of notebooks it has {known}", advice="choose one, or add its price")
    return machine.hour


@cache
def find_limit(name: str) -> float:
    """Return a limit by its name."""
    return float(read_aws()["limits"][name]["value"])


@cache
def find_assumption(name: str) -> float:
    """Return what is assumed, because it can be neither looked up nor measured here."""
    return float(read_measured()["assumed"][name]["value"])


def list_from_memory(prices: Iterable[Price]) -> list[str]:
    """Return the names of the prices that could not be looked up, each once."""
    return list(dict.fromkeys(price.name for price in prices if price.is_from_memory))


def _make_price(name: str, found: dict[str, Any]) -> Price:
    tiers = found.get("tiers") or [[float("inf"), found["usd"]]]
    return Price(name, tuple((float(end), float(usd)) for end, usd in tiers), found["source"])
