"""The files of a recipe of pictures. The pictures stay where they are."""

import hashlib
import json
from collections.abc import Mapping
from functools import partial
from pathlib import Path

from cli.scaffold.picture_guess import PictureGuess
from cli.scaffold.writing import WIDEST, fill, make_markdown, make_plain, quote, write_files, write_imports
from recipes.pictures.squares import SIDE, read_color_square, read_grey_square

PICTURE = "picture.png"
LONGEST_LIST = 80  # of classes in a line
MOST_LEFT_OUT = 20  # files in the card


def name_variable(name: str) -> str:
    """Return the variable of the environment that says where a recipe's pictures are."""
    return f"INFERSTACK_{name.upper()}"


def write_recipe(folder: Path, title: str, source: Path, guess: PictureGuess) -> list[Path]:
    """Write a recipe's folder, which must not exist, and return its files.

    Args:    folder: recipes/<name>.
             source: the folder or zip of the pictures.
    """
    name, total, label_list = folder.name, sum(guess.counts.values()), make_plain(", ".join(guess.labels))
    is_small = guess.side != SIDE
    reader = "read_grey_square" if guess.is_grey else "read_color_square"
    values = {
        "name": name,
        "title": make_plain(title),
        "source": make_plain(source.name),
        "variable": name_variable(name),
        "imports_of_dataset": write_imports(name, "from recipes.pictures import folders"),
        "imports_of_squares": reader if is_small else f"SIDE, {reader}",
        "set_side": f"SIDE = {guess.side}  # the pictures are small\n\n" if is_small else "",
        "partial": "from functools import partial\n\n" if is_small else "",
        "read_image": f"partial({reader}, side=SIDE)" if is_small else reader,
        "shape": "(SIDE, SIDE)" if guess.is_grey else "(SIDE, SIDE, 3)",
        "labels": write_labels(guess.labels),
        "weights": "random" if guess.is_grey else "published",
        "threshold": f"{guess.largest_share:.2f}",
        "kinds": label_list if len(label_list) <= LONGEST_LIST else f"{len(guess.labels)} classes",
        "pictures": f"{total:,}",
        "side_px": guess.side,
        "colors": "grey" if guess.is_grey else "in colour",
    }
    card = {
        **values,
        "title": make_markdown(title),
        "source": make_markdown(source.name),
        "classes": make_markdown(", ".join(guess.labels)),
        "counts": "".join(f"| {make_markdown(label)} | {count:,} | {count / total:.1%} |\n" for label, count in guess.counts.items()),
        "left_out": write_left_out(guess.left_out),
    }
    label, picture = guess.sample
    read = partial(read_grey_square if guess.is_grey else read_color_square, side=guess.side)
    case = {"file": PICTURE, "label": label, "pixels_sha256": hashlib.sha256(read(picture).values).hexdigest()}
    return write_files(
        folder,
        {
            "__init__.py": "",
            "recipe.py": fill("pictures/recipe.py", values),
            "dataset.py": fill("pictures/dataset.py", values),
            "README.md": fill("pictures/README.md", card),
            f"golden/{PICTURE}": picture,
            "golden/cases.json": json.dumps([case], indent=1, ensure_ascii=False) + "\n",
        },
    )


def write_left_out(left_out: Mapping[str, str]) -> str:
    """Return the first files that are in no class as lines of the card, and how many more there are."""
    lines = [f"- {make_markdown(f'{name}: {reason}')}\n" for name, reason in left_out.items()] or ["- nothing\n"]
    more = len(lines) - MOST_LEFT_OUT
    return "".join(lines[:MOST_LEFT_OUT]) + f"- and {more:,} more\n" * (more > 0)


def write_labels(labels: tuple[str, ...]) -> str:
    """Return the classes as a tuple of Python."""
    line = f"({', '.join(map(quote, labels))})"
    if len(f"    classes={line},") <= WIDEST:
        return line
    return "".join(("(\n", *(f"        {quote(label)},\n" for label in labels), "    )"))
