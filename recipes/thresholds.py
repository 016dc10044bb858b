"""The thresholds of trust."""

from dataclasses import dataclass

from recipes.trust import CERTAIN, NO_DIGIT, UNSURE


@dataclass(frozen=True, slots=True)
class Thresholds:
    """The least trust that a certain answer has, and the least of what is a digit at all; a manifest's `output.trust`."""

    certain: float
    digit: float

    def judge(self, trust: float) -> str:
        """Return the verdict."""
        return CERTAIN if trust >= self.certain else UNSURE if trust >= self.digit else NO_DIGIT
