"""Two models of digits in turns: processor time an image in batches, and where their answers differ.

.venv/bin/python -m benchmarks.models.pairs BEFORE AFTER     folders with model.onnx and manifest.json
"""

import argparse
import random
import time
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import numpy.typing as npt

from recipes.digits import dataset
from recipes.models import artifact
from serving.inference.engine import Engine

BATCHES, ROUNDS, IMAGES = (1, 8, 32), 60, 192
CHUNK = 64


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("before", type=Path)
    parser.add_argument("after", type=Path)
    folders = parser.parse_args()
    engines = {name: Engine(artifact.load(folder), "cpu") for name, folder in vars(folders).items()}
    validation = dataset.load().validation
    for batch in BATCHES:
        print_times(batch, time_in_turns(engines, validation.inputs[:batch]))
    before, after = (predict(engine, validation.inputs) for engine in engines.values())
    for name, answers in (("before", before), ("after", after)):
        print(f"{name}: {(find_labels(answers) == validation.targets).mean():.2%} of {len(answers)} validation digits right")
    differ = int((find_labels(before) != find_labels(after)).sum())
    print(f"{differ} labels differ; the largest difference of an answer is {np.abs(before - after).max():.3f}")


def time_in_turns(engines: dict[str, Engine], instances: npt.NDArray[Any]) -> dict[str, list[float]]:
    """Return the microseconds of processor time an image of each round, each engine's in an order that changes."""
    times: dict[str, list[float]] = {name: [] for name in engines}
    repeats = IMAGES // len(instances)
    for _ in range(ROUNDS):
        for name in random.sample(list(engines), len(engines)):
            engines[name].predict(instances)
            began_s = time.process_time()
            for _ in range(repeats):
                engines[name].predict(instances)
            times[name].append((time.process_time() - began_s) / (repeats * len(instances)) * 1e6)
    return times


def print_times(batch: int, times: dict[str, list[float]]) -> None:
    """Print least and median of each, and the median of the pairs' ratios."""
    figures = ", ".join(f"{name} {min(each):.1f}, {median(each):.1f}" for name, each in times.items())
    ratio = median(one / other for one, other in zip(*times.values(), strict=True))
    print(f"batches of {batch}, µs an image, least and median of {ROUNDS}: {figures}; times {ratio:.2f}")


def predict(engine: Engine, images: npt.NDArray[Any]) -> npt.NDArray[np.float32]:
    """Return the answers to all images, a few at a time: probabilities, and trust in the last column."""
    return np.concatenate([engine.predict(images[at : at + CHUNK]) for at in range(0, len(images), CHUNK)])


def find_labels(answers: npt.NDArray[np.float32]) -> npt.NDArray[np.intp]:
    """Return the label of each row."""
    return answers[:, :10].argmax(1)


if __name__ == "__main__":
    main()
