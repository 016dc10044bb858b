"""`inferstack predict`: ask the local or a deployed API about files."""

import json
import time
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPException
from pathlib import Path
from typing import Annotated, Any
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

import typer

from cli.output import Json, fail, print_json, print_table
from local.stack import read_state

CONTENT_TYPES = {
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".json": "application/json",
    ".csv": "text/csv",
    ".npy": "application/x-npy",
}
TIMEOUT_S = 35  # above the API's own 30 s, so that its answer is what people see
IN_FLIGHT = 4


def predict(
    files: Annotated[list[Path], typer.Argument(help="PNG, JPEG, JSON, CSV or npy files of at most 1 MB.", exists=True, dir_okay=False)],
    url: Annotated[str | None, typer.Option(help="The API's URL; the running local stack when left out.", envvar="INFERSTACK_URL")] = None,
    token: Annotated[str | None, typer.Option(help="A bearer token, for a stage with sign-in.", envvar="INFERSTACK_TOKEN")] = None,
    as_json: Json = False,
) -> None:
    """Ask the API what FILES show.

    Examples:  inferstack predict seven.png  ·  inferstack predict *.png --json  ·  inferstack predict a.png --url https://… --token $TOKEN
    """
    api_url = url or _local_url(as_json=as_json)
    with ThreadPoolExecutor(IN_FLIGHT) as pool:
        answers = list(pool.map(lambda file: ask(api_url, file, token), files))
    if as_json:
        print_json(answers)
    else:
        print_table([row for answer in answers for row in _rows(answer)])
    if any("problem" in answer for answer in answers):
        raise typer.Exit(1)


def ask(api_url: str, file: Path, token: str | None = None) -> dict[str, Any]:
    """Return the API's answer about one file, or what went wrong under `problem`; never raises for one file's sake."""
    started = time.perf_counter()
    content_type = CONTENT_TYPES.get(file.suffix.lower())
    if content_type is None:
        return _problem(file, "Unsupported file", f"{file.suffix or 'no extension'}: expected one of {', '.join(CONTENT_TYPES)}")
    headers = {"content-type": content_type, **({"authorization": f"Bearer {token}"} if token else {})}
    try:
        request = Request(f"{api_url.rstrip('/')}/predictions", data=file.read_bytes(), headers=headers, method="POST")  # noqa: S310 - the scheme is checked in _checked
        with urlopen(_checked(request), timeout=TIMEOUT_S) as response:  # noqa: S310 - as above
            answer = json.load(response)
        if not isinstance(answer, dict) or not {"predictions", "model"} <= answer.keys():
            return _problem(file, "No answer", f"{api_url} is no Inferstack API: it answered without predictions")
    except HTTPError as error:
        return _problem(file, f"HTTP {error.code}", _detail(error))
    except (URLError, HTTPException, OSError, ValueError) as error:
        return _problem(file, "No answer", f"{api_url}: {getattr(error, 'reason', error)}")
    return {"file": str(file), "latency_ms": round((time.perf_counter() - started) * 1000, 1), **answer}


def _checked(request: Request) -> Request:
    if request.type not in {"http", "https"}:
        raise ValueError(f"got a {request.type} URL, expected http or https")
    return request


def _detail(error: HTTPError) -> str:
    try:
        problem = json.load(error)
    except ValueError:
        problem = None
    if not isinstance(problem, dict):
        return str(error.reason)
    return " ".join(str(problem[key]) for key in ("detail", "advice", "message") if problem.get(key)) or str(error.reason)


def _problem(file: Path, title: str, detail: str) -> dict[str, Any]:
    return {"file": str(file), "problem": {"title": title, "detail": detail}}


def _rows(answer: dict[str, Any]) -> list[dict[str, Any]]:
    if "problem" in answer:
        problem = answer["problem"]
        return [{"file": answer["file"], "answer": "–", "probability": "", "model": "", "ms": f"{problem['title']}: {problem['detail']}"}]
    model = answer["model"]
    return [
        {
            "file": answer["file"] if index == 0 else "",
            "answer": prediction["label"],
            "probability": f"{prediction['probability']:.1%}",
            "model": f"{model['name']} {model['version']}",
            "ms": answer["latency_ms"] if index == 0 else "",
        }
        for index, prediction in enumerate(answer["predictions"])
    ]


def _local_url(*, as_json: bool) -> str:
    state = read_state()
    if state is None:
        raise fail("no local stack is running", advice="start it with `make up`, or name an API with --url", as_json=as_json)
    return state.api_url
