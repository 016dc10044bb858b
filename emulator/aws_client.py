"""Clients of the emulator's own services."""

import threading
from collections.abc import Callable
from functools import cache
from typing import Any

GetClient = Callable[[str], Any]  # a service's name → its boto3 client


def connect(endpoint_url: str) -> GetClient:
    """Return what gives the boto3 client of each service at an address; every caller gets the same client."""
    lock = threading.Lock()  # clients may be shared by threads; creating them may not

    @cache
    def create_client(service: str) -> Any:
        import boto3  # noqa: PLC0415 - takes 300 ms, and not every run needs a client

        return boto3.client(service, endpoint_url=endpoint_url)

    def get_client(service: str) -> Any:
        with lock:
            return create_client(service)

    return get_client
