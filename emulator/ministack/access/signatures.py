"""Signatures of requests: each one is checked, the operator's too, and for the request that was sent.

ministack by itself believes whoever names the operator's key, `test` or twelve digits, and takes anonymous forms for S3.
"""

from collections.abc import Callable, Mapping
from contextvars import Context, ContextVar
from typing import Any
from urllib.parse import parse_qs

from ministack import app
from ministack.core import iam_actions, iam_evaluator, responses, router
from ministack.services import s3

from emulator.front.aws_requests import Request
from emulator.ministack.services import Response

_is_pinning: ContextVar[bool] = ContextVar("is_pinning", default=False)


def check_signatures_of(read_sent_request: Callable[[], Mapping[str, Any] | None]) -> None:
    """Let every signature be checked before anything of its request is done.

    Args:    read_sent_request: returns the ASGI scope that came in, or None where no front door changed it.
    """
    pin, handle_shortcuts = app.pin_signed_request, app._handle_post_body_shortcuts

    def pin_as_sent(method: str, raw_path: str, query: Mapping[str, Any], headers: list[tuple[bytes, bytes]], **options: Any) -> None:
        sent, token = read_sent_request(), _is_pinning.set(True)
        try:
            if sent is None:
                pin(method, raw_path, query, headers, **options)
            else:
                pin(method, sent["raw_path"].decode("latin-1"), query, sent["headers"], **options)
        finally:
            _is_pinning.reset(token)

    def is_root_key(access_key: str) -> bool:
        """Return whether a key is the operator's; False while a request is kept for its check, which leaves those out."""
        return not _is_pinning.get() and iam_evaluator.is_root_access_key(access_key)

    async def check_then_handle(  # noqa: PLR0917 - ministack's own signature
        method: str, path: str, headers: Mapping[str, str], body: bytes, query: Mapping[str, Any], request_id: str
    ) -> Response | None:
        """Check the signature as soon as the body is there: what answers without asking policies would not."""
        request = iam_evaluator._signed_request.get()
        if request is not None and request.s3_scoped:
            refused: Response | None = s3._verify_presigned_sigv4(method, path, headers, query)
            if refused is not None:
                return refused
        elif request is not None and not path.startswith("/_aws/execute-api/"):  # an API's routes say how they authorize
            failure = iam_evaluator.authenticate(request.access_key_id, responses.get_account_id())
            if isinstance(failure, iam_evaluator.AuthError):
                service = router.detect_service(method, path, headers, query)
                refusal: Response = app._credential_failure(service, "", request_id, failure, headers)
                return refusal
        handled: Response | None = await handle_shortcuts(method, path, headers, body, query, request_id)
        return handled

    app.pin_signed_request, app._handle_post_body_shortcuts = pin_as_sent, check_then_handle
    iam_evaluator._is_root_key = is_root_key
    s3._enforce_post_policy_size = lambda *_: s3._error("AccessDenied", "Access Denied", 403)


def is_signed(path: str, headers: Mapping[str, str], body: bytes) -> bool:
    """Return whether headers hold a valid signature of a POST that was not sent: what AppSync asks of a socket's frames."""

    def check() -> bool:
        app.pin_signed_request("POST", path, {}, [(name.encode(), value.encode()) for name, value in headers.items()])
        iam_evaluator.pin_signed_body(body)
        access_key = router.extract_access_key_id(dict(headers), {})
        return isinstance(iam_evaluator.authenticate(access_key, responses.get_account_id()), iam_evaluator.ResolvedCredential)

    return Context().run(check)  # that of the request which led here says who opened the socket


def find_service(request: Request) -> str:
    """Return the service that answers a request."""
    return str(router.detect_service(request.method, request.path, dict(request.headers), parse_qs(request.query, keep_blank_values=True)))


def list_unsigned_operations(service: str) -> frozenset[str]:
    """Return the operations of a service that need no signature, like a user's sign-in."""
    return frozenset(iam_actions.unsigned_operations(service))
