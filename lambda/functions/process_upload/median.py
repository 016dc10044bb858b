"""The median of many values in little memory."""

from array import array
from heapq import merge
from itertools import islice

BLOCK = 32_768


def find_median(values: "array[float]") -> float:
    """Return the median of one value or more, and leave them in another order.

    All of them in one sorted list would take four times their memory.
    """
    starts = range(0, len(values), BLOCK)
    for at in starts:
        values[at : at + BLOCK] = array("d", sorted(values[at : at + BLOCK]))
    ordered = merge(*(memoryview(values)[at : at + BLOCK] for at in starts))
    middle = list(islice(ordered, (len(values) - 1) // 2, len(values) // 2 + 1))
    return (middle[0] + middle[-1]) / 2
