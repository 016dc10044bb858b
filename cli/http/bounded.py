"""A client that holds a bounded amount of an answer, for a bounded time: whoever answers may send gigabytes, gzip that unpacks to them, or
a byte a minute.

What is asked for as a stream is its reader's to bound.
"""

import time
from contextlib import closing
from typing import Any

import httpx

MOST_BYTES = 32 << 20  # unpacked; API Gateway's own answers have 10 MB at most
LONGEST_S = 120.0  # from the answer's head to its end
OF_THE_BODY_AS_SENT = {"content-encoding", "content-length", "transfer-encoding"}


class TooLargeAnswer(ValueError):
    """An answer with more bytes than are read."""


class BoundedClient(httpx.Client):
    """httpx's client, whose answers have at most MOST_BYTES and come within LONGEST_S."""

    def send(self, request: httpx.Request, *, stream: bool = False, **more: Any) -> httpx.Response:
        """Return the answer, which is read unless it is to be a stream.

        Raises:  TooLargeAnswer: it has too many bytes.
                 httpx.HTTPError: no answer, or it does not end in time.
        """
        response = super().send(request, stream=True, **more)
        return response if stream else read_whole(response)


def read_whole(response: httpx.Response) -> httpx.Response:
    """Return a response, which may be a stream, with all of its body; raise as `send` does."""
    ends_s, content = time.monotonic() + LONGEST_S, bytearray()
    with closing(response):
        for block in response.iter_bytes():
            content += block
            if len(content) > MOST_BYTES:
                raise TooLargeAnswer(f"the answer has more than {MOST_BYTES:,} bytes")
            if time.monotonic() > ends_s:
                raise httpx.ReadTimeout(f"the answer did not end in {LONGEST_S:.0f} s", request=response.request)
    headers = [(name, value) for name, value in response.headers.multi_items() if name.lower() not in OF_THE_BODY_AS_SENT]
    return httpx.Response(response.status_code, headers=headers, content=bytes(content), request=response.request)
