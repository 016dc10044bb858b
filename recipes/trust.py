"""How far an answer can be trusted: the name of the graph's output, and the words for it."""

from dataclasses import dataclass

TRUST = "trust"
CERTAIN, UNSURE, NO_DIGIT = "certain", "unsure", "not a digit"
VERDICTS = (CERTAIN, UNSURE, NO_DIGIT)


@dataclass(frozen=True, slots=True)
class Thresholds:
    """The least trust that a certain answer has, and the least of what is a digit at all; a manifest's `output.trust`."""

    certain: float
    digit: float

    def judge(self, trust: float) -> str:
        """Return the verdict."""
        return CERTAIN if trust >= self.certain else UNSURE if trust >= self.digit else NO_DIGIT
