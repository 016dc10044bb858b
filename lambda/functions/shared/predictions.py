"""The id of an answer of POST /predictions, and the keys of its feedback: pure names, shared by two functions and the command.

results bucket   feedback/given/<day>/<hash>-<n>.json                                           the label given for instance n, once
                 feedback/outcomes/<recipe>/<variant>/<version>/<day>/<right|wrong>/<hash>-<n>  empty: a listing is all that a report needs
"""

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from functions.shared import areas

SCHEMA = 1
LONGEST_ID = 8_000  # a gateway takes 10,240 bytes of address and headers; the id of 1,000 digits has 2,800
_ID = re.compile(rf"[A-Za-z0-9_-]{{1,{LONGEST_ID}}}")
_NAME = re.compile(r"\w[\w.+-]{0,99}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Prediction:
    """An answer, as far as feedback needs to know it; its id holds all of this, so that nothing is stored when predicting.

    Args:    request_id: the API's.
             variant, version: which model predicted.
             at_s: when, in whole seconds since 1970.
             predicted: the place of each instance's label among the recipe's; None for a label that is not among them.
    """

    request_id: str
    variant: str
    version: str
    at_s: int
    predicted: tuple[int | None, ...]

    @classmethod
    def from_response(
        cls, request_id: str, model: dict[str, Any], predictions: Sequence[dict[str, Any]], labels: Sequence[int | str], at_s: float
    ) -> "Prediction":
        """Return the name of what the endpoint responded with.

        Args:    model, predictions: the endpoint's, whoever's container they are from.
                 labels: the recipe's.
        """
        places = tuple(labels.index(label) if (label := each.get("label")) in labels else None for each in predictions)
        return cls(request_id, _make_safe(model.get("variant")), _make_safe(model.get("version")), int(at_s), places)

    @classmethod
    def from_id(cls, id_: str) -> "Prediction | None":
        """Return what an id says, or None if no `Prediction.id` is this one."""
        if not _ID.fullmatch(id_):
            return None
        try:
            document = json.loads(base64.urlsafe_b64decode(id_ + "=" * (-len(id_) % 4)))
        except (ValueError, RecursionError, binascii.Error):
            return None
        match document:
            case [schema, str(request_id), str(variant), str(version), int(at_s), [_, *_] as places] if (
                schema == SCHEMA
                and _NAME.fullmatch(variant)
                and _NAME.fullmatch(version)
                and 0 <= at_s < 1 << 34
                and all(map(_is_place, places))
            ):
                prediction = cls(request_id, variant, version, at_s, tuple(places))
                return prediction if prediction.id == id_ else None  # an id could be written in other ways: only one of them counts
        return None

    @property
    def id(self) -> str:
        """The answer's id: opaque, safe in an address, about 130 characters for one instance."""
        packed = [SCHEMA, self.request_id, self.variant, self.version, self.at_s, list(self.predicted)]
        return base64.urlsafe_b64encode(json.dumps(packed, separators=(",", ":")).encode()).decode().rstrip("=")

    @property
    def day(self) -> str:
        """The day it was made, like 2026-11-21, in UTC."""
        return datetime.fromtimestamp(self.at_s, UTC).date().isoformat()

    def label_key(self, instance: int) -> str:
        """Return the key of the label given for an instance, counted from 0."""
        return f"{areas.LABELS}/{self.day}/{self._name(instance)}.json"

    def outcome_key(self, recipe: str, instance: int, *, right: bool) -> str:
        """Return the key that a report counts."""
        place = f"{outcomes_of(recipe)}{self.variant}/{self.version}/{self.day}"
        return f"{place}/{'right' if right else 'wrong'}/{self._name(instance)}"

    def _name(self, instance: int) -> str:
        return f"{hashlib.sha256(self.id.encode()).hexdigest()[:32]}-{instance}"


@dataclass(frozen=True, slots=True)
class Outcome:
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


def _is_place(value: object) -> bool:
    return value is None or (type(value) is int and 0 <= value < 1 << 20)


def _make_safe(name: object) -> str:
    """Return a name that may be part of a key."""
    return re.sub(r"[^\w.+-]", "_", str(name or ""), flags=re.ASCII).lstrip(".+-")[:100] or "unknown"
