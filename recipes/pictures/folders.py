"""Pictures in folders of class names, or a zip of them, as a data set. For training and tests only: it needs numpy.

What is decoded is kept in files without a name and mapped, so that a set may be larger than memory.
"""

import hashlib
import os
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

import numpy as np

from recipes.dataset import Dataset, Split, read_limited
from recipes.errors import InvalidInput, Malformed, TooLarge
from recipes.recipe import Recipe

STORED = "pictures.zip"
MEASURED_SHARE, CHOOSING_SHARE = 0.15, 0.15
MAX_FILE_BYTES = 50_000_000
MAX_FILES = 1_000_000
ADVICE = "Put the pictures into folders named as their classes are, or a zip of those."
READING_ERRORS = (OSError, RuntimeError, EOFError, ValueError, NotImplementedError, zipfile.BadZipFile, zlib.error)
Read = Callable[[str], bytes]
BESIDE = {".txt", ".md", ".json", ".csv", ".db", ".ini"}  # what lies beside pictures
ENDINGS = {".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp", ".tif", ".tiff"}


def load(recipe: Recipe, source: Path) -> Dataset:
    """Return the pictures as the recipe's model sees them, and their labels' places.

    15 % of each class are measured on, 15 % chosen on, the rest is trained on: which, the hash of a file says, and neither its name nor
    chance. The same file twice counts once; in two classes it is left out. Each split is in the order of the hashes, so that the first of
    it are of all classes.

    Args:    source: a folder or a zip that has, at any depth, a folder for each class; a folder with one zip in it stands for the zip.
    Returns: `left_out` says which files could not be read, and why.
    Raises:  FileNotFoundError: it is missing.
             Malformed: no zip, a picture in a folder of another name, or a class without a picture that can be read.
    """
    labels = {str(label): place for place, label in enumerate(recipe.labels)}
    left_out: dict[str, str] = {}
    with open_files(source) as (names, read):
        files = hash_files(_find_classes(names, labels, source), read, left_out)
        parts = divide(files)
        train, choose, measure = splits = [_decode(recipe, part, read, labels, left_out) for part in parts]
    for label, place in labels.items():
        if not any((split.targets == place).any() for split in splits):
            raise Malformed(f"{source.name} has no picture of {label!r} that can be read{_show(left_out)}", advice=ADVICE)
    digest = hashlib.sha256("".join(f"{sha256} {label}\n" for sha256, (label, _) in sorted(files.items())).encode()).hexdigest()
    return Dataset(train, choose, measure, {f"{len(files)} pictures": digest}, left_out=left_out)


def find_raw_files(source: Path) -> dict[str, Path]:
    """Return the zip, or each picture of the folders by its class and name; raise as `load`."""
    zip_ = _find_zip(source)
    if zip_:
        return {STORED: zip_}
    return {path.relative_to(source).as_posix(): path for path in _list_files(source)}


def divide(files: Mapping[str, tuple[str, str]]) -> tuple[list[str], list[str], list[str]]:
    """Return the names that are trained on, chosen on and measured on, each in the order of the hashes.

    Args:    files: class and name by the hash of what is in it.
    """
    parts: tuple[list[str], list[str], list[str]] = [], [], []
    by_class: dict[str, list[str]] = {}
    for digest, (label, _) in sorted(files.items()):
        by_class.setdefault(label, []).append(digest)
    for digests in by_class.values():
        measured = round(len(digests) * MEASURED_SHARE)
        choosing = measured + round(len(digests) * CHOOSING_SHARE)
        for part, chosen in zip(parts, (digests[choosing:], digests[measured:choosing], digests[:measured]), strict=True):
            part.extend(chosen)
    # The first bytes decide the split, so the last ones decide the order: it then mixes the classes.
    train, choose, measure = ([files[digest][1] for digest in sorted(part, key=lambda digest: digest[::-1])] for part in parts)
    return train, choose, measure


def choose_source(source: Path | None, variable: str) -> Path:
    """Return where the pictures are: the source, else what a variable of the environment names; raise FileNotFoundError if neither says."""
    if source:
        return source
    if named := os.environ.get(variable):
        return Path(named)
    raise FileNotFoundError(f"nothing says where the pictures are: name their folder or zip with --data, or in ${variable}")


def may_be_picture(name: str) -> bool:
    """Return whether a file is none of what machines and people leave beside pictures."""
    path = PurePosixPath(name)
    is_hidden = any(part.startswith(".") for part in path.parts)
    return not is_hidden and "__MACOSX" not in path.parts and path.suffix.lower() not in BESIDE


@contextmanager
def open_files(source: Path) -> Iterator[tuple[list[str], Read]]:
    """Give the names of all files, and what reads one of them."""
    zip_ = _find_zip(source)
    if zip_ is None:
        yield (
            [path.relative_to(source).as_posix() for path in _list_files(source)],
            lambda name: read_limited(source / name, MAX_FILE_BYTES),
        )
        return
    try:
        archive = zipfile.ZipFile(zip_)
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise Malformed(f"{zip_.name} is not a zip, or not all of one: {error}", advice="Fetch or pack it again.") from error
    with archive:
        yield [entry.filename for entry in archive.infolist() if not entry.is_dir()], lambda name: _read_member(archive, name)


def _find_zip(source: Path) -> Path | None:
    if not source.exists():
        raise FileNotFoundError(f"{source} is missing: name a folder of pictures or a zip with --data")
    if source.is_file():
        return source
    zips = sorted(source.glob("*.zip"))
    if len(zips) > 1:
        raise Malformed(f"{source} holds {len(zips)} zips", advice="Name one of them with --data.")
    return zips[0] if zips else None


def _list_files(source: Path) -> list[Path]:
    return sorted(path for path in source.rglob("*") if path.is_file())


def _read_member(archive: zipfile.ZipFile, name: str) -> bytes:
    with archive.open(name) as file:
        content = file.read(MAX_FILE_BYTES + 1)
    if len(content) > MAX_FILE_BYTES:
        raise TooLarge(f"it has more than {MAX_FILE_BYTES:,} bytes")
    return content


def _find_classes(names: list[str], labels: Mapping[str, int], source: Path) -> dict[str, str]:
    """Return the class of each file that may be a picture, by its name: it is the name of its folder."""
    if len(names) > MAX_FILES:
        raise Malformed(f"{source.name} has {len(names):,} files; the limit is {MAX_FILES:,}", advice="Use a part of it.")
    found, others = {}, set()
    for name in names:
        path = PurePosixPath(name)
        if not may_be_picture(name):
            continue
        if path.parent.name in labels:
            found[name] = path.parent.name
        elif path.suffix.lower() in ENDINGS:  # anything else there, as the pipeline's mark that all data are brought, is no picture
            others.add(path.parent.name or name)
    if others:
        shown = ", ".join(sorted(others)[:5])
        raise Malformed(f"{source.name} has pictures in {shown}; expected folders named {', '.join(labels)}", advice=ADVICE)
    return found


def hash_files(classes: Mapping[str, str], read: Read, left_out: dict[str, str]) -> dict[str, tuple[str, str]]:
    """Return class and name by the hash of what is in a file; note what cannot be read, and what is in two classes."""
    files: dict[str, tuple[str, str]] = {}
    disputed: dict[str, str] = {}
    for name, label in classes.items():
        try:
            digest = hashlib.sha256(read(name)).hexdigest()
        except (*READING_ERRORS, InvalidInput) as error:
            left_out[name] = str(error)
            continue
        if digest in files and files[digest][0] != label:
            left_out[name] = f"in another class the same picture is {files[digest][1]}"
            disputed[digest] = name
        files.setdefault(digest, (label, name))
    for digest, other in disputed.items():
        _, name = files.pop(digest)
        left_out[name] = f"in another class the same picture is {other}"
    return files


def _decode(recipe: Recipe, names: list[str], read: Read, labels: Mapping[str, int], left_out: dict[str, str]) -> Split:
    """Return the pictures of these names as instances, mapped from a file that goes when they do."""
    targets = []
    with tempfile.TemporaryFile() as file:
        for name in names:
            try:
                file.write(recipe.from_image(read(name)))
            except (*READING_ERRORS, InvalidInput) as error:
                left_out[name] = str(error)
                continue
            targets.append(labels[PurePosixPath(name).parent.name])
        file.flush()
        shape = (len(targets), *recipe.instance_shape)
        inputs = np.memmap(file, np.dtype(recipe.dtype), "r+", shape=shape) if targets else np.zeros(shape, recipe.dtype)
        return Split(np.asarray(inputs), np.array(targets, np.min_scalar_type(len(labels))))


def _show(left_out: Mapping[str, str]) -> str:
    if not left_out:
        return ""
    name, reason = next(iter(left_out.items()))
    return f"; {len(left_out):,} files could not be read, {name} because {reason}"
