"""A picture's rows: the instances found in it; and where it can be cut in several ways, those that the model's answers decide for."""

from collections.abc import Callable, Iterable
from dataclasses import replace

from functions.process_upload.lines import Line
from functions.shared.reading.notes import Note
from functions.shared.reading.rows import Row, Rows
from recipes.errors import BlankImage
from recipes.recipe import Picture


def list_rows(picture: Picture, notes: tuple[Note, ...], noun: str) -> Rows:
    """Return the rows of what was found in a picture; raise BlankImage if that is nothing; `noun` as of a recipe."""
    if not picture.found:
        marks = f"; {len(picture.unread):,} marks could not be read" if picture.unread else ""
        raise BlankImage(f"no {noun} was found{marks}", advice="Write larger and darker.")
    rows = [Row(number, each.instance, about=each.describe_place()) for number, each in enumerate(picture.found, 1)]
    return Rows("image", iter(rows), len(rows), notes, picture)


def predict_picture(rows: Rows, picture: Picture, predict: Callable[[Iterable[Row]], Iterable[Line]], noun: str) -> tuple[Rows, list[Line]]:
    """Return the rows of a picture as the model's answers to all of its instances decide them, and their lines.

    Args:    predict: gives a line for each row.
             noun: what the recipe calls what an instance shows.
    """
    instances = picture.list_instances()
    answers = dict(zip(instances, predict(Row(number, instance) for number, instance in enumerate(instances, 1)), strict=True))
    chosen = list_rows(picture.decide({instance: line.prediction or {} for instance, line in answers.items()}), rows.notes, noun)
    lines = [replace(answers[row.instance], row=row.number, about=row.about) for row in chosen.rows if row.instance]
    return chosen, lines
