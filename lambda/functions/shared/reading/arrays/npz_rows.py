"""npz, a zip of npy files, into drafts: the one array of instances in it, and the labels beside it."""

import io
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, repeat
from math import prod
from typing import Any

from functions.shared.reading.arrays.array_rows import count_rows, read_array
from functions.shared.reading.arrays.members import open_member
from functions.shared.reading.arrays.nesting import advise_shape
from functions.shared.reading.drafts.draft import Draft
from functions.shared.reading.notes import Note
from functions.shared.reading.tables.table import read_label
from functions.shared.reading.units import refuse_other_units
from recipes import npy
from recipes.errors import InvalidInput, Malformed, TooLarge, UnsupportedType, WrongShape
from recipes.recipe import Recipe

ENDING = ".npy"
MAX_ARRAYS = 100
MAX_LABEL_BYTES = 8 << 20  # in memory as a whole: those of a million rows
READ_BYTES = 1 << 20
INPUT_NAMES = ("x", "images", "image", "instances", "inputs", "pixels", "data")
SHOWN = 5
_UNNAMED = re.compile(r"arr_\d+")  # as numpy.savez calls arrays without names
LABEL_NAMES = ("y", "label", "labels", "target", "targets", "class", "classes")


def open_archive(content: bytes) -> tuple[zipfile.ZipFile, list[zipfile.ZipInfo]]:
    """Return a small npz and its members; raise UnsupportedType if it is another zip."""
    archive = zipfile.ZipFile(io.BytesIO(content))
    members = archive.infolist()
    if not has_arrays(members):
        raise UnsupportedType("the body is a zip; expected an npz, which holds arrays alone", advice="Upload a zip of pictures as a job.")
    return archive, members


def has_arrays(members: Sequence[zipfile.ZipInfo]) -> bool:
    """Return whether the members of a zip are arrays of npy, and nothing else."""
    return bool(members) and all(member.filename.endswith(ENDING) for member in members)


def read_arrays(
    archive: zipfile.ZipFile, members: Sequence[zipfile.ZipInfo], recipe: Recipe
) -> tuple[tuple[Note, ...], Iterator[Draft], int]:
    """Return notes on how an npz is read, a draft for each instance in its array, with its label if there is one, and how many there are.

    Raises:  InvalidInput: no array or more than one may be of instances, or it cannot be read.
    """
    if len(members) > MAX_ARRAYS:
        raise TooLarge(f"the npz holds {len(members):,} arrays; the limit is {MAX_ARRAYS}", advice="Save the one array with numpy.save.")
    headers = {member.filename.removesuffix(ENDING): (member, _read_header(archive, member)) for member in members}
    name = _choose_array({name: header for name, (_, header) in headers.items()}, recipe)
    refuse_other_units([name], "the npz", recipe)
    member, _ = headers[name]
    notes, drafts, total = read_array(_open(archive, member), None, recipe)
    others = {each: found for each, found in headers.items() if each != name}
    chosen, labels = _find_labels(archive, others, total, recipe)
    notes += _list_ignored({each: header for each, (_, header) in others.items() if each != chosen}, name)
    return notes, _add_labels(drafts, labels) if chosen else drafts, total


def _open(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> "io.BufferedReader[Any]":
    return io.BufferedReader(open_member(archive, member), READ_BYTES)


def _read_header(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> npy.Header:
    with _open(archive, member) as file:
        try:
            return npy.read_header(file.read(npy.LONGEST_HEADER_BYTES))
        except Malformed as error:
            raise Malformed(f"{member.filename[-80:]!r} in the npz: {error.detail}", advice=error.advice) from error


def _choose_array(headers: dict[str, npy.Header], recipe: Recipe) -> str:
    """Return the name of the one array that holds instances."""
    found = [name for name, header in headers.items() if _has_instances(header, recipe)]
    found = [name for name in found if not _is_called(name, LABEL_NAMES)] or found
    if len(found) > 1:
        found = [name for name in found if name.lower() in INPUT_NAMES] or found
    if len(found) == 1:
        return found[0]
    held = ", ".join(f"{name[:40]!r} of shape {list(header.shape)}" for name, header in list(headers.items())[:5])
    expected = "expected one of instances" if not found else f"{len(found)} of them may be of instances; expected one"
    largest = max((header.shape for header in headers.values()), key=prod, default=())  # of pictures and their labels, the pictures
    advice = advise_shape(largest, recipe) if not found and len(largest) > 1 else ""
    raise WrongShape(f"the npz holds {held}; {expected}", advice=advice or "Save the one array by itself: numpy.save('x.npy', x).")


def _has_instances(header: npy.Header, recipe: Recipe) -> bool:
    try:
        npy.get_item_bytes(header, recipe.dtype)
        return count_rows(header, recipe) > 0
    except InvalidInput:
        return False


def _is_called(name: str, names: Sequence[str]) -> bool:
    """Return whether an array is called so, alone or as the part of a split: y, y_test, train_labels."""
    return any(part in names for part in name.lower().split("_"))


def _find_labels(
    archive: zipfile.ZipFile, others: Mapping[str, tuple[zipfile.ZipInfo, npy.Header]], total: int, recipe: Recipe
) -> tuple[str, Sequence[Any]]:
    """Return the name of the one array that holds a label for each instance, and the labels; no name if there is none."""
    named = [name for name in others if _is_called(name, (*LABEL_NAMES, recipe.name))]
    found = [name for name in named or others if _may_be_labels(others[name][1], total, recipe)]
    if len(found) != 1 or not (named or _UNNAMED.fullmatch(found[0])):
        return "", ()
    labels = _read_labels(archive, *others[found[0]], recipe)
    return (found[0], labels) if labels and (named or set(labels) <= set(recipe.labels)) else ("", ())


def _may_be_labels(header: npy.Header, total: int, recipe: Recipe) -> bool:
    """Return whether an array has a number for each instance, or one for each label of each instance."""
    shape = header.shape
    is_list = prod(shape) == total and (shape[:1] == (total,) or total == 1)
    is_small = prod(shape) * 8 <= MAX_LABEL_BYTES
    return is_small and (is_list or shape == (total, len(recipe.labels))) and header.descr.lstrip("|<>=") in npy.NUMBERS


def _read_labels(archive: zipfile.ZipFile, member: zipfile.ZipInfo, header: npy.Header, recipe: Recipe) -> Sequence[Any]:
    """Return the labels; nothing if they are a number for each label of each instance, and these are not one 1 among zeros."""
    with _open(archive, member) as file:
        file.read(header.offset)
        item_bytes = npy.get_item_bytes(header, "float32")
        content = file.read(prod(header.shape) * item_bytes)
    values = npy.parse_values(content[: len(content) // item_bytes * item_bytes], header)
    width = len(recipe.labels)
    if len(header.shape) < 2 or header.shape[1] == 1 or header.shape[1:] != (width,):
        return values
    rows = [values[at : at + width] for at in range(0, len(values), width)]
    is_certain = not header.fortran_order and all(sorted(row) == [0] * (width - 1) + [1] for row in rows)
    return [recipe.labels[list(row).index(1)] for row in rows] if is_certain else ()


def _list_ignored(headers: Mapping[str, npy.Header], name: str) -> tuple[Note, ...]:
    if not headers:
        return ()
    held = ", ".join(f"{each[:40]!r} of shape {list(header.shape)}" for each, header in list(headers.items())[:SHOWN])
    more = f" and {len(headers) - SHOWN:,} more" if len(headers) > SHOWN else ""
    advice = "Labels are read from one array y that has a number for each instance." if any(map(_is_label, headers)) else ""
    return (Note("ignored-arrays", f"arrays beside {name[:40]!r} were ignored: {held}{more}", advice),)


def _is_label(name: str) -> bool:
    return _is_called(name, LABEL_NAMES)


def _add_labels(drafts: Iterator[Draft], labels: Sequence[float]) -> Iterator[Draft]:
    for draft, label in zip(drafts, chain(labels, repeat(None)), strict=False):
        draft.label = read_label(label)
        yield draft
