"""How sheets of digits are read: digits found, read right, whole sequences, marks between them, and processor time, by kind of sheet.

.venv/bin/python -m benchmarks.digits.sheets [--digits 200] [--split test] [--kinds NAME ...] [--model FILE] [--show FOLDER] [--record FILE]
"""

import argparse
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnxruntime
from PIL import Image, ImageDraw

from benchmarks.digits.sheet import Written
from benchmarks.digits.sheet_kinds import KINDS, draw
from benchmarks.harness import describe_machine, write_record
from recipes.digits.dataset import load
from recipes.digits.segment import find_digits
from recipes.errors import InvalidInput
from recipes.recipe import Picture
from recipes.trust import TRUST
from tests.pages import encoded, overlap

ROOT = Path(__file__).resolve().parents[2]
COLUMNS = (
    *("sheets", "digits", "sheets", "found", "of what is found", "read right", "exact", "with marks", "unread", "also shown"),
    "ms a sheet (worst)",
)


class Model:
    """The labels that a model gives, and how far each can be trusted."""

    def __init__(self, path: Path) -> None:
        self._session = onnxruntime.InferenceSession(path.read_bytes(), providers=["CPUExecutionProvider"])

    def predict(self, instances: Sequence[bytes]) -> tuple[list[int], list[float]]:
        """Return the label of each instance, and its trust; of a model without trust the label's probability."""
        if not instances:
            return [], []
        array = np.frombuffer(b"".join(instances), np.uint8).reshape(-1, 28, 28)
        probabilities, *trust = self._session.run(None, {self._session.get_inputs()[0].name: array})
        return probabilities.argmax(1).tolist(), (trust[0] if trust else probabilities.max(1)).tolist()


def decide(picture: Picture, model: Model) -> Picture:
    """Return the picture as the model's answers to all of its instances decide it."""
    instances = picture.list_instances()
    trusts = model.predict(instances)[1]
    return picture.decide({instance: {TRUST: trust} for instance, trust in zip(instances, trusts, strict=True)})


def read(picture: Picture, model: Model) -> list[int]:
    """Return the model's label of each instance found."""
    return model.predict([found.instance for found in picture.found])[0]


def score(picture: Picture, labels: Sequence[int], written: Sequence[Written]) -> Counter[str]:
    """Return what is right: a digit is found where a box overlaps its own by half, and no other does more."""
    counts = Counter(written=len(written), found=len(labels))
    boxes = [found.box or (0, 0, picture.width, picture.height) for found in picture.found]
    free = set(range(len(boxes)))
    matched: dict[int, int] = {}
    for index, one in enumerate(written):
        best = max(free, key=lambda at: overlap(boxes[at], one.box), default=None)
        if best is not None and overlap(boxes[best], one.box) >= 0.5:
            free.remove(best)
            matched[index] = best
    counts["matched"] = len(matched)
    counts["right"] = sum(labels[at] == written[index].label for index, at in matched.items())
    lines = [one.line for one in written], [found.line for found in picture.found]
    exact = [one.label for one in written] == list(labels) and lines[0] == lines[1]
    counts["exact"] = exact
    counts["sheets"] = 1
    counts["marks"] = exact and [one.after for one in written] == [found.after for found in picture.found]
    counts["unread"] = len(picture.unread)
    return counts


def show(image: Image.Image, picture: Picture | None, labels: Sequence[int], path: Path) -> None:
    """Write the sheet with a box around each digit found, what it was read as, and what stands after it."""
    shown = image.convert("RGB")
    pen = ImageDraw.Draw(shown)
    for box in picture.unread if picture else ():
        pen.rectangle((box[0], box[1], box[0] + box[2], box[1] + box[3]), outline=(0, 0, 255))
    for found, label in zip(picture.found if picture else (), labels, strict=True):
        box = found.box or (0, 0, *image.size)
        pen.rectangle((box[0], box[1], box[0] + box[2], box[1] + box[3]), outline=(255, 0, 0))
        pen.text((box[0], box[1] - 20), f"{label} {found.after}", fill=(200, 0, 200), font_size=18)
    shown.save(path)


def measure(kind: str, count: int, digits: object, model: Model, folder: Path | None) -> Counter[str]:
    total: Counter[str] = Counter()
    seed = 0
    while total["written"] < count:
        image, written = draw(kind, seed, digits)
        content = encoded(image, "JPEG" if seed % 2 else "PNG")
        began_s = time.process_time()
        try:
            picture = find_digits(content)
            total["others"] += len(picture.others)
            picture = decide(picture, model)
        except InvalidInput:
            picture = Picture(*image.size, [])
        used_s = time.process_time() - began_s
        labels = read(picture, model)
        counts = score(picture, labels, written)
        total += counts
        total["cpu_us"] += round(used_s * 1e6)
        total["worst_us"] = max(total["worst_us"], round(used_s * 1e6))
        if folder and not counts["exact"]:
            show(image, picture, labels, folder / f"{kind.replace(' ', '-')}-{seed}.png")
        seed += 1
    return total


def describe(kind: str, total: Counter[str]) -> str:
    written, found = total["written"], max(1, total["found"])
    figures = (total["matched"] / written, total["matched"] / found, total["right"] / written)
    sheets = total["sheets"]
    shares = " | ".join(f"{100 * figure:.1f} %" for figure in figures)
    whole = f"{total['exact'] / sheets:.2f} | {total['marks'] / sheets:.2f} | {total['unread']} | {total['others']}"
    return f"| {kind} | {written} | {sheets} | {shares} | {whole} | {total['cpu_us'] / sheets / 1e3:.0f} ({total['worst_us'] / 1e3:.0f}) |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--digits", type=int, default=200)
    parser.add_argument("--split", default="validation", choices=("validation", "test"))
    parser.add_argument("--kinds", nargs="*", default=list(KINDS))
    parser.add_argument("--show", type=Path)
    parser.add_argument("--model", type=Path, default=ROOT / "recipes/digits/pretrained/model.onnx")
    parser.add_argument("--record", type=Path)
    options = parser.parse_args()
    if options.show:
        options.show.mkdir(parents=True, exist_ok=True)
    digits = getattr(load(), options.split)
    model = Model(options.model)
    print("| " + " | ".join(COLUMNS) + " |")
    print("|---" * len(COLUMNS) + "|")
    totals = {}
    for kind in options.kinds:
        totals[kind] = measure(kind, options.digits, digits, model, options.show)
        print(describe(kind, totals[kind]), flush=True)
    if options.record:
        write_record(options.record, {"machine": describe_machine(), "split": options.split, "sheets": totals})


if __name__ == "__main__":
    main()
