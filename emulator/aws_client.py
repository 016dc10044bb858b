"""Clients of the emulator's own services, and what they know of AWS's."""

import threading
from collections.abc import Callable
from functools import cache
from typing import Any

GetClient = Callable[[str], Any]  # a service's name → its boto3 client
ConnectAs = Callable[[str, str, str], GetClient]  # (access key, secret key, session token) → the clients that sign with them


def connect(endpoint_url: str, *credentials: str) -> GetClient:
    """Return what gives the boto3 client of each service at an address; every caller gets the same client.

    Args:    credentials: access key, secret key and session token; the process's own when left out.
    """
    lock = threading.Lock()  # clients may be shared by threads; creating them may not
    names = ("aws_access_key_id", "aws_secret_access_key", "aws_session_token")
    keys: dict[str, Any] = dict(zip(names, credentials, strict=False))

    @cache
    def create_client(service: str) -> Any:
        import boto3  # noqa: PLC0415 - takes 300 ms, and not every run needs a client

        return boto3.client(service, endpoint_url=endpoint_url, **keys)

    def get_client(service: str) -> Any:
        with lock:
            return create_client(service)

    return get_client


def connect_as(endpoint_url: str) -> ConnectAs:
    """Return what gives the clients of each credentials, the same for the same."""
    lock = threading.Lock()

    @cache
    def create(*credentials: str) -> GetClient:
        return connect(endpoint_url, *credentials)

    def get(access_key: str, secret_key: str, session_token: str) -> GetClient:
        with lock:
            return create(access_key, secret_key, session_token)

    return get


@cache
def find_input_shape(service: str, operation: str) -> Any:
    """Return the shape of an operation's request, as the model of AWS's client has it."""
    return _load_model(service).operation_model(operation).input_shape


@cache
def _load_model(service: str) -> Any:
    import botocore.session  # noqa: PLC0415 - as above

    return botocore.session.get_session().get_service_model(service)
