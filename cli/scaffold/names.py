"""What a recipe may be called: its folder is a package, and its name is part of names in AWS."""

import keyword
import re
import unicodedata
from collections.abc import Collection

from recipes.errors import InvalidSettings

LONGEST_NAME = 24  # with the stage and what an endpoint adds it stays below SageMaker's 63
ADVICE = "Use up to 24 lowercase letters, digits and underscores between words"


def check_name(name: str, taken: Collection[str]) -> None:
    """Raise InvalidSettings if no recipe may be called so.

    Args:    taken: the names of what is in recipes/.
    """
    if not re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", name) or len(name) > LONGEST_NAME:
        raise InvalidSettings(f"a recipe cannot be called {name[:80]!r}", advice=f"{ADVICE}, such as {_make_name(name) or 'bike_rental'}.")
    if keyword.iskeyword(name) or keyword.issoftkeyword(name):
        raise InvalidSettings(f"{name!r} is a word of Python", advice="Take another name.")
    if name in taken:
        raise InvalidSettings(f"recipes/ has a {name!r} already", advice="Take another name, or delete that recipe, if it is one.")


def _make_name(text: str) -> str:
    """Return a name of the words in a text; empty if they have none of a name's letters."""
    plain = unicodedata.normalize("NFKD", text.lower()).encode("ascii", "ignore").decode()
    return "_".join(re.findall(r"[a-z0-9]+", plain)).lstrip("0123456789_")[:LONGEST_NAME].rstrip("_")
