"""What an answer says of its instances beside their predictions."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from functions.shared.reading.batch import Batch
from functions.shared.reading.categories import UNKNOWN, list_unknown_notes
from functions.shared.reading.marks import MARKS, list_mark_notes
from functions.shared.reading.notes import Note
from recipes.recipe import Recipe
from recipes.trust import CERTAIN


def describe_instances(predictions: Sequence[dict[str, Any]], batch: Batch, recipe: Recipe) -> list[dict[str, Any]]:
    """Return the predictions with what is said of each instance."""
    described = list(predictions)
    for index, count in batch.counts.items():
        described[index] = {**described[index], recipe.count_field: count}
    for index, count in batch.marks.items():
        described[index] = {**described[index], MARKS: count}
    for index, columns in batch.unknown.items():
        described[index] = {**described[index], UNKNOWN: columns}
    if batch.details:
        described = [{**each, **details} for each, details in zip(described, batch.details, strict=True)]
    return described


def list_notes(batch: Batch, recipe: Recipe) -> list[Note]:
    """Return the notes on how a batch was read; and on pictures of several instances or with other ink, if there are any."""
    notes = list(batch.notes)
    if batch.counts:
        where = "the picture" if len(batch.counts) == 1 else f"{len(batch.counts)} of the pictures"
        detail = f"{max(batch.counts.values())} {recipe.noun}s stand beside each other in {where}, and were answered as one"
        notes.append(Note(f"several-{recipe.noun}s", detail, "Send the picture to POST /predictions?digits=all to have each of them read."))
    if batch.marks:
        shown = "the picture shows" if len(batch.marks) == 1 else f"{len(batch.marks)} of the pictures show"
        advice = "Send the picture to POST /predictions?digits=all to have what stands before and after it told."
        notes += list_mark_notes(shown, recipe, advice)
    if batch.unknown:
        notes += list_unknown_notes(Counter(column for columns in batch.unknown.values() for column in columns))
    return notes


def tell_likeness(response: Mapping[str, Any]) -> dict[str, Any]:
    """Return, for the log, how like the inputs are to what the model knows: how many answers are in doubt, and which notes there are."""
    verdicts = [each["verdict"] for each in response["predictions"] if "verdict" in each]
    told: dict[str, Any] = {"doubted": len(verdicts) - verdicts.count(CERTAIN)} if verdicts else {}
    if "notes" in response:
        told["notes"] = [note["code"] for note in response["notes"]]
    return told
