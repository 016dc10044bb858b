"""`inferstack predict`: ask the local or a deployed API about files."""

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Annotated, Any

import typer

from cli.api import Api, CallFailed, Token, Url, local_url
from cli.output import Json, print_json, print_table

CONTENT_TYPES = {
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".json": "application/json",
    ".csv": "text/csv",
    ".npy": "application/x-npy",
}
IN_FLIGHT = 4


def predict(
    files: Annotated[list[Path], typer.Argument(help="PNG, JPEG, JSON, CSV or npy files of at most 1 MB.", exists=True, dir_okay=False)],
    url: Url = None,
    token: Token = None,
    as_json: Json = False,
) -> None:
    """Ask the API what FILES show.

    Examples:  inferstack predict seven.png  ·  inferstack predict *.png --json  ·  inferstack predict a.png --url https://… --token $TOKEN
    """
    api_url = url or local_url(as_json=as_json)
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
    try:
        answer = Api(api_url, token).call("POST", "/predictions", body=file.read_bytes(), headers={"content-type": content_type})
    except CallFailed as failure:
        return _problem(file, failure.title, failure.detail)
    except OSError as error:
        return _problem(file, "No answer", f"{api_url}: {error}")
    if not isinstance(answer, dict) or not {"predictions", "model"} <= answer.keys():
        return _problem(file, "No answer", f"{api_url} is no Inferstack API: it answered without predictions")
    return {"file": str(file), "latency_ms": round((time.perf_counter() - started) * 1000, 1), **answer}


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
