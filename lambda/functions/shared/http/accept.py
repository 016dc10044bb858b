"""Which of two types of an answer a request prefers by its Accept header.

Source:  RFC 9110, 12.5.1. A header that takes neither is as good as none, which it allows: a 406 would help no caller.
"""

from recipes.media_types import read_media_type


def prefers(accept: str, wanted: str, default: str) -> bool:
    """Return whether a header prefers one media type to the default; named alike, the one that is named more exactly is preferred."""
    ranges = {read_media_type(each): _read_quality(each) for each in accept.split(",")}
    return _rate(wanted, ranges) > _rate(default, ranges)


def _rate(media_type: str, ranges: dict[str, float]) -> tuple[float, int]:
    """Return how much a type is wanted, from 0 to 1, and how exactly it is named."""
    names = ("*/*", f"{media_type.partition('/')[0]}/*", media_type)
    exactness = max((at for at, name in enumerate(names) if name in ranges), default=-1)
    quality = ranges[names[exactness]] if exactness >= 0 else 0.0
    return (quality, exactness) if quality > 0 else (0.0, -1)


def _read_quality(media_range: str) -> float:
    """Return the q of a range; 1 where it has none, or one that is no number from 0 to 1."""
    for parameter in media_range.split(";")[1:]:
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "q":
            try:
                quality = float(value)
            except ValueError:
                return 1.0
            return quality if 0 <= quality <= 1 else 1.0
    return 1.0
