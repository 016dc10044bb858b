"""Signatures of requests that came through a front door."""

from collections.abc import Callable, Mapping
from typing import Any

from ministack import app


def check_signatures_of(read_sent_request: Callable[[], Mapping[str, Any] | None]) -> None:
    """Let a signature be checked for the request that was sent, not for the one that a front door made of it.

    Args:    read_sent_request: returns the ASGI scope that came in, or None where no front door changed it.
    """
    pin = app.pin_signed_request

    def pin_as_sent(method: str, raw_path: str, query: Mapping[str, Any], headers: list[tuple[bytes, bytes]], **options: Any) -> None:
        sent = read_sent_request()
        if sent is None:
            pin(method, raw_path, query, headers, **options)
        else:
            pin(method, sent["raw_path"].decode("latin-1"), query, sent["headers"], **options)

    app.pin_signed_request = pin_as_sent
