"""What the account and its region are like: settable while the emulator runs, because tests and people try one thing after another."""

import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

log = logging.getLogger("inferstack.sagemaker")


@dataclass(frozen=True, slots=True)
class Conditions:
    """The conditions.

    Args:    cold_start_s: how long a container of a serverless endpoint takes to start.
             idle_s: how long it is kept without a request.
             lost_events: whether the events of changes of state are lost.
             silent_rollback: whether an endpoint that is updated goes back to its old configuration without a reason.
             quotas: by the name that Service Quotas has; what is not named has no limit.
    """

    cold_start_s: float = 2.0
    idle_s: float = 300.0
    lost_events: bool = False
    silent_rollback: bool = False
    quotas: Mapping[str, int] = field(default_factory=dict)


ReadConditions = Callable[[], Conditions]


class ConditionsFile:
    """The conditions in a JSON file, which may be written, changed and removed at any time.

    Args:    path: of an object with some of the fields of `Conditions`; without the file, they have their defaults.
    """

    def __init__(self, path: Path) -> None:
        self._path, self._written_at_ns, self._conditions = path, 0, Conditions()

    def __call__(self) -> Conditions:
        """Return the conditions now; a file that cannot be read changes nothing."""
        try:
            written_at_ns = self._path.stat().st_mtime_ns
        except FileNotFoundError:
            return Conditions()
        if written_at_ns != self._written_at_ns:
            self._written_at_ns = written_at_ns
            try:
                self._conditions = _parse_conditions(json.loads(self._path.read_text()))
            except (ValueError, TypeError) as error:
                log.warning("%s: %s", self._path.name, error)
        return self._conditions


def _parse_conditions(document: Any) -> Conditions:
    known = {each.name for each in fields(Conditions)}
    if not isinstance(document, dict) or (unknown := sorted(document.keys() - known)):
        raise ValueError(f"expected an object with {', '.join(sorted(known))}; got {unknown if isinstance(document, dict) else document}")
    return Conditions(**document)
