"""Which messages a standard queue gives away first: SQS's fair queues, as AWS describes them.

A tenant is what messages with the same MessageGroupId belong to; a message without one is a tenant of its own. A tenant is noisy while it
has more than a tenth of the messages in flight and at least thirty of them, or took more than a tenth of the consumers' time lately. The
messages of quiet tenants go first, then those of the noisy tenant with the fewest in flight. AWS calls its figures approximate, and does
not say how long "lately" is.
"""

from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

NOISY_SHARE = 0.1
NOISY_IN_FLIGHT = 30
LATELY_S = 60.0


@dataclass(frozen=True, slots=True)
class Message:
    """A message that is in a queue.

    Args:    group: its MessageGroupId; "" for none.
             is_in_flight: whether a consumer has it.
    """

    id: str
    group: str
    is_in_flight: bool


@dataclass(slots=True)
class _Delivery:
    group: str
    at_s: float
    ended_at_s: float | None = None


class FairDelivery:
    """What one queue gave away lately."""

    def __init__(self) -> None:
        self._running: dict[str, _Delivery] = {}
        self._ended: deque[_Delivery] = deque()

    def order(self, messages: Iterable[Message], now_s: float) -> Sequence[Message]:
        """Return the messages that no consumer has, those that go first in front.

        Args:    messages: all that are in the queue, the oldest first.
        """
        known = list(messages)
        in_flight = {message.id: message.group for message in known if message.is_in_flight}
        self._end_deliveries(in_flight.keys(), now_s)
        counts = Counter(group for group in in_flight.values() if group)
        noisy = self._find_noisy(counts, len(in_flight), now_s)
        waiting = [message for message in known if not message.is_in_flight]
        return sorted(waiting, key=lambda message: counts[message.group] + 1 if message.group in noisy else 0)

    def note(self, message: Message, now_s: float) -> None:
        """Keep in mind that a message was given to a consumer."""
        if message.group:
            self._running[message.id] = _Delivery(message.group, now_s)

    def _end_deliveries(self, in_flight: Iterable[str], now_s: float) -> None:
        """Take note of what consumers have deleted or given back, and forget what is long past."""
        for id_ in self._running.keys() - set(in_flight):
            delivery = self._running.pop(id_)
            delivery.ended_at_s = now_s
            self._ended.append(delivery)
        while self._ended and (self._ended[0].ended_at_s or now_s) < now_s - LATELY_S:
            self._ended.popleft()

    def _find_noisy(self, counts: Counter[str], in_flight: int, now_s: float) -> set[str]:
        times = defaultdict[str, float](float)
        for delivery in (*self._ended, *self._running.values()):
            times[delivery.group] += (delivery.ended_at_s or now_s) - delivery.at_s
        total_s = sum(times.values())
        by_time = {group for group, time_s in times.items() if time_s > NOISY_SHARE * total_s}
        by_count = {group for group, count in counts.items() if count >= NOISY_IN_FLIGHT and count > NOISY_SHARE * in_flight}
        return by_time | by_count
