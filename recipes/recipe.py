"""The contract of a recipe: all that training, serving, the API and the stacks need to know of a kind of model."""

import json
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from math import prod
from typing import Any, Literal, NamedTuple, NoReturn

import recipes
from recipes.columns import Category, Column, Quantity
from recipes.errors import UnsupportedType
from recipes.instances import ITEM_BYTES, MAX_INSTANCES, MAX_REQUEST_BYTES, DType
from recipes.trust import VERDICTS, read_trust

Kind = Literal["classification", "regression"]
Box = tuple[int, int, int, int]  # x, y, width and height in pixels of the upright picture
Place = tuple[float, float, float, float]
Trust = Callable[[bytes], float]  # an instance → how far the model's answer to it can be trusted, 0 to 1
Separator = Literal["", "gap", "point", "minus", "slash", "colon", "equals", "mark"]  # the last is another mark, which is unread
NUMBER_BYTES = 15  # of a float32 as JSON at its longest, -1.1754944e-38, and a comma


NONE: Mapping[str, Any] = {}


class Candidate(NamedTuple):
    """One way to train the recipe's model.

    Args:    name: what `--candidate` takes, and what the manifest calls the model.
             trainer: the trainer in training/trainers/ that fits it.
             hyperparameters: what that trainer takes; nothing else decides the outcome but the data and the seed.
             gpu: whether its trainer is faster on one.
    """

    name: str
    trainer: str
    hyperparameters: Mapping[str, int | float | str | bool] = NONE
    gpu: bool = False


class ImageInstance(NamedTuple):
    """The one instance that a picture is made into.

    Args:    values: its bytes, of the recipe's shape, row-major.
             side_by_side: how many instances stand beside each other in the picture; of several, `values` is of all of them together.
             marks: how many pieces of ink stand about the one instance that are no part of it, and were not read.
             place: left, top, right and bottom of its ink, in shares of the upright picture's sides; None for all of it.
    """

    values: bytes
    side_by_side: int = 1
    marks: int = 0
    place: Place | None = None


class FoundInstance(NamedTuple):
    """One instance in a picture.

    Args:    instance: its bytes, of the recipe's shape, row-major.
             box: (x, y, width, height) in pixels of the upright picture, or None when the whole picture is the one instance.
             line: the line of writing that it stands on, from 1 at the top.
             after: what stands between it and the next on its line, or after the last; "" if nothing does.
             before: what stands before the first of a line.
    """

    instance: bytes
    box: Box | None
    line: int = 1
    after: Separator = ""
    before: Separator = ""

    def describe_place(self) -> dict[str, Any]:
        """Return what an answer says of where it stands; one that fills the picture has no box."""
        box = {} if self.box is None else {"box": list(self.box)}
        return {**box, "line": self.line, "after": self.after, **({"before": self.before} if self.before else {})}


class Picture(NamedTuple):
    """An upright picture's size in pixels, and every instance in it, in reading order.

    Args:    unread: boxes of ink that is no instance, or that could not be read as one; without specks and ruled lines.
             others: what the model is to be shown beside what was found, because ink may be cut in more than one way.
             choose: what is found when it is known how far the answers to all these can be trusted; None if nothing is open.
    """

    width: int
    height: int
    found: list[FoundInstance]
    unread: Sequence[Box] = ()
    others: Sequence[bytes] = ()
    choose: "Callable[[Trust], Picture] | None" = None

    def list_instances(self) -> list[bytes]:
        """Return all that the model is to be shown."""
        return [*(each.instance for each in self.found), *self.others]

    def decide(self, predictions: Mapping[bytes, Mapping[str, Any]]) -> "Picture":
        """Return the picture as the model's predictions decide it, by instance."""
        return self.choose(lambda instance: read_trust(predictions[instance])) if self.choose else self


def refuse_pictures(image: bytes = b"") -> NoReturn:  # noqa: ARG001 - has the signature of a transform from pictures
    """Refuse a picture: the recipe takes rows of a table."""
    raise UnsupportedType("this model takes rows of a table, not pictures", advice="Send them as CSV, JSON or npy.")


class Recipe(NamedTuple):
    """A kind of model: what it takes, what it answers, how its candidates are trained.

    A classifier has classes, or a target that is a category, whose values they are. A regression's target is a quantity. A table has
    features, its columns, one for each number of an instance: of a category that is its code.

    Args:    name: the folder in recipes/, and what endpoints are named after.
             title: what people read.
             instance_shape: the shape of one instance, e.g. (28, 28).
             candidates: every candidate; the first is the default.
             classes: what a model of pictures answers, in the order of its probabilities.
             features, target: what a table's columns are, and what is answered.
             dtype: of an instance's values.
             read_image: an encoded picture → one instance; raises InvalidInput.
             limits: what its models are not for, a sentence each, for people.
             thresholds: the least figure a model may be shipped with, by row of the evaluation: `metric`, and rows of pictures.
             test_share: of a table whose rows a hash divides, the share that a model is measured on, unless another is asked for; 0 of so
             few rows that each trains, chooses and measures: the figures then show the fit, not the prediction.
             groups: the categories among the features by whose values the evaluation is told as well, because they are of people.
             noun: what one instance shows, as names and messages call it, in the singular.
             normal: mean and deviation of its values from 0 to 1, by which people who train such models normalise them; None if there are
             none that are known.
             is_drawn: whether an instance is ink, bright on a dark ground: values of another scale or polarity are brought to that.
             Of any other picture a value is what it is: a red, a green, a blue or a grey.
             is_upright: whether its instances are higher than wide as a rule, as digits are: many that are not may be transposed.
             find_instances: an encoded picture, which may be large → every instance in it; raises InvalidInput. None if it holds only one.
             reread_image: an encoded picture → another reading of it, where the model says that the first shows none; raises InvalidInput.
             keys: columns that an upload's results repeat beside id and name, because its sender asks for them.
    """

    name: str
    title: str
    instance_shape: tuple[int, ...]
    candidates: tuple[Candidate, ...]
    classes: tuple[int | str, ...] = ()
    features: tuple[Column, ...] = ()
    target: Column | None = None
    dtype: DType = "uint8"
    read_image: Callable[[bytes], ImageInstance] = refuse_pictures
    limits: tuple[str, ...] = ()
    thresholds: Mapping[str, float] = NONE
    test_share: float | None = None
    groups: tuple[str, ...] = ()
    noun: str = "thing"
    normal: tuple[float, float] | None = None
    is_drawn: bool = False
    is_upright: bool = False
    find_instances: Callable[[bytes], Picture] | None = None
    reread_image: Callable[[bytes], bytes] | None = None
    keys: tuple[str, ...] = ()

    @property
    def labels(self) -> tuple[int | str, ...]:
        """What a classifier answers, in the order of the model's probabilities."""
        return self.target.values if isinstance(self.target, Category) else self.classes

    @property
    def kind(self) -> Kind:
        """The kind of its model."""
        return "regression" if isinstance(self.target, Quantity) else "classification"

    @property
    def categories(self) -> tuple[Category, ...]:
        """Those of its features that are categories."""
        return tuple(each for each in self.features if isinstance(each, Category))

    @property
    def is_measured_on_its_own_rows(self) -> bool:
        """Whether no row is kept to measure on."""
        return self.test_share == 0

    @property
    def count_field(self) -> str:
        """The field that says how many instances a picture shows, where they are several."""
        return f"{self.noun}s_found"

    @property
    def has_bounds(self) -> bool:
        """Whether the numbers of some of its columns can tell that they are in each other's place."""
        return sum(isinstance(each, Quantity) and each.bounds is not None for each in self.features) > 1

    @property
    def takes_pictures(self) -> bool:
        """Whether a picture can be made into an instance."""
        return self.read_image is not refuse_pictures

    def from_image(self, image: bytes) -> bytes:
        """Return the bytes of the one instance that an encoded picture is made into; raise InvalidInput."""
        return self.read_image(image).values

    @property
    def instance_size(self) -> int:
        """Values in one instance."""
        return prod(self.instance_shape)

    @property
    def metric(self) -> str:
        """The figure that candidates are compared by; more is better."""
        if self.kind == "regression":
            return "r2"
        return "balanced_accuracy" if self.features else "accuracy"  # of a table the classes are seldom as many

    @property
    def threshold(self) -> float:
        """The least of it that a model may be registered with."""
        return self.thresholds[self.metric]

    @property
    def instance_bytes(self) -> int:
        """Bytes of one instance."""
        return self.instance_size * ITEM_BYTES[self.dtype]

    @property
    def prediction_bytes(self) -> int:
        """The most bytes of one prediction in a JSON response."""
        if self.kind == "regression":
            return len('{"value":}') + NUMBER_BYTES
        names = '{"label":,"probability":"probabilities":[],"trust":"verdict":""},'
        longest = max(len(json.dumps(label)) for label in self.labels) + max(map(len, VERDICTS))
        return len(names) + longest + NUMBER_BYTES * (2 + len(self.labels))

    def count_per_request(self, request_bytes: int) -> int:
        """Return how many instances a request to the endpoint may hold, so that neither it nor its response has more bytes than this."""
        return max(1, request_bytes // max(self.instance_bytes, self.prediction_bytes))

    @property
    def max_instances(self) -> int:
        """The most instances of a request to the API, which goes to the endpoint in one."""
        return min(MAX_INSTANCES, self.count_per_request(MAX_REQUEST_BYTES))

    def find_candidate(self, name: str) -> Candidate:
        """Return the candidate of that name, or raise KeyError naming the ones that exist."""
        for candidate in self.candidates:
            if candidate.name == name:
                return candidate
        raise KeyError(f"{self.name} has no candidate {name!r}; it has {', '.join(c.name for c in self.candidates)}")


def parse_names(text: str) -> list[str]:
    """Return the names in a list like `cnn, xgboost`."""
    return [name.strip() for name in text.split(",") if name.strip()]


def list_names() -> tuple[str, ...]:
    """Return the names of the recipes there are, sorted."""
    from pathlib import Path  # noqa: PLC0415 - a function loads one recipe, and its start would pay for it

    return tuple(sorted(path.parent.name for path in Path(recipes.__path__[0]).glob("*/recipe.py")))


def load(name: str) -> Recipe:
    """Return the recipe in recipes/<name>/recipe.py, or raise KeyError naming the ones that exist."""
    module = f"recipes.{name}.recipe"
    try:
        recipe: Recipe = import_module(module).RECIPE
    except ModuleNotFoundError as error:
        if f"{module}.".startswith(f"{error.name}."):  # it itself is missing, not what it imports
            raise KeyError(f"no recipe {name!r}; there are {', '.join(list_names())}") from None
        raise
    return recipe
