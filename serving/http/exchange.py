"""One request with its answer, between the HTTP front and what answers it."""

from collections.abc import Callable


class Exchange:
    """One request and, once `reply` was called, its answer.

    Args:    settle: called when the answer is there.
    """

    __slots__ = (
        *("method", "target", "content_type", "accept", "body"),
        *("http10", "keep_alive", "wants_continue", "gone"),
        *("answer", "on_gone", "_settle"),
    )

    def __init__(self, settle: Callable[[], None]) -> None:
        self._settle = settle
        self.method = self.target = self.content_type = self.accept = self.body = b""
        self.http10 = self.keep_alive = self.wants_continue = self.gone = False
        self.answer: tuple[int, bytes, bytes, bytes] | None = None
        self.on_gone: Callable[[], None] | None = None

    def reply(self, status: int, body: bytes, content_type: bytes = b"application/json", headers: bytes = b"") -> None:
        """Answer, once. `headers` are whole lines, each ending in CRLF."""
        self.on_gone = None
        if not self.gone:
            self.answer = (status, body, content_type, headers)
            self._settle()
