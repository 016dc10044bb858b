"""The upload function's time and memory by rows: python -m benchmarks.uploads.by_rows. Its endpoint answers at once. Needs MNIST's files.

Each upload is a process of its own, the function's whole handler, with S3 as a file; the sizes of a format come in another order in each
round. What the function writes is counted and not kept.
"""

import argparse
import io
import random
import statistics
import zipfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

from benchmarks.harness import ROOT, describe_machine, make_scratch, write_record
from benchmarks.uploads.function import ask_child
from benchmarks.uploads.stack import build_uploads
from recipes import npy
from recipes.digits.dataset import load

SIZES = (1_000, 10_000, 100_000, 1_000_000)
MOST = {"csv": 500_000, "jsonl": 400_000, "zip": 65_535}  # what an upload of 1 GiB holds, or a zip may hold
BLOCK = 10_000  # rows that are written again and again
HOUSE = "house_price"
HOUSES = b"".join(b"%d\n" % (1000 + number % 3000) for number in range(BLOCK))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kinds", nargs="*", default=["npy", "csv", "jsonl", "zip", HOUSE])
    parser.add_argument("--rows", type=int, nargs="*", default=list(SIZES))
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--record", type=Path)
    options = parser.parse_args()
    pixels = load().test.inputs.tobytes()
    kinds = build_uploads([pixels[at : at + 784] for at in range(0, BLOCK * 784, 784)])
    table: dict[str, dict[int, dict[str, float]]] = {}
    with make_scratch() as folder:
        for kind in options.kinds:
            counts = sorted({min(count, MOST.get(kind, count)) for count in options.rows})
            write = partial(WRITERS[kind], folder / "upload", kinds.get(kind, b""), pixels)
            found = measure(folder / "upload", kind, write, counts, options.rounds)
            table[kind] = found
            least = min(each["peak_mb"] for each in found.values())
            for count, each in found.items():
                rate, more = count / each["cpu_s"], each["peak_mb"] / least
                print(f"| {kind} | {count:,} | {each['cpu_s']:.2f} | {rate:,.0f} | {each['peak_mb']:.0f} | {more:.2f} |", flush=True)
    if options.record:
        write_record(options.record, {"machine": describe_machine(), "rounds": options.rounds, "table": table})


def measure(file: Path, kind: str, write: Callable[[int], None], counts: list[int], rounds: int) -> dict[int, dict[str, float]]:
    """Return the medians of processor seconds and of the peak of memory, by rows.

    Args:    write: the file, of so many rows.
    """
    found: dict[int, list[tuple[float, float]]] = {count: [] for count in counts}
    for _ in range(rounds):
        for count in random.sample(counts, len(counts)):
            write(count)
            _, cpu_s, peak_mb, _ = ask_child(ROOT, "", file, recipe=HOUSE if kind == HOUSE else "digits")
            found[count].append((cpu_s, peak_mb))
    return {
        count: {"cpu_s": statistics.median(cpu_s for cpu_s, _ in each), "peak_mb": statistics.median(peak_mb for _, peak_mb in each)}
        for count, each in found.items()
    }


def write_npy(file: Path, _: bytes, pixels: bytes, count: int) -> None:
    with file.open("wb") as out:
        out.write(npy.write(b"", (count, 28, 28)))
        for at in range(0, count, BLOCK):
            out.write(pixels[: min(BLOCK, count - at) * 784])


def write_lines(file: Path, block: bytes, _: bytes, count: int) -> None:
    lines = block.splitlines(keepends=True)
    lines[-1] = lines[-1].rstrip(b"\n") + b"\n"
    with file.open("wb") as out:
        for at in range(0, count, BLOCK):
            out.writelines(lines[: count - at])


def write_houses(file: Path, _: bytes, pixels: bytes, count: int) -> None:
    write_lines(file, HOUSES, pixels, count)


def write_zip(file: Path, block: bytes, _: bytes, count: int) -> None:
    with zipfile.ZipFile(io.BytesIO(block)) as known, zipfile.ZipFile(file, "w") as out:
        pictures = [known.read(name) for name in known.namelist()]
        for number in range(count):
            out.writestr(f"{number:06}.png", pictures[number % BLOCK])


WRITERS: dict[str, Callable[[Path, bytes, bytes, int], None]] = {
    "npy": write_npy,
    "csv": write_lines,
    "jsonl": write_lines,
    "zip": write_zip,
    HOUSE: write_houses,
}

if __name__ == "__main__":
    main()
