"""Calling the API: its address, the token, and what went wrong as a title and a sentence."""

import json
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.message import Message
from http.client import HTTPException, InvalidURL
from typing import Annotated, Any
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

import typer

from cli.output import fail
from local.run_state import read_state

TIMEOUT_S = 35  # above the API's own 30 s, so that its answer is what people see
Opener = Callable[..., Any]  # urlopen, or what stands in for it in tests

Url = Annotated[str | None, typer.Option(help="The API's URL; the running local stack when left out.", envvar="INFERSTACK_URL")]
Token = Annotated[str | None, typer.Option(help="A bearer token, for a stage with sign-in.", envvar="INFERSTACK_TOKEN")]


class CallFailed(Exception):
    """A call that brought no answer, or one that says no.

    Args:    title: in a few words, for a table.
             detail: what, got, expected, advice.
             transient: whether the same call may succeed a little later.
             retry_after_s: how long whoever refused asks to be left alone.
    """

    def __init__(self, title: str, detail: str, *, transient: bool = False, retry_after_s: float = 0) -> None:
        super().__init__(f"{title}: {detail}")
        self.title, self.detail, self.transient, self.retry_after_s = title, detail, transient, retry_after_s

    @property
    def problem(self) -> dict[str, str]:
        """What `--json` shows of it."""
        return {"title": self.title, "detail": self.detail}


@dataclass(frozen=True, slots=True)
class Api:
    """One API.

    Args:    url: of its stage, e.g. https://….execute-api.eu-west-1.amazonaws.com.
             token: sent to it as a bearer token, and to nobody else.
             open: replaced in tests.
    """

    url: str
    token: str | None = field(default=None, repr=False)
    open: Opener = urlopen

    def call(self, method: str, path: str, *, body: bytes | None = None, headers: Mapping[str, str] | None = None) -> Any:
        """Return the JSON that the API answers.

        Raises:  CallFailed: no answer, an error, or an answer that is no JSON.
        """
        sent = {**(headers or {}), **({"authorization": f"Bearer {self.token}"} if self.token else {})}
        try:
            request = Request(f"{self.url.rstrip('/')}{path}", data=body, headers=sent, method=method)  # noqa: S310 - the scheme is checked in checked
            with self.open(checked(request), timeout=TIMEOUT_S) as response:
                return json.load(response)
        except HTTPError as error:
            with error:
                raise CallFailed(
                    f"HTTP {error.code}", _detail(error), transient=may_pass(error.code), retry_after_s=seconds(error.headers)
                ) from error
        except (URLError, HTTPException, OSError, ValueError) as error:
            raise no_answer(self.url, error) from error


def checked(request: Request) -> Request:
    """Return the request if it goes to the web; raise ValueError for a file and the like."""
    if request.type not in {"http", "https"}:
        raise ValueError(f"got a {request.type} URL, expected http or https")
    return request


def no_answer(who: str, error: Exception) -> CallFailed:
    """Return what a failure on the way is; that of a name, an address or a certificate will be the same next time."""
    reason = getattr(error, "reason", error)
    lasting = isinstance(error, ValueError | InvalidURL) or isinstance(reason, ssl.SSLCertVerificationError)
    return CallFailed("No answer", f"{who}: {reason}", transient=not lasting)


def may_pass(status: int) -> bool:
    """Return whether a refusal with this HTTP status is one of now, not of this request."""
    return status == 429 or status >= 500


def seconds(headers: Mapping[str, str] | Message) -> float:
    """Return the seconds that a Retry-After header asks for; 0 without one, or for a date."""
    asked = headers.get("retry-after") or ""
    return float(asked) if asked.isdecimal() else 0.0


def local_url(*, as_json: bool) -> str:
    """Return the address of the API of the stack that runs here; say how to start one if none does."""
    state = read_state()
    if state is None:
        raise fail("no local stack is running", advice="start it with `make up`, or name an API with --url", as_json=as_json)
    return state.api_url


def _detail(error: HTTPError) -> str:
    try:
        problem = json.load(error)
    except (ValueError, OSError, HTTPException):
        problem = None
    if not isinstance(problem, dict):
        return str(error.reason)
    return " ".join(str(problem[key]) for key in ("detail", "advice", "message") if problem.get(key)) or str(error.reason)
