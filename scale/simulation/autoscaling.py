"""Application Auto Scaling's target tracking of a SageMaker variant, as far as AWS documents it: one look a minute, at whole minutes."""

from dataclasses import dataclass, field
from math import ceil, inf


@dataclass(frozen=True, slots=True)
class Policy:
    """When instances are added and taken away.

    Args:    target_per_min: requests of one instance in a minute that are held.
             least, most: instances.
             start_s: until a new instance serves.
             out_minutes, in_minutes: in a row above the target, and below `in_below` of it, until something is done.
             out_cooldown_s, in_cooldown_s: after it.
    """

    target_per_min: float
    least: int
    most: int
    start_s: float
    out_minutes: int = 3
    in_minutes: int = 15
    in_below: float = 0.9
    out_cooldown_s: float = 60
    in_cooldown_s: float = 300


@dataclass(slots=True)
class Autoscaler:
    """The instances of one variant.

    Args:    instances: that serve now.
    """

    policy: Policy
    instances: int
    _metric: list[float] = field(default_factory=list)
    _coming: tuple[float, int] = (inf, 0)
    _rests_until_s: float = 0

    def advance(self, now_s: float) -> None:
        """Let instances serve that have started by now."""
        ready_s, count = self._coming
        if ready_s <= now_s:
            self.instances, self._coming = count, (inf, 0)
            self._rests_until_s = ready_s + self.policy.out_cooldown_s

    def look(self, now_s: float, requests: float) -> None:
        """Decide at the end of a minute in which so many requests came."""
        policy = self.policy
        self._metric.append(requests / self.instances)
        if self._coming[1] or now_s < self._rests_until_s:  # one change at a time: the endpoint is being updated
            return
        wanted = min(policy.most, max(policy.least, ceil(self.instances * self._metric[-1] / policy.target_per_min)))
        if wanted > self.instances and self._is_all(policy.out_minutes, above=policy.target_per_min):
            self._coming = (now_s + policy.start_s, wanted)
        elif wanted < self.instances and self._is_all(policy.in_minutes, below=policy.in_below * policy.target_per_min):
            self.instances, self._rests_until_s = wanted, now_s + policy.in_cooldown_s

    def _is_all(self, minutes: int, *, above: float = -inf, below: float = inf) -> bool:
        last = self._metric[-minutes:]
        return len(last) == minutes and all(above < value < below for value in last)
