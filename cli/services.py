"""What the commands reach other programs through. A test gives its own as typer's `obj`, and nothing is patched."""

import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import typer

from cli.http import client as http_client
from cli.stage import aws
from cli.stage.toolkit import open_toolkit
from local.run_state import RunState, read_state

if TYPE_CHECKING:
    import httpx


@dataclass(frozen=True, slots=True)
class Services:
    """What lies outside this process.

    Args:    open_http: makes the client for the API and for S3.
             connect_aws: a stage's AWS clients, by service.
             open_local_s3: makes the client for the buckets of the stack on this machine.
             open_toolkit: (stage, region, other recipes than the first) → what deletes a stack by its name.
             has_local_stack: whether a stack runs on this machine.
             sleep, clock: time.
    """

    open_http: Callable[[], "httpx.Client"] = http_client.open_client
    connect_aws: aws.ConnectAws = aws.connect
    open_local_s3: Callable[[RunState], AbstractContextManager[Any]] = aws.open_local_s3
    open_toolkit: Callable[[str, str, Sequence[str]], Callable[[str], object]] = open_toolkit
    has_local_stack: Callable[[], bool] = lambda: read_state() is not None
    sleep: Callable[[float], object] = time.sleep
    clock: Callable[[], float] = time.monotonic


def get_services(context: typer.Context) -> Services:
    """Return the services, or a test's in their place."""
    return context.obj if isinstance(context.obj, Services) else Services()
