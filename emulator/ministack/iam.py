"""What ministack's policy evaluator knows of a request."""

from collections.abc import Callable, Mapping
from typing import Any

from ministack.core import iam_actions, iam_evaluator

LOOPBACK_IS_TLS = {"aws:securetransport": "true", "s3:tlsversion": "1.3"}
FindAction = Callable[[str, str, str], tuple[str, str] | None]  # (path, region, account) → (action, ARN)


def register_actions(service: str, find_action: FindAction) -> None:
    """Let the evaluator ask `find_action` what a request of the service does; ministack decides where that returns None."""
    action_of, resource_of = iam_actions.extract_iam_action, iam_actions.extract_resource_arn

    def extract_action(name: str, method: str, path: str, headers: Mapping[str, str], *rest: Any) -> Any:
        if name == service and (known := find_action(path, "", "")) is not None:
            return known[0]
        return action_of(name, method, path, headers, *rest)

    def extract_resource(  # noqa: PLR0917 - ministack's signature
        name: str, method: str, path: str, headers: Mapping[str, str], body: bytes, query: Any, region: str, account: str
    ) -> Any:
        if name == service and (known := find_action(path, region, account)) is not None:
            return known[1]
        return resource_of(name, method, path, headers, body, query, region, account)

    iam_actions.extract_iam_action, iam_actions.extract_resource_arn = extract_action, extract_resource


def count_loopback_as_tls() -> None:
    """Let bucket policies that require TLS accept loopback: nothing leaves this machine, and CloudFront's own reads need it."""
    resolve = iam_evaluator._resolve_condition_key
    iam_evaluator._resolve_condition_key = lambda key, context: LOOPBACK_IS_TLS.get(key.lower()) or resolve(key, context)
