"""How likely a piece of ink is one digit, and that two digits touch where it is cut: by shapes alone, or where a model has seen it."""

from math import exp, log

from recipes.digits.writing.cuts import Cut

# Of a digit's height: a one's usual width and its spread, other digits', and how common either is.
ONE_WIDTH, ONE_SPREAD, ONE_SHARE = 0.22, 0.10, 0.25
WIDTH, SPREAD, SHARE = 0.68, 0.17, 0.75
LEAST_HEIGHT, HEIGHT_WEIGHT = 0.9, 9.0  # of the part's height, and what a piece costs that is lower
# What a cut costs, and what each stroke beyond the free ones and each crossing beyond the first adds.
CUT_COST, FREE_STROKES, STROKE_WEIGHT = 0.5, 1.0, 1.0
DOUBTFUL_CUT_COST, DOUBTFUL_FREE_STROKES, DOUBTFUL_STROKE_WEIGHT = 2.0, 0.3, 1.5  # where the width allows one digit
SLIGHT = 0.6  # strokes; what hangs together by less costs no more there
CROSSING_WEIGHT, JUDGED_CROSSING_WEIGHT = 1.5, 0.7  # the second where the width says that it is several, and the model judges
# Where the model has seen the pieces: ink counts less, and height more, because it trusts some low pieces of digits.
SEEN_HEIGHT_WEIGHT, SEEN_CUT_COST, SEEN_STROKE_WEIGHT = 16.0, 3.0, 0.3
LEAST_TRUST, TRUST_WEIGHT = 1e-3, 1.2
LEAST_DOUBT, DOUBT_WEIGHT = 5e-4, 0.5  # what is left to 1: .999 says more than .99
SHARED_WEIGHT = 1.0  # for each stroke of ink that a piece shares with the next: a thick digit's edge and a stroke more are a digit again

Box = tuple[int, int, int, int]  # left, top, right, bottom


def rate_shape(box: Box, height: float, whole_height: int, *, is_seen: bool = False) -> float:
    """Return the log-likelihood that a piece is a digit, by its width and height.

    Args:    height: a digit's.
             whole_height: of the part that it is a piece of.
             is_seen: whether the model says more of it.
    """
    width = (box[2] - box[0]) / height
    one = ONE_SHARE * exp(-(((width - ONE_WIDTH) / ONE_SPREAD) ** 2) / 2) / ONE_SPREAD
    other = SHARE * exp(-(((width - WIDTH) / SPREAD) ** 2) / 2) / SPREAD
    low = max(0.0, LEAST_HEIGHT - (box[3] - box[1]) / whole_height)
    return log(one + other + 1e-4) - 0.5 - (SEEN_HEIGHT_WEIGHT if is_seen else HEIGHT_WEIGHT) * low


def rate_trust(trust: float, shared: float = 0.0) -> float:
    """Return the log-likelihood that a piece is a digit, by how far the model's answer to it can be trusted.

    Args:    shared: how many strokes of ink on either side were added that may be of both digits.
    """
    return TRUST_WEIGHT * log(max(trust, LEAST_TRUST)) - DOUBT_WEIGHT * log(1 - trust + LEAST_DOUBT) - SHARED_WEIGHT * shared


def rate_cut(cut: Cut, *, is_wide: bool, is_shown: bool) -> float:
    """Return what a cut costs: digits touch in one place, and by little more than a stroke.

    Args:    is_wide: whether the width alone says that there are several digits.
             is_shown: whether the model will say more, so that a cut costs little even where the width allows one digit.
    """
    cost = _rate_crossings(cut, is_judged=is_wide and is_shown)
    if is_wide or is_shown:
        return cost + CUT_COST + STROKE_WEIGHT * _count_surplus(cut)
    cut_cost = CUT_COST if cut.crossings <= 1 and cut.strokes < SLIGHT else DOUBTFUL_CUT_COST
    return cost + cut_cost + DOUBTFUL_STROKE_WEIGHT * max(0.0, cut.strokes - DOUBTFUL_FREE_STROKES)


def rate_seen_cut(cut: Cut, *, is_wide: bool) -> float:
    """Return what a cut costs between pieces that the model has seen."""
    return _rate_crossings(cut, is_judged=is_wide) + SEEN_CUT_COST + SEEN_STROKE_WEIGHT * _count_surplus(cut)


def _rate_crossings(cut: Cut, *, is_judged: bool) -> float:
    return (JUDGED_CROSSING_WEIGHT if is_judged else CROSSING_WEIGHT) * max(0, cut.crossings - 1)


def _count_surplus(cut: Cut) -> float:
    """Return the strokes' width of ink that a cut crosses beyond what two digits share."""
    return max(0.0, cut.strokes - FREE_STROKES)
