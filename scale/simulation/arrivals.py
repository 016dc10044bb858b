"""When requests arrive: at random and independently of each other, as they do of many callers. The same seed gives the same run."""

import math
from collections.abc import Callable, Iterator
from random import Random

Rate = Callable[[float], float]  # requests a second at a time in seconds
NORMAL_FROM = 50  # a Poisson number of this mean and more is drawn as a normal one


def draw_arrivals(rate_s: float, duration_s: float, random: Random) -> Iterator[float]:
    """Yield the times of a Poisson process, in seconds."""
    at_s = random.expovariate(rate_s)
    while at_s < duration_s:
        yield at_s
        at_s += random.expovariate(rate_s)


def draw_count(mean: float, random: Random) -> int:
    """Return how many arrive where `mean` are expected."""
    if mean >= NORMAL_FROM:
        return max(0, round(random.gauss(mean, math.sqrt(mean))))
    count, product, limit = 0, random.random(), math.exp(-mean)
    while product > limit:
        count, product = count + 1, product * random.random()
    return count
