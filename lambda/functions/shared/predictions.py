"""The id of an answer of POST /predictions, and the keys of its feedback: pure names, shared by two functions and the command.

results bucket   feedback/given/<day>/<hash>-<n>.json                                           the label given for instance n, once
                 feedback/outcomes/<recipe>/<variant>/<version>/<day>/<right|wrong>/<hash>-<n>  empty: a listing is all that a report needs
"""

import base64
import hashlib
import json
import re
import time
from collections.abc import Sequence
from typing import Any, NamedTuple

from functions.shared import areas
from functions.shared.compact_json import encode_compact
from functions.shared.signature import sign, verify
from recipes.instances import MAX_INSTANCES

SCHEMA, SCHEMA_OF_SEVERAL = 2, 3  # the second says which recipe answered
LONGEST_ID = 8_000  # a gateway takes 10,240 bytes of address and headers; the id of 1,000 digits has 2,800
_SAFE = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.+-")
_ID = rf"[A-Za-z0-9_-]{{1,{LONGEST_ID}}}"  # compiled when the first feedback is given


class Prediction(NamedTuple):
    """An answer, as far as feedback needs to know it; its id holds all of this and is signed, so that nothing is stored when predicting.

    Args:    request_id: the API's.
             variant, version: which model predicted.
             at_s: when, in whole seconds since 1970.
             predicted: the place of each instance's label among the recipe's; None for a label that is not among them.
             recipe: which answered; empty where the deployment has one.
    """

    request_id: str
    variant: str
    version: str
    at_s: int
    predicted: tuple[int | None, ...]
    recipe: str = ""

    @classmethod
    def from_response(
        cls,
        request_id: str,
        model: dict[str, Any],
        predictions: Sequence[dict[str, Any]],
        labels: Sequence[int | str],
        at_s: float,
        *,
        recipe: str = "",
    ) -> "Prediction":
        """Return the name of what the endpoint responded with.

        Args:    model, predictions: the endpoint's, whoever's container they are from.
                 labels: the recipe's.
                 recipe: its name, where the deployment has several.
        """
        places = tuple(labels.index(label) if (label := each.get("label")) in labels else None for each in predictions)
        return cls(request_id, _make_safe(model.get("variant")), _make_safe(model.get("version")), int(at_s), places, recipe)

    @classmethod
    def from_id(cls, id_: str, owner: str, keys: Sequence[str]) -> "Prediction | None":
        """Return what an id says; None if this stage did not sign it for this owner: nothing of it is read then.

        Args:    keys: of the stage, any of which may have signed it.
        """
        text = verify(id_, owner, keys) if re.fullmatch(_ID, id_) else None
        if text is None:
            return None
        schema, *rest = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        if schema not in {SCHEMA, SCHEMA_OF_SEVERAL}:  # signed by another version of this function
            return None
        request_id, variant, version, at_s, places, *recipe = rest
        return cls(request_id, variant, version, at_s, tuple(places), *recipe) if len(places) <= MAX_INSTANCES else None

    def to_id(self, owner: str, key: str) -> str:
        """Return the answer's id: opaque, safe in an address, about 150 characters for one instance.

        Args:    owner: who asked, and alone may say whether it was right.
                 key: of the stage.
        """
        return sign(self._text, owner, key)

    @property
    def day(self) -> str:
        """The day it was made, like 2026-11-21, in UTC."""
        return time.strftime("%Y-%m-%d", time.gmtime(self.at_s))

    def label_key(self, instance: int) -> str:
        """Return the key of the label given for an instance, counted from 0."""
        return f"{areas.LABELS}/{self.day}/{self._name(instance)}.json"

    def outcome_key(self, recipe: str, instance: int, *, right: bool) -> str:
        """Return the key that a report counts."""
        place = f"{outcomes_of(recipe)}{self.variant}/{self.version}/{self.day}"
        return f"{place}/{'right' if right else 'wrong'}/{self._name(instance)}"

    def _name(self, instance: int) -> str:
        return f"{hashlib.sha256(self._text.encode()).hexdigest()[:32]}-{instance}"

    @property
    def _text(self) -> str:
        said = [self.request_id, self.variant, self.version, self.at_s, list(self.predicted)]
        packed = [SCHEMA_OF_SEVERAL, *said, self.recipe] if self.recipe else [SCHEMA, *said]
        return base64.urlsafe_b64encode(encode_compact(packed).encode()).decode().rstrip("=")


class Outcome(NamedTuple):
    """What the key of an outcome says."""

    variant: str
    version: str
    day: str
    right: bool


def outcomes_of(recipe: str) -> str:
    """Return the prefix of a recipe's outcomes in the results bucket."""
    return f"{areas.FEEDBACK}/outcomes/{recipe}/"


def parse_outcome(key: str) -> Outcome:
    """Return what the key of an outcome says."""
    _, _, _, variant, version, day, side, _ = key.split("/")
    return Outcome(variant, version, day, side == "right")


def _make_safe(name: object) -> str:
    """Return a name that may be part of a key."""
    text = str(name or "")
    if not _SAFE.issuperset(text):
        text = "".join(each if each in _SAFE else "_" for each in text)
    return text.lstrip(".+-")[:100] or "unknown"
