"""What a check of `inferstack doctor` finds."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was checked: what was found and, where it is not ok, how to fix it."""

    name: str
    ok: bool
    found: str
    fix: str = ""
