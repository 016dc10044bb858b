"""Large JSON in pieces: a parser holds the lock of Python's threads until it is done, and with it all other requests."""

from typing import Any

import orjson

PIECE_BYTES = 1 << 16
BEGINNINGS, END = (b'{"instances":[', b'{"instances": ['), b"]}"


def load_instances(body: bytes, deepest: int) -> list[Any] | None:
    """Return the list of a body that is `{"instances": […]}` of lists and nothing else; None where only the whole can be parsed.

    A list is the same as its pieces one after the other where each piece, in brackets, is JSON by itself: so it does not matter whether a
    cut is at the end of an instance, and what is wrong is found by whoever parses the whole then.

    Args:    deepest: how many lists may be in each other at most in an instance.
    """
    begin = next(filter(body.startswith, BEGINNINGS), b"")
    at, end = len(begin), len(body) - len(END)
    start = body[at : at + deepest]
    depth = len(start) - len(start.lstrip(b"["))
    if not begin or not depth or not body.endswith(END):
        return None
    joints = [b"]" * depth + separator + b"[" * depth for separator in (b",", b", ")]
    joint = joints[joints[1] in body]
    found = []
    while at < end:
        cut = body.find(joint, at + PIECE_BYTES, end)
        stop = end if cut < 0 else cut + depth
        try:
            found += orjson.loads(b"[%b]" % body[at:stop])
        except ValueError:
            return None
        at = end if cut < 0 else cut + len(joint) - depth
    return found
