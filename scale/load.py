"""What a deployment is asked: so many requests, and so many images in files. Each rate names its time, so that none is read wrongly."""

import re
from dataclasses import dataclass

from recipes.errors import InvalidSettings

HOURS = 730  # of a month, as AWS's own calculator has it
MONTH_S = HOURS * 3600
SECONDS = {"s": 1, "min": 60, "h": 3600, "day": 86_400, "month": MONTH_S}
TIMES = {"": 1, "k": 1e3, "M": 1e6, "G": 1e9}
WRITTEN = re.compile(r"((?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?:e[+-]?\d{1,2})?)\s*([kMG]?)\s*/\s*(s|min|h|day|month)")
MOST_PER_S = 1e6  # ten times what the simulation has been looked at for


@dataclass(frozen=True, slots=True)
class Load:
    """What is asked, on average.

    Args:    requests_s: predictions through the API in a second.
             images_s: rows or pictures in uploaded files.
             images_per_file: of them in one file.
             peak: the busiest minute's requests, as a multiple of the average.
             active_hours: of a day in which there are any.
    """

    requests_s: float = 0
    images_s: float = 0
    images_per_file: int = 1_000
    peak: float = 1
    active_hours: float = 24

    @property
    def requests(self) -> float:
        """Of a month."""
        return self.requests_s * MONTH_S

    @property
    def images(self) -> float:
        """Of a month."""
        return self.images_s * MONTH_S

    @property
    def files(self) -> float:
        """Of a month."""
        return self.images / self.images_per_file

    @property
    def busiest_s(self) -> float:
        """Requests a second in the busiest minute: all of a day's are within its active hours."""
        return self.requests_s * self.peak * 24 / self.active_hours


def parse_rate(text: str, option: str) -> float:
    """Return how many a second `100/s`, `5M/month`, `1e9/day` or `20k/h` are.

    Raises:  InvalidSettings: it is written otherwise, or is more than a million a second.
    """
    found = WRITTEN.fullmatch(text.strip())
    if not found:
        example = "write a number and its time, like 100/s, 20k/h, 1e9/day or 5M/month"
        raise InvalidSettings(f"{option} is {text!r}, which names no number a time", advice=example)
    number, times, unit = found.groups()
    rate_s = float(number.replace(",", "")) * TIMES[times] / SECONDS[unit]
    if rate_s > MOST_PER_S:
        most = f"at most {MOST_PER_S:,.0f} can be estimated"
        raise InvalidSettings(f"{option} is {text!r}, which is {rate_s:.3g} a second; {most}", advice="ask for less")
    return rate_s
