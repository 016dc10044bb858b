"""What a model is trained, chosen and measured on. For training and tests only: it needs numpy.

Each recipe has a `dataset` module with `load(source) -> Dataset`; a split on disk is two npy files, which every tool reads.
"""

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from recipes import recipe as recipes
from recipes.errors import InvalidSettings, Malformed
from recipes.holdout import require_test_share

Array = npt.NDArray[Any]
MAX_RAW_BYTES = 2 << 30  # of a raw file
MOST_IN_MEMORY_BYTES = 64 << 20  # of two splits that are joined
JOINED_AT_ONCE = 64  # instances
NAMED = 5  # of the files that are left out


@dataclass(frozen=True, slots=True)
class Split:
    """Instances [N, …] in the recipe's shape and dtype, and their targets [N]: labels, or values."""

    inputs: Array
    targets: Array

    def __post_init__(self) -> None:
        """Raise Malformed if instances and targets do not belong together."""
        if self.targets.ndim != 1 or len(self.inputs) != len(self.targets):
            raise Malformed(
                f"got instances {list(self.inputs.shape)} and targets {list(self.targets.shape)}; expected [N, …] and [N]",
                advice="Check that both come from the same set.",
            )

    def __len__(self) -> int:
        """Return how many instances there are."""
        return len(self.targets)

    def __add__(self, other: "Split") -> "Split":
        """Return both, one after the other; large ones mapped from a file that goes when they do, as they themselves are."""
        return Split(_join(self.inputs, other.inputs), np.concatenate([self.targets, other.targets]))

    def head(self, count: int | None) -> "Split":
        """Return the first `count`, or all."""
        return self if count is None else Split(self.inputs[:count], self.targets[:count])


@dataclass(frozen=True, slots=True)
class Dataset:
    """What models are fitted on, what one of them is chosen on, what it is measured on, and the digests of the files they came from.

    Args:    limit: how many of each split these are the first of; None: they are all.
             left_out: why, of each file that is none of them, by its name.
             test_share: of the rows that the model is measured on, where another was asked for than the recipe's.
    """

    train: Split
    validation: Split
    test: Split
    sha256: dict[str, str]
    limit: int | None = None
    left_out: Mapping[str, str] = field(default_factory=dict)
    test_share: float | None = None

    def head(self, count: int | None) -> "Dataset":
        """Return the first `count` of each split, or all."""
        if count is None:
            return self
        heads = {name: getattr(self, name).head(count) for name in ("train", "validation", "test")}
        return replace(self, **heads, limit=count)


def load(recipe: str, source: Path | None = None, *, test_share: float | None = None) -> Dataset:
    """Return the recipe's data.

    Args:    source: a file or folder in a form the recipe's dataset module knows; when left out, the module's own default.
             test_share: of the rows that the model is measured on; when left out, the recipe's own.
    Raises:  FileNotFoundError: it is missing; the message says how to get it.
             Malformed: its content is not the recipe's data, or too few rows for this share.
             InvalidSettings: no such share, or the recipe has none.
    """
    module_load = import_module(f"recipes.{recipe}.dataset").load
    if test_share is None:
        dataset: Dataset = module_load(source)
        return dataset
    require_test_share(test_share)
    if not recipes.load(recipe).test_share:
        raise InvalidSettings(f"{recipe} divides its data in one way", advice="Leave the test share out.")
    dataset = replace(module_load(source, test_share=test_share), test_share=test_share)
    counts = {name: len(getattr(dataset, name)) for name in ("train", "validation", "test")}
    if not all(counts.values()):
        shown = ", ".join(f"{count:,} {name}" for name, count in counts.items())
        raise Malformed(f"a test share of {test_share:g} makes {shown} rows; expected some of each", advice="Take another, or more rows.")
    return dataset


def find_raw_files(recipe: str, source: Path | None = None) -> dict[str, Path]:
    """Return the files that `load` reads by the names that it finds them by in a folder, such as the dump bucket's raw/<recipe>/.

    Raises:  FileNotFoundError: as `load`.
    """
    files: dict[str, Path] = import_module(f"recipes.{recipe}.dataset").find_raw_files(source)
    return files


def write_split(split: Split, folder: Path) -> None:
    """Write inputs.npy and targets.npy into the folder, which is created if it does not exist."""
    folder.mkdir(parents=True, exist_ok=True)
    np.save(folder / "inputs.npy", split.inputs, allow_pickle=False)
    np.save(folder / "targets.npy", split.targets, allow_pickle=False)


def read_split(folder: Path) -> Split:
    """Return the split that `write_split` wrote; raise Malformed if the folder does not hold one."""
    try:
        return Split(_read_array(folder / "inputs.npy"), _read_array(folder / "targets.npy"))
    except Malformed:
        raise
    except Exception as error:  # a broken npy file may raise any exception
        raise Malformed(f"{folder} does not hold a split: {error}", advice="Name a folder with inputs.npy and targets.npy.") from error


def _join(one: Array, other: Array) -> Array:
    """Return both arrays, one after the other."""
    if one.nbytes + other.nbytes <= MOST_IN_MEMORY_BYTES or one.dtype != other.dtype:
        return np.concatenate([one, other])
    with tempfile.TemporaryFile() as file:
        for array in (one, other):
            for at in range(0, len(array), JOINED_AT_ONCE):
                file.write(array[at : at + JOINED_AT_ONCE].tobytes())
        file.flush()
        return np.asarray(np.memmap(file, one.dtype, "r+", shape=(len(one) + len(other), *one.shape[1:])))


def _read_array(path: Path) -> Array:
    """Return the array of an npy file, mapped: its header cannot announce more than the file holds, and it may be larger than memory."""
    return np.asarray(np.lib.format.open_memmap(path, mode="c"))


def describe_left_out(left_out: Mapping[str, str]) -> str:
    """Return how many files are left out, and of the first ones why."""
    named = "; ".join(f"{name}: {reason}" for name, reason in list(left_out.items())[:NAMED])
    count = "1 file is" if len(left_out) == 1 else f"{len(left_out):,} files are"
    return f"{count} left out: {named}" + f"; and {len(left_out) - NAMED:,} more" * (len(left_out) > NAMED)


def read_limited(path: Path, most_bytes: int = MAX_RAW_BYTES) -> bytes:
    """Return a file's bytes; raise Malformed if it has more than there may be."""
    with path.open("rb") as file:
        content = file.read(most_bytes + 1)
    if len(content) > most_bytes:
        raise Malformed(f"{path.name} has more than {most_bytes:,} bytes", advice="Use a part of it.")
    return content
