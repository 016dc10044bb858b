"""ministack's application, and services of ours beside its own."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from ministack import app
from ministack.core import router

Response = tuple[int, dict[str, str], bytes]
RequestHandler = Callable[[str, str, Mapping[str, str], bytes], Awaitable[Response]]  # (method, path, headers, body)


def load_application() -> Any:
    """Return ministack's ASGI application."""
    return app.app


def register_service(name: str, *, target_prefix: str, path_pattern: str, handle: RequestHandler) -> None:
    """Serve requests that are signed for `name`, that have its X-Amz-Target, or that go to its path.

    ministack checks their signature; what the sender may do is for the service to ask (`emulator/ministack/access/roles.py`).
    """

    async def handle_without_query(method: str, path: str, headers: Mapping[str, str], body: bytes, _: Mapping[str, Any]) -> Response:
        return await handle(method, path, headers, body)

    fix_content_type = app.fix_success_content_type

    def keep_content_type(service: str, status: int, response_headers: dict[str, str]) -> None:
        """Leave a response's content type as `handle` wrote it: ministack gives each JSON response the one of the service's protocol."""
        if service != name:
            fix_content_type(service, status, response_headers)

    app.fix_success_content_type = keep_content_type
    router.SERVICE_PATTERNS[name] = {"target_prefixes": [target_prefix], "path_patterns": [path_pattern], "host_patterns": []}
    app.SERVICE_HANDLERS[name] = handle_without_query
