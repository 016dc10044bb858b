"""How long ago something was, in a few characters: 12 s, 5 min, 3 h, 2 d."""

from datetime import UTC, datetime

UNITS = (("d", 86_400), ("h", 3600), ("min", 60), ("s", 1))


def format_age(then: str | datetime | None, now: datetime | None = None) -> str:
    """Return a time's age; nothing for what is no time, and 0 s for one in the future, as another clock may have it.

    Args:    then: with a time zone; text is RFC 3339.
             now: replaced in tests.
    """
    try:
        begin = datetime.fromisoformat(then) if isinstance(then, str) else then
        age_s = int(((now or datetime.now(UTC)) - begin).total_seconds()) if begin else None
    except (ValueError, TypeError):
        age_s = None
    if age_s is None:
        return ""
    return format_duration(age_s)


def format_duration(seconds: int) -> str:
    """Return a time in its largest unit."""
    unit, length_s = next(each for each in UNITS if seconds >= each[1] or each[0] == "s")
    return f"{max(seconds, 0) // length_s} {unit}"
