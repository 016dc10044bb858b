"""A recipe out of pictures: its classes are the folders' names, its size and colour what the pictures have."""

import io
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from statistics import median

from PIL import Image, ImageChops

from recipes.errors import InvalidInput, Malformed
from recipes.pictures.decode import decode_color
from recipes.pictures.folders import ENDINGS, READING_ERRORS, hash_files, may_be_picture, open_files
from recipes.pictures.squares import SIDE

LEAST_PICTURES_OF_A_CLASS = 5  # so that each class is in what is trained, chosen and measured on
FEW_PICTURES = 50  # of a class: fewer teach a network little
MOST_CLASSES = 1_000
SMALL_SIDE = 128  # of the square where the pictures are small; the small network takes no smaller one
SHOWN_PX = 256  # of the picture that is kept for the tests
GREY_LEVELS = 8  # that red, green and blue of a grey picture differ by at most: a JPEG of colours rounds them
SPLITS = {"train", "training", "val", "valid", "validation", "test", "testing"}  # folders that hold the classes once more
NO_TEXT = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")  # control characters, and bytes of a name that is not UTF-8
ADVICE = "Put the pictures into folders named as their classes are, one for each, beside each other; or a zip of those."
Progress = Callable[[int, int], None]


@dataclass(slots=True)
class PictureGuess:
    """What pictures are taken for.

    Args:    counts: how many can be read, by class.
             side: of the square that the model is shown; is_grey: whether it is grey.
             left_out: why, of each file that is in no class, by its name.
             unread_folders: with files in them, none of which is named as a picture.
             sample: a class, and a small PNG of one of its pictures.
    """

    counts: dict[str, int]
    side: int
    is_grey: bool
    left_out: dict[str, str] = field(default_factory=dict)
    unread_folders: list[str] = field(default_factory=list)
    sample: tuple[str, bytes] = ("", b"")

    @property
    def labels(self) -> tuple[str, ...]:
        """The classes, in the order of the model's probabilities."""
        return tuple(self.counts)

    @property
    def largest_share(self) -> float:
        """The share of the class that has the most: what naming it always would reach."""
        return max(self.counts.values()) / sum(self.counts.values())


def guess_pictures(source: Path, progress: Progress = lambda *_: None) -> PictureGuess:
    """Return what the pictures of a folder or zip are taken for; each is decoded once.

    Args:    progress: called with pictures looked at, pictures in all.
    Raises:  Malformed: no classes, or one that has too few pictures that can be read.
    """
    left_out: dict[str, str] = {}
    with open_files(source) as (all_names, read):
        names = [name for name in all_names if may_be_picture(name)]
        labels = find_labels(names, source.name)
        chosen = {name: label for name in names if (label := PurePosixPath(name).parent.name) in labels}
        files = hash_files(chosen, read, left_out)
        sizes, is_grey, sample = [], True, ("", b"")
        counts: Counter[str] = Counter()
        for done, (label, name) in enumerate(files.values(), start=1):
            progress(done, len(files))
            try:
                picture = decode_color(read(name), target_px=SHOWN_PX)
            except (*READING_ERRORS, InvalidInput) as error:
                left_out[name] = str(error)
                continue
            counts[label] += 1
            sizes.append(min(picture.info["full_size"]))
            is_grey = is_grey and _is_grey(picture)
            sample = sample if sample[0] else (label, _shrink(picture))
    few = {label: f"{label!r} ({counts[label]})" for label in labels if counts[label] < LEAST_PICTURES_OF_A_CLASS}
    if few:
        theirs = [f"{name}: {reason}" for name, reason in left_out.items() if PurePosixPath(name).parent.name in few]
        shown = "; ".join((", ".join(few.values()), *theirs[:3]))
        raise Malformed(
            f"these classes have fewer than {LEAST_PICTURES_OF_A_CLASS} different pictures that can be read: {shown}",
            advice="Bring more pictures of them, or take their folders out.",
        )
    unread = sorted({PurePosixPath(name).parent.name for name in names if name not in chosen} - {""})
    side = SIDE if median(sizes) > SMALL_SIDE else SMALL_SIDE
    return PictureGuess({label: counts[label] for label in labels}, side, is_grey, left_out, unread, sample)


def find_labels(names: Sequence[str], source: str) -> list[str]:
    """Return the classes: the names of the folders that hold pictures, sorted; raise Malformed where the folders do not say which.

    Args:    names: of the files, with their folders; source: what they are in, for people.
    """
    pictures = [path for name in names if (path := PurePosixPath(name)).suffix.lower() in ENDINGS]
    if not pictures:
        kinds = Counter(PurePosixPath(name).suffix.lower() or "no ending" for name in names)
        held = f"; it has {len(names):,} files: {', '.join(kind for kind, _ in kinds.most_common(5))}" if names else ""
        raise Malformed(f"{source} has no pictures{held}", advice=f"{ADVICE} Of a table name the csv itself.")
    folders = {path.parent for path in pictures}
    labels = sorted({folder.name for folder in folders} - {""}, key=_sort_key)
    above = {parent for folder in folders for parent in folder.parents}
    if (beside := sorted(str(path) for path in pictures if path.parent in above)) or not labels:
        some = beside or [str(path) for path in pictures]
        raise Malformed(
            f"{source} has {len(some):,} pictures beside its folders, which have no class: {', '.join(some[:3])}", advice=ADVICE
        )
    parents = {folder.parent for folder in folders}
    if len(parents) > 1 and not all(parent.name.casefold() in SPLITS for parent in parents):
        shown = ", ".join(map(str, sorted(folders)[:3]))
        raise Malformed(f"{source} has folders of pictures at several places, {shown}; a class is one folder", advice=ADVICE)
    if unnamed := [label for label in labels if NO_TEXT.search(label)]:
        raise Malformed(f"a class cannot be called {unnamed[0]!r}: that is no text of one line", advice="Give its folder another name.")
    if len(labels) == 1:
        raise Malformed(f"{source} has one class, {labels[0]!r}; expected two or more", advice=ADVICE)
    if len(labels) > MOST_CLASSES:
        raise Malformed(f"{source} has {len(labels):,} classes; the limit is {MOST_CLASSES:,}", advice="Put classes together.")
    alike = [name for name, count in Counter(label.casefold() for label in labels).items() if count > 1]
    if alike:
        shown = " and ".join(repr(label) for label in labels if label.casefold() == alike[0])
        raise Malformed(f"the folders {shown} differ in capital letters alone", advice="Put them together, or give one another name.")
    return labels


def _sort_key(label: str) -> tuple[int, str]:
    return (int(label) if label.isdecimal() else -1, label)


def _is_grey(picture: Image.Image) -> bool:
    red, green, blue = picture.split()
    return not any(any(ImageChops.difference(one, other).histogram()[GREY_LEVELS + 1 :]) for one, other in ((red, green), (green, blue)))


def _shrink(picture: Image.Image) -> bytes:
    small, file = picture.copy(), io.BytesIO()
    small.thumbnail((SHOWN_PX, SHOWN_PX))
    small.info = {}
    small.save(file, "PNG")
    return file.getvalue()
