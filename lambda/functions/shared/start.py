"""A function's start: importing what it needs, and building its handler."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def suspend_collection() -> Iterator[None]:
    """Let Python collect no garbage meanwhile, and never look through what was made: modules and handlers stay.

    Looking through them again and again takes a tenth of a start.
    """
    gc.disable()
    yield
    gc.freeze()
    gc.enable()
