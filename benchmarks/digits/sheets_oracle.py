"""What is lost where digits touch, and by which step: sheets read by oracles that know whose ink is whose.

alone     each digit's own ink, as the same sheet would have it without the others: what the model can read at most
cut       each digit's own ink on the sheet itself: the perfect cut
proposed  the best choice among all pieces between the cuts that were found
shown     the best choice among the pieces that the model is shown
chosen    what the program chooses

.venv/bin/python -m benchmarks.digits.sheets_oracle [--digits 600] [--split validation] [--kinds NAME ...] [--model FILE] [--record FILE]
"""

import argparse
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from operator import itemgetter
from pathlib import Path

from PIL import Image, ImageChops

from benchmarks.digits.sheet import Written
from benchmarks.digits.sheet_kinds import KINDS, draw
from benchmarks.digits.sheets import ROOT, Model, decide, read, score
from benchmarks.harness import describe_machine, write_record
from recipes.digits import segment
from recipes.digits.dataset import load
from recipes.digits.ink.components import find_components
from recipes.digits.ink.page import Page, read_page, spread
from recipes.digits.writing.part import Part
from recipes.digits.writing.touching import Chain, Piece
from recipes.pictures.decode import decode
from recipes.recipe import Box, FoundInstance, Picture
from tests.pages import encoded, overlap

TOUCHING = ("gap 0", "touching", "overlapping")
STEPS = ("alone", "cut", "proposed", "shown", "chosen")
FOUND = 0.5  # of the union of the boxes


class _Fixed(Chain):
    """A part that an oracle has cut."""

    def __init__(self, pieces: list[Part]) -> None:
        self._pieces = pieces

    def cut(self, trust: object) -> list[Part]:  # noqa: ARG002 - the oracle has decided
        return self._pieces

    def list_doubtful(self) -> list[Part]:
        return []


def read_alone(page: Page, written: Sequence[Written]) -> Picture:
    """Return each digit's ink as if nothing else were on the sheet."""
    found = []
    for one in written:
        assert one.ink is not None
        ink = Image.new("L", page.ink.size)
        ink.paste(one.ink, one.box[:2])
        found.append(FoundInstance(_cut(Page(ink, ink.point([0] * 100 + [255] * 156), page.noise)), one.box, one.line, one.after))
    return Picture(*page.ink.size, found)


def read_cut(page: Page, written: Sequence[Written]) -> Picture:
    """Return each digit's own ink on the sheet; what two share is in both."""
    found = []
    for one in written:
        assert one.ink is not None
        own = Image.new("L", page.ink.size)
        own.paste(one.ink.point([0] * 100 + [255] * 156), one.box[:2])
        own = ImageChops.darker(page.mask, spread(own, 1, 1))
        found.append(FoundInstance(_cut(replace(page, mask=own)), one.box, one.line, one.after))
    return Picture(*page.ink.size, found)


def _cut(page: Page) -> bytes:
    part, *others = map(Part.from_component, find_components(page.mask.tobytes(), page.mask.width))
    for other in others:
        part.join(other)
    return segment._cut_instance(page, part) or bytes(784)


def read_best(page: Page, written: Sequence[Written], model: Model, *, is_shown: bool) -> Picture:
    """Return the sheet cut so that most digits are found, and of these most read right.

    Args:    is_shown: whether only pieces that the program shows the model may be taken.
    """
    sheet = segment._read_sheet(page)
    crop = segment._cut_instance
    chains: dict[int, Chain] = {}
    for key, chain in sheet.chains.items():
        pieces = chain._find_close() if is_shown else list(chain._list_pieces())
        looks = {piece: chain._list_looks(piece) for piece in pieces}
        parts = [part for each in looks.values() for part in each]
        instances = [crop(page, part) for part in parts]
        seen = [(part, instance) for part, instance in zip(parts, instances, strict=True) if instance]
        labels = model.predict([instance for _, instance in seen])[0]
        label_of = {id(part): label for (part, _), label in zip(seen, labels, strict=True)}

        chains[key] = _Fixed(_find_best(len(chain.boxes), looks, label_of, written) or [chain.part])
    fixed = replace(sheet, chains=chains)
    return segment._Reader(page, fixed, lambda: None, page.ink.size)._describe(fixed.arrange())


def _find_best(count: int, looks: Mapping[Piece, list[Part]], label_of: Mapping[int, int], written: Sequence[Written]) -> list[Part]:
    """Return the pieces from the first slice to the last that find most digits, each once, from the left, and of these read most right."""
    ways: dict[tuple[int, int], tuple[float, list[Part]]] = {(0, -1): (0.0, [])}
    for (begin, end), parts in sorted(looks.items()):
        for part in parts:
            shared, index = max((overlap(_box(part), one.box), index) for index, one in enumerate(written))
            value = 10 + (label_of.get(id(part)) == written[index].label) + shared if shared >= FOUND else -2.0
            for (_, last), (before, pieces) in [way for way in ways.items() if way[0][0] == begin]:
                is_new = shared >= FOUND and index != last
                key, worth = (end, index if is_new else last), before + (value if is_new else -2.0)
                if key not in ways or worth > ways[key][0]:
                    ways[key] = worth, [*pieces, part]
    done = [way for (end, _), way in ways.items() if end == count]
    return max(done, key=itemgetter(0))[1] if done else []


def _box(part: Part) -> Box:
    return part.left, part.top, part.width, part.height


def measure(kind: str, count: int, digits: object, model: Model, steps: Sequence[str]) -> dict[str, Counter[str]]:
    totals: dict[str, Counter[str]] = {step: Counter() for step in steps}
    seed = 0
    while totals[steps[-1]]["written"] < count:
        image, written = draw(kind, seed, digits)
        content = encoded(image, "JPEG" if seed % 2 else "PNG")
        page = read_page(decode(content, max_pixels=segment.MAX_PIXELS))
        read_step: dict[str, Callable[[], Picture]] = {
            "alone": lambda page=page, written=written: read_alone(page, written),
            "cut": lambda page=page, written=written: read_cut(page, written),
            "proposed": lambda page=page, written=written: read_best(page, written, model, is_shown=False),
            "shown": lambda page=page, written=written: read_best(page, written, model, is_shown=True),
            "chosen": lambda content=content: decide(segment.find_digits(content), model),
        }
        for step in steps:
            picture = read_step[step]()
            totals[step] += score(picture, read(picture, model), written)
        seed += 1
    return totals


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--digits", type=int, default=600)
    parser.add_argument("--split", default="validation", choices=("validation", "test"))
    parser.add_argument("--kinds", nargs="*", default=list(TOUCHING), choices=list(KINDS))
    parser.add_argument("--steps", nargs="*", default=list(STEPS), choices=list(STEPS))
    parser.add_argument("--model", type=Path, default=ROOT / "recipes/digits/pretrained/model.onnx")
    parser.add_argument("--record", type=Path)
    options = parser.parse_args()
    digits, model = getattr(load(), options.split), Model(options.model)
    print("| sheets | read by | digits | found | found and read right | whole sheets right |")
    print("|---|---|---|---|---|---|")
    record = {}
    for kind in options.kinds:
        record[kind] = measure(kind, options.digits, digits, model, options.steps)
        for step, total in record[kind].items():
            found, right = (100 * total[name] / total["written"] for name in ("matched", "right"))
            whole = total["exact"] / total["sheets"]
            print(f"| {kind} | {step} | {total['written']} | {found:.1f} % | {right:.1f} % | {whole:.2f} |", flush=True)
    if options.record:
        write_record(options.record, {"machine": describe_machine(), "split": options.split, "sheets": record})


if __name__ == "__main__":
    main()
