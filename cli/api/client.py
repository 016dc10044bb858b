"""Calls of the Inferstack API."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import typer

from cli.api.answers import MODELS, Shape, find_mistake
from cli.api.sign_in import SignIn, find_keys, send_token, sign_in_here, sign_requests
from cli.failures import CommandFailed, WrongCall
from cli.http.client import CallFailed, is_transient, read_retry_after_s, translate_http_errors
from cli.services import get_services
from local.run_state import read_state

if TYPE_CHECKING:
    import httpx

ADDRESS = re.compile("https?://[^/]", re.IGNORECASE)  # what an address begins with
UNAUTHORIZED, FORBIDDEN = 401, 403
TIMEOUT_S = 35  # above the API's own 30 s, so that its answer is what people see


@dataclass(frozen=True, slots=True)
class Api:
    """One API.

    Args:    url: of its stage, e.g. https://….execute-api.eu-west-1.amazonaws.com.
             http: the client; it follows no redirect, so the sign-in stays with this API.
             sign_in: adds to each request who asks; None where the API asks nobody.
             page_url: of the page before it; empty where that is not known, or cannot ask it.
             timeout_s: how long an answer may take.
    """

    url: str
    http: "httpx.Client"
    sign_in: SignIn | None = field(default=None, repr=False)
    page_url: str = ""
    timeout_s: float = TIMEOUT_S

    def send(self, method: str, path: str, *, body: bytes | None = None, headers: Mapping[str, str] | None = None) -> "httpx.Response":
        """Return the API's answer, whatever it says; httpx's errors are raised as they are."""
        url = f"{self.url.rstrip('/')}{path}"
        return self.http.request(method, url, content=body, headers=dict(headers or {}), auth=self.sign_in, timeout=self.timeout_s)

    def call(self, method: str, path: str, shape: Shape, *, body: bytes | None = None, headers: Mapping[str, str] | None = None) -> Any:
        """Return the JSON that the API answers.

        Args:    shape: of what is read of it, as in `answers`.
        Raises:  CallFailed: no answer, an error, or an answer that is not JSON or of another shape.
        """
        response = self.ask(method, path, body=body, headers=headers)
        with translate_http_errors(self.url):
            answer = response.json()
        if mistake := find_mistake(answer, shape):
            detail = f"{method} {path.partition('?')[0]} of {self.url} is not answered as by an Inferstack API: {mistake}"
            raise CallFailed(
                "No answer", detail, advice="look whether --url names a stage's API, and whether the stage is as new as this command"
            )
        return answer

    def ask(self, method: str, path: str, *, body: bytes | None = None, headers: Mapping[str, str] | None = None) -> "httpx.Response":
        """Return the API's answer; raise CallFailed where there is none, or an error."""
        with translate_http_errors(self.url):
            response = self.send(method, path, body=body, headers=headers)
        if response.is_success:
            return response
        title, detail, advice = _read_problem(response)
        raise CallFailed(title, detail, advice=advice, is_transient=is_transient(response), retry_after_s=read_retry_after_s(response))


def find_model_path(api: Api, recipe: str) -> str:
    """Return what the paths of a recipe begin with; empty where none is named.

    Raises:  CallFailed: the API has one recipe, or none of this name.
    """
    if not recipe:
        return ""
    try:
        known = [str(model["recipe"]) for model in api.call("GET", "/models", MODELS)["models"]]
    except CallFailed as failure:
        if failure.problem["title"] != "HTTP 404":  # of the API itself, which has no such path
            raise
        raise CallFailed("One recipe", f"{api.url} has one recipe", advice="leave --recipe out") from failure
    if recipe not in known:
        raise CallFailed("No such recipe", f"{api.url} has no recipe {recipe!r}; it has {', '.join(known)}")
    return f"/models/{recipe}"


def open_api(context: typer.Context, url: str | None, token: str | None, profile: str | None) -> Api:
    """Return the API of the options, else that of the stack on this machine; its connections are closed when the command ends.

    A token goes before a profile; without either, the stack on this machine gets its own sign-in, and another API none.
    """
    if url is not None and not ADDRESS.match(url):
        raise WrongCall(f"--url is {url!r}, not an address like https://…")
    state = None if url else read_state()
    if url is None and state is None:
        raise CommandFailed("no local stack is running", advice="start it with `make up`, or name an API with --url")
    services = get_services(context)
    http = context.with_resource(services.open_http())
    address = url or (state.api_url if state else "")
    if token:
        return Api(address, http, send_token(lambda: token))
    if profile:
        return Api(address, http, sign_requests(find_keys(profile, address)))
    if state is None:
        return Api(address, http)
    return Api(address, http, sign_in_here(state, services), "" if state.auth == "iam" else state.page_url)


def _read_problem(response: "httpx.Response") -> tuple[str, str, str]:
    """Return an error's title, what it says and what to do, in the API's own words where there are any."""
    try:
        problem = response.json()
    except (ValueError, RecursionError):
        problem = None
    problem = problem if isinstance(problem, dict) else {}
    # AWS's own answers have a message; the emulator's have an errorMessage where a function could not start, as on a full disk.
    detail = str(problem.get("detail") or problem.get("message") or problem.get("errorMessage") or response.reason_phrase)
    advice = str(problem.get("advice") or "")
    if response.status_code == UNAUTHORIZED:
        advice = f"{advice} A token is missing or has ended: `inferstack token` prints a new one.".lstrip()
    if response.status_code == FORBIDDEN and "detail" not in problem:  # the gateway's own
        advice = "Where the API takes signed requests (auth=iam), name credentials that may invoke it: `--profile`."
    return str(problem.get("title") or f"HTTP {response.status_code}"), detail, advice
