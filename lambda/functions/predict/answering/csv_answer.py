"""An answer as CSV, for who opens it in a spreadsheet. Imported only when a request may ask for it."""

from typing import Any

from functions.shared.answer_table import CONTENT_TYPE, format_csv
from functions.shared.http.accept import prefers
from functions.shared.http.invocation import Reply
from recipes.errors import InvalidInput
from recipes.media_types import CSV, JSON
from recipes.recipe import Recipe


def wants_csv(accept: str, shown: str) -> bool:
    """Return whether a request prefers CSV to JSON.

    Args:    accept: its header.
             shown: what it wants of what the model saw; "" for nothing.
    Raises:  InvalidInput: it wants both CSV and what the model saw.
    """
    if not prefers(accept, CSV, JSON):
        return False
    if shown:
        raise InvalidInput(f"include is {shown}, which CSV has no column for", advice="Leave it out, or ask for application/json.")
    return True


def build_csv(answer: dict[str, Any], recipe: Recipe) -> Reply:
    """Return the predictions of an answer as CSV, with a header line; the id that takes feedback and the notes' codes are headers.

    Args:    answer: what the request would be answered in JSON.
    """
    version = answer["model"].get("version")
    rows = ({"row": number, **each, "model": version} for number, each in enumerate(answer["predictions"], 1))
    table = b"".join(format_csv(rows, recipe, ("picture",) if "pictures" in answer else ()))
    notes = {"x-notes": ", ".join(note["code"] for note in answer["notes"])} if "notes" in answer else {}
    return Reply(table.decode(), headers={"content-type": CONTENT_TYPE, "x-prediction-id": answer["id"], **notes})
