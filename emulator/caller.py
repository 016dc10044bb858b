"""The process that started the emulator: `up` holds the other end of a pipe. A kernel that is killed can stop nothing."""

import os
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop

GO_ON = b"\n"  # what a caller writes that ends before its stack does


def watch_caller(loop: "AbstractEventLoop", pipe: int, on_end: Callable[[], None]) -> None:
    """Call `on_end` in the loop when the caller has ended, however it did; after its GO_ON, never."""

    def read() -> None:
        loop.remove_reader(pipe)
        if not os.read(pipe, len(GO_ON)):
            on_end()

    loop.add_reader(pipe, read)
