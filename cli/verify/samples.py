"""What a recipe's API is asked with: an instance in each form that it takes, and files to upload."""

import base64
import csv
import gzip
import io
import json
import struct
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from cli.status.example_call import read_example_instance, read_example_record
from deployment.paths import ROOT
from recipes import npy
from recipes.columns import Category
from recipes.media_types import CSV, JPEG, JSON, NPY, OCTET_STREAM, PNG
from recipes.recipe import Recipe

PHOTO = ROOT / "docs/digits-photo.jpg"
Values = Sequence[float]


@dataclass(frozen=True, slots=True)
class Sample:
    """A request's body, and the label that must come back where one is known."""

    name: str
    content_type: str
    body: bytes
    label: int | str | None = None


@dataclass(frozen=True, slots=True)
class UploadSample:
    """A file, and how many rows it has, and how many of them must fail."""

    content: bytes
    rows: int
    failed: int


BuildUpload = Callable[[Recipe, str], UploadSample]  # (recipe, a word that must be in the file)


def build_samples(recipe: Recipe) -> list[Sample]:
    """Return one instance in each form that POST /predictions takes."""
    values, label = read_values(recipe), None
    samples = []
    if recipe.takes_pictures:
        picture, label = read_golden(recipe, ".png")
        photo, photo_label = read_golden(recipe, ".jpg")
        encoded = json.dumps({"image": base64.b64encode(picture).decode()}).encode()
        samples = [
            Sample("PNG", PNG, picture, label),
            Sample("JPEG", JPEG, photo, photo_label),
            Sample("a picture in JSON", JSON, encoded, label),
            Sample("bytes without a type", OCTET_STREAM, picture, label),
        ]
    return [
        *samples,
        Sample("JSON", JSON, json.dumps({"instances": [read_instance(recipe)]}).encode(), label),
        Sample("CSV", CSV, write_csv(recipe), label),
        Sample("npy", NPY, write_npy(recipe, [values]), label),
    ]


def list_uploads(recipe: Recipe) -> dict[str, BuildUpload]:
    """Return what builds a file of each kind that can be uploaded, by the file's name."""
    uploads: dict[str, BuildUpload] = {"batch.csv": _build_csv, "batch.jsonl": _build_jsonl, "batch.npy": _build_npy}
    if recipe.takes_pictures:
        uploads |= {"batch.idx.gz": _build_idx, "pictures.zip": _build_zip}
    if recipe.find_instances:
        uploads["photo.jpg"] = _build_photo
    return uploads


def _build_csv(recipe: Recipe, marker: str) -> UploadSample:
    return UploadSample(write_csv(recipe, 2) + f"{marker}\n".encode(), 3, 1)


def _build_jsonl(recipe: Recipe, marker: str) -> UploadSample:
    rows = [{"instance": read_instance(recipe), "name": marker}] * 2
    return UploadSample("\n".join(map(json.dumps, [*rows, {"instance": [marker]}])).encode(), 3, 1)


def _build_npy(recipe: Recipe, _: str) -> UploadSample:
    return UploadSample(write_npy(recipe, [read_values(recipe)] * 3), 3, 0)


def _build_idx(recipe: Recipe, _: str) -> UploadSample:
    """MNIST's own format: its first four bytes are the type, 8 for bytes, and how many sizes follow."""
    shape = (2, *recipe.instance_shape)
    header = struct.pack(f">4B{len(shape)}I", 0, 0, 8, len(shape), *shape)
    return UploadSample(gzip.compress(header + bytes(map(int, read_values(recipe))) * 2), 2, 0)


def _build_zip(recipe: Recipe, marker: str) -> UploadSample:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as pictures:
        for name in ("a.png", f"{marker}.png"):
            pictures.writestr(name, read_golden(recipe, ".png")[0])
    return UploadSample(archive.getvalue(), 2, 0)


def _build_photo(recipe: Recipe, _: str) -> UploadSample:
    photo = PHOTO.read_bytes()
    return UploadSample(photo, len(recipe.find_instances(photo).found) if recipe.find_instances else 1, 0)


def read_golden(recipe: Recipe, suffix: str) -> tuple[bytes, int | str]:
    """Return a picture of the recipe's golden cases by its file's suffix, and its label."""
    folder = ROOT / "recipes" / recipe.name / "golden"
    case = next(case for case in json.loads((folder / "cases.json").read_text()) if case["file"].endswith(suffix))
    return (folder / case["file"]).read_bytes(), case["label"]


def read_values(recipe: Recipe) -> list[float]:
    """Return the values of one instance: a golden picture's, or the first row of the recipe's data."""
    if recipe.takes_pictures:
        return list(recipe.from_image(read_golden(recipe, ".png")[0]))
    cells = read_example_record(recipe)
    columns = {column.name: column for column in recipe.features}
    return [column.find_code(cell) if isinstance(column := columns.get(name), Category) else float(cell) for name, cell in cells.items()]


def read_instance(recipe: Recipe) -> list[float] | dict[str, str | float]:
    """Return one instance as JSON has it: its values, or the cells of a table with categories by their columns."""
    return read_example_instance(recipe) if recipe.categories else read_values(recipe)


def write_csv(recipe: Recipe, rows: int = 1) -> bytes:
    """Return one instance so many times as CSV, under a header where a table has categories."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    record = read_example_record(recipe) if recipe.categories else {}
    if record:
        writer.writerow(record)
    writer.writerows([record.values() if record else read_values(recipe)] * rows)
    return text.getvalue().encode()


def write_npy(recipe: Recipe, rows: Sequence[Values]) -> bytes:
    """Return rows as an npy array of the recipe's type."""
    values = [value for row in rows for value in row]
    packed = bytes(map(int, values)) if recipe.dtype == "uint8" else struct.pack(f"<{len(values)}f", *values)
    return npy.write(packed, (len(rows), recipe.instance_size), recipe.dtype)
