"""Seconds of training to a share of MNIST's test digits answered right, beside PyTorch's basic example: all 60,000, then the 10,000.

Ours is trained anew for each number of epochs, since its learning rate falls to nothing at their end; the example goes on for three times
as long as ours took to the aim, or to the end of the time there is. Loading, and looking at the test digits, is not counted.

Run: .venv/bin/python -m benchmarks.models.training [--epochs 1 2 3] [--aim 0.994] [--limit-s 285] [--threads 2] [--seed 0] [--record FILE]
"""

import argparse
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import torch

from benchmarks.harness import describe_machine, write_record
from benchmarks.peers.training import mnist_example
from recipes import dataset
from recipes.dataset import Split
from recipes.recipe import load
from training.trainers.cnn_trainer import FittedCnn, train_network
from training.trainers.network import FromPixels

WITHOUT = ("drawn_digits", "drawn_in_batch", "tune_steps")  # what is for other pictures than MNIST's
TIMES = 3  # as long as ours goes the example on


@contextmanager
def measure(row: dict[str, Any]) -> Iterator[None]:
    """Write how long something takes, by the clock and in processor time."""
    began_s, began_cpu_s = time.perf_counter(), time.process_time()
    yield
    row |= {"s": time.perf_counter() - began_s, "cpu_s": time.process_time() - began_cpu_s}


def train_ours(train: Split, test: Split, epochs: int, seed: int) -> dict[str, Any]:
    known = {name: value for name, value in load("digits").candidates[0].hyperparameters.items() if name not in WITHOUT}
    row: dict[str, Any] = {"contender": "ours", "epochs": epochs}
    with measure(row):
        network = train_network(train, {**known, "epochs": epochs}, seed=seed, progress=lambda *_: None)
    return row | {"accuracy": float(np.mean(FittedCnn(FromPixels(network)).predict(test.inputs).argmax(1) == test.targets))}


def train_example(train: Split, test: Split, seed: int, limit_s: float) -> Iterator[dict[str, Any]]:
    """Yield a row after each epoch, of all the time until then."""
    images, labels = torch.tensor(train.inputs), torch.tensor(train.targets.astype("int64"))
    used = {"s": 0.0, "cpu_s": 0.0}
    steps = mnist_example.train(images, labels, seed=seed, ends_s=time.perf_counter() + limit_s)
    while True:
        row: dict[str, Any] = {}
        with measure(row):
            step = next(steps, None)
        if step is None:
            return
        used = {name: used[name] + row[name] for name in used}
        found = mnist_example.predict(step[1], torch.tensor(test.inputs)).numpy()
        yield {"contender": "the example", "epochs": step[0], **used, "accuracy": float(np.mean(found == test.targets))}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--epochs", type=int, nargs="*", default=[1, 2, 3], help="of ours, each trained anew; none: the example alone")
    parser.add_argument("--aim", type=float, default=0.994)
    parser.add_argument("--limit-s", type=float, default=285)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--record", type=Path)
    options = parser.parse_args()
    ends_s = time.perf_counter() + options.limit_s
    torch.set_num_threads(options.threads)
    data = dataset.load("digits")
    train = data.train + data.validation
    rows: list[dict[str, Any]] = []

    def tell(row: dict[str, Any]) -> None:
        rows.append(row)
        cells = (row["contender"], f"{row['epochs']:.2f}", f"{row['s']:.1f}", f"{row['cpu_s']:.1f}", f"{row['accuracy']:.2%}")
        print(f"| {' | '.join(cells)} |", flush=True)

    print("| contender | epochs | s | processor time, s | right |\n|---|---|---|---|---|")
    for epochs in options.epochs:
        tell(train_ours(train, data.test, epochs, options.seed))
        if rows[-1]["accuracy"] >= options.aim:
            break
    left_s = ends_s - time.perf_counter() - 5
    for row in train_example(train, data.test, options.seed, min(TIMES * rows[-1]["s"], left_s) if rows else left_s):
        tell(row)
        if row["accuracy"] >= options.aim:
            break
    if options.record:
        write_record(options.record, {"machine": describe_machine(), "threads": options.threads, "seed": options.seed, "rows": rows})


if __name__ == "__main__":
    main()
