"""Calls of the Inferstack API."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import typer

from cli.console import fail
from cli.http_client import CallFailed, is_transient, read_retry_after_s, translate_http_errors
from cli.services import get_services
from local.run_state import read_state

if TYPE_CHECKING:
    import httpx

TIMEOUT_S = 35  # above the API's own 30 s, so that its answer is what people see


@dataclass(frozen=True, slots=True)
class Api:
    """One API.

    Args:    url: of its stage, e.g. https://….execute-api.eu-west-1.amazonaws.com.
             http: the client; it follows no redirect, so the token stays with this API.
             token: sent as a bearer token.
    """

    url: str
    http: "httpx.Client"
    token: str | None = field(default=None, repr=False)

    def call(self, method: str, path: str, *, body: bytes | None = None, headers: Mapping[str, str] | None = None) -> Any:
        """Return the JSON that the API answers.

        Raises:  CallFailed: no answer, an error, or an answer that is not JSON.
        """
        authorization = {"authorization": f"Bearer {self.token}"} if self.token else {}
        with translate_http_errors(self.url):
            response = self.http.request(
                method, f"{self.url.rstrip('/')}{path}", content=body, headers={**(headers or {}), **authorization}, timeout=TIMEOUT_S
            )
            if response.is_success:
                return response.json()
        raise CallFailed(
            f"HTTP {response.status_code}",
            _read_problem(response),
            is_transient=is_transient(response),
            retry_after_s=read_retry_after_s(response),
        )


def open_api(context: typer.Context, url: str | None, token: str | None, *, as_json: bool) -> Api:
    """Return the API of the options, else that of the stack on this machine; its connections are closed when the command ends."""
    if url is None:
        state = read_state()
        if state is None:
            raise fail("no local stack is running", advice="start it with `make up`, or name an API with --url", as_json=as_json)
        url = state.api_url
    return Api(url, context.with_resource(get_services(context).open_http()), token)


def _read_problem(response: "httpx.Response") -> str:
    """Return what an error says, in the API's own words where there are any."""
    try:
        problem = response.json()
    except ValueError:
        problem = None
    sentences = [str(problem[key]) for key in ("detail", "advice", "message") if problem.get(key)] if isinstance(problem, dict) else []
    return " ".join(sentences) or response.reason_phrase
