"""All that is said of a load: five bills, where one way begins to cost less than another, what breaks, and what a doubling does."""

from collections.abc import Sequence
from dataclasses import dataclass

from deployment.settings import Settings
from scale.bill import Line, add_up, list_lines
from scale.break_even import find_break_even
from scale.ceilings import Ceiling, list_broken, list_ceilings
from scale.facts import find_assumption, find_limit, list_from_memory
from scale.load import Load
from scale.surge import Surge, simulate_surge
from scale.transform import leave_to_endpoint
from scale.ways import Kind, Way, list_ways

BreakEven = tuple[Kind, Kind, float | None]  # two ways, and the requests a second from which the second costs less; None for never
PAIRS: tuple[tuple[Kind, Kind], ...] = (
    ("serverless", "zero"),
    ("serverless", "cpu"),
    ("serverless", "tutorial"),
    ("serverless", "gpu"),
)
ALARM_S = 60  # the least in which an alarm sees that a request failed


@dataclass(frozen=True, slots=True)
class Estimate:
    """One way's.

    Args:    at_endpoint: what of the load its endpoint is asked.
             lines: its bill of a month.
             ceilings, broken: where it ends, and which of these the load is beyond; the lowest first.
             surge: what a doubling does.
             first_answer_s: how long nobody is answered after a quiet time.
    """

    way: Way
    at_endpoint: Load
    lines: Sequence[Line]
    ceilings: Sequence[Ceiling]
    broken: Sequence[Ceiling]
    surge: Surge
    first_answer_s: float

    @property
    def usd(self) -> float:
        """The month's sum."""
        return add_up(list(self.lines))

    @property
    def by_service(self) -> dict[str, float]:
        """The month's sum by service."""
        sums: dict[str, float] = {}
        for line in self.lines:
            sums[line.service] = sums.get(line.service, 0.0) + line.usd
        return sums


def estimate_ways(load: Load, settings: Settings) -> list[Estimate]:
    """Return the estimate of each way.

    Raises:  InvalidSettings: a price or a rate that is not in the files.
    """
    return [_estimate(way, load, settings) for way in list_ways(settings)]


def list_break_evens(load: Load, settings: Settings) -> list[BreakEven]:
    """Return pairs of ways, and the requests a second from which the second costs less; None where it never does."""
    ways = {way.kind: way for way in list_ways(settings)}
    return [(cheap, dear, find_break_even(ways[cheap], ways[dear], load, settings)) for cheap, dear in PAIRS]


def list_unchecked(estimates: Sequence[Estimate]) -> list[str]:
    """Return the names of the prices in these bills that are from memory."""
    return list_from_memory(line.price for estimate in estimates for line in estimate.lines)


def _estimate(way: Way, load: Load, settings: Settings) -> Estimate:
    ceilings = list_ceilings(way, load, settings)
    first_s = {"serverless": find_assumption("serverless-start-s"), "zero": ALARM_S + find_limit("instance-start-s")}.get(way.kind, 0.0)
    return Estimate(
        way,
        leave_to_endpoint(way, load, settings),
        list_lines(way, load, settings),
        ceilings,
        list_broken(ceilings, load),
        simulate_surge(way, load, settings),
        first_s,
    )
