"""The contract of a recipe: all that training, serving, the API and the stacks need to know of a kind of model."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from math import prod
from pkgutil import iter_modules

import recipes


@dataclass(frozen=True, slots=True)
class Candidate:
    """One way to train the recipe's model.

    Args:    name: what `--candidate` takes, and what the manifest calls the model.
             trainer: the trainer in training/trainers/ that fits it.
             hyperparameters: what that trainer takes; nothing else decides the outcome but the data and the seed.
             gpu: whether its trainer profits from one.
    """

    name: str
    trainer: str
    hyperparameters: Mapping[str, int | float | str | bool] = field(default_factory=dict)
    gpu: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """One instance in a picture.

    Args:    instance: its bytes, of the recipe's shape, row-major.
             box: (x, y, width, height) in pixels of the upright picture, or None when the whole picture is the one instance.
    """

    instance: bytes
    box: tuple[int, int, int, int] | None


@dataclass(frozen=True, slots=True)
class Picture:
    """An upright picture's size in pixels, and every instance in it, in reading order."""

    width: int
    height: int
    found: list[Found]


@dataclass(frozen=True, slots=True)
class Recipe:
    """A kind of model: what it takes, what it answers, how its candidates are trained.

    Args:    name: the folder in recipes/, and what endpoints are named after.
             title: what people read.
             labels: the classes in the order of the model's probabilities.
             instance_shape: the shape of one instance, e.g. (28, 28); dtype is uint8.
             from_image: an encoded picture → one instance's bytes, row-major; raises InvalidInput.
             candidates: every candidate; the first is the default.
             thresholds: the least accuracy a model may be shipped with, by row of the evaluation.
             find_instances: an encoded picture, which may be large → every instance in it; raises InvalidInput. None if it holds but one.
    """

    name: str
    title: str
    labels: tuple[int | str, ...]
    instance_shape: tuple[int, ...]
    from_image: Callable[[bytes], bytes]
    candidates: tuple[Candidate, ...]
    thresholds: Mapping[str, float] = field(default_factory=dict)
    find_instances: Callable[[bytes], Picture] | None = None

    @property
    def instance_size(self) -> int:
        """Values (and so bytes) in one instance."""
        return prod(self.instance_shape)

    @property
    def metric(self) -> str:
        """The figure that candidates are compared by; more is better."""
        return "accuracy" if self.labels else "r2"

    @property
    def threshold(self) -> float:
        """The least of it that a model may be registered with."""
        return self.thresholds[self.metric]

    def candidate(self, name: str) -> Candidate:
        """Return the candidate of that name, or raise KeyError naming those there are."""
        for candidate in self.candidates:
            if candidate.name == name:
                return candidate
        raise KeyError(f"{self.name} has no candidate {name!r}; it has {', '.join(c.name for c in self.candidates)}")


def names() -> tuple[str, ...]:
    """Return the names of the recipes there are, sorted."""
    return tuple(sorted(module.name for module in iter_modules(recipes.__path__) if module.ispkg))


def load(name: str) -> Recipe:
    """Return the recipe in recipes/<name>/recipe.py, or raise KeyError naming those there are."""
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name) or name not in names():
        raise KeyError(f"no recipe {name!r}; there are {', '.join(names())}")
    recipe: Recipe = import_module(f"recipes.{name}.recipe").RECIPE
    return recipe
