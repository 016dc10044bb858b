"""How one digit is read on paper of many kinds and in bad light, and what is read on the same paper when it is empty.

Run: .venv/bin/python -m benchmarks.digits.paper_and_light [--count 1000] [--kinds NAME ...] [--empty] [--model FILE] [--record FILE]
Needs MNIST's files. Other code is measured with PYTHONSAFEPATH=1 PYTHONPATH=CHECKOUT:. before the command.
"""

import argparse
import json
import time
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import PIL

from benchmarks.harness import PRETRAINED, describe_machine, summarize, write_record
from recipes.dataset import Split
from recipes.digits.dataset import load
from recipes.digits.transform import to_digit
from recipes.errors import InvalidInput
from training.drawings.paper import KINDS, draw

MIN_PROBABILITY = 0.8  # of a digit that the model reads when it is plain


class Model:
    """A model on one thread, with the thresholds of its manifest."""

    def __init__(self, path: Path) -> None:
        self.thresholds = json.loads(path.with_name("manifest.json").read_text())["output"]["trust"]
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(path.read_bytes(), options, providers=["CPUExecutionProvider"])

    def predict(self, instances: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return probabilities [N, 10] and trust [N] of instances, uint8 [N, 28, 28]."""
        probabilities, trust = self._session.run(None, {self._session.get_inputs()[0].name: instances})
        return probabilities, trust.reshape(-1)


def choose_digits(split: Split, model: Model, count: int) -> Split:
    """Return so many digits, from all over the split, that the model reads right and is sure of when they are plain."""
    probabilities, _ = model.predict(split.inputs)
    plain = np.flatnonzero((probabilities.argmax(1) == split.targets) & (probabilities.max(1) >= MIN_PROBABILITY))
    chosen = plain[np.arange(count) * 37 % len(plain)]  # neighbours in the file are of one writer
    return Split(split.inputs[chosen], split.targets[chosen])


def measure(kind: str, digits: Split, model: Model, *, is_empty: bool) -> dict[str, Any]:
    """Return how many pictures of a kind were read right, misread, refused or told to be no digit, and their processor time."""
    counts = Counter(pictures=len(digits.inputs))
    times_ms = []
    for seed, (digit, label) in enumerate(zip(digits.inputs, digits.targets, strict=True)):
        picture = draw(kind, seed, None if is_empty else digit)
        began_s = time.process_time()
        try:
            instance = to_digit(picture)
        except InvalidInput:
            counts["refused"] += 1
            continue
        finally:
            times_ms.append((time.process_time() - began_s) * 1e3)
        probabilities, trust = model.predict(np.frombuffer(instance, np.uint8).reshape(1, 28, 28))
        if not is_empty:
            counts["right"] += int(probabilities[0].argmax() == label)
        is_digit, is_certain = (trust[0] >= model.thresholds[name] for name in ("digit", "certain"))
        counts["certain" if is_certain else "uncertain" if is_digit else "not a digit"] += 1
    return {**counts, "cpu_ms": summarize(times_ms)}


def describe(kind: str, figures: dict[str, Any]) -> str:
    """Return a line of the table, in shares of the pictures."""
    pictures = figures["pictures"]
    names = ("right", "refused", "not a digit", "uncertain", "certain")
    shares = " | ".join(f"{100 * figures.get(name, 0) / pictures:.1f} %" for name in names)
    time_ms = figures["cpu_ms"]
    return f"| {kind} | {pictures} | {shares} | {time_ms['median']:.1f} ({time_ms['max']:.0f}) |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--kinds", nargs="*", default=list(KINDS))
    parser.add_argument("--empty", action="store_true")
    parser.add_argument("--model", type=Path, default=PRETRAINED / "model.onnx")
    parser.add_argument("--record", type=Path)
    options = parser.parse_args()
    model = Model(options.model)
    digits = choose_digits(load().test, model, options.count)
    print("| paper | pictures | right | refused | not a digit | uncertain | certain | ms of CPU (most) |")
    print("|---|---|---|---|---|---|---|---|")
    figures = {}
    for kind in options.kinds:
        figures[kind] = measure(kind, digits, model, is_empty=options.empty)
        print(describe(kind, figures[kind]), flush=True)
    if options.record:
        versions = {"numpy": np.__version__, "onnxruntime": onnxruntime.__version__, "pillow": PIL.__version__}
        write_record(options.record, {"machine": describe_machine(), "versions": versions, "is_empty": options.empty, "kinds": figures})


if __name__ == "__main__":
    main()
