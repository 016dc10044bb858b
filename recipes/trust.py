"""How far an answer can be trusted: the name of the graph's output, and the words for it."""

TRUST = "trust"
CERTAIN, UNSURE, NO_DIGIT = "certain", "unsure", "not a digit"
VERDICTS = (CERTAIN, UNSURE, NO_DIGIT)
