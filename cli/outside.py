"""What the commands reach the world through. A test gives its own as typer's `obj`, and nothing is patched."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.request import urlopen

import typer

from cli import aws, s3
from cli.api import Opener
from local.run_state import read_state


@dataclass(frozen=True, slots=True)
class Outside:
    """The world.

    Args:    open: how the API and downloads are reached.
             post: how a form gets to S3.
             aws: a stage's AWS clients, by service.
             local_stack: whether one runs on this machine.
             sleep, clock: time.
    """

    open: Opener = urlopen
    post: s3.Post = s3.post
    aws: Callable[[str], Callable[[str], Any]] = aws.clients
    local_stack: Callable[[], bool] = lambda: read_state() is not None
    sleep: Callable[[float], object] = time.sleep
    clock: Callable[[], float] = time.monotonic


def outside(context: typer.Context) -> Outside:
    """Return the world, or what a test put in its place."""
    return context.obj if isinstance(context.obj, Outside) else Outside()
