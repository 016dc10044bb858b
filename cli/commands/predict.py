"""`inferstack predict`: ask the local or a deployed API about files."""

import time
from collections.abc import Sequence
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
        has_values = any("value" in prediction for answer in answers for prediction in answer.get("predictions", ()))
        print_table(rows(answers, read_unit(Api(api_url, token)) if has_values else ""))
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


def rows(answers: Sequence[dict[str, Any]], unit: str = "") -> list[dict[str, Any]]:
    """Return the table's lines, one a prediction; there is a column of probabilities where any prediction has one.

    Args:    unit: of the values that a model of numbers answers.
    """
    has_labels = any("label" in prediction for answer in answers for prediction in answer.get("predictions", ()))
    hidden = set() if has_labels else {"probability"}
    return [{name: cell for name, cell in row.items() if name not in hidden} for answer in answers for row in _rows(answer, unit)]


def _rows(answer: dict[str, Any], unit: str) -> list[dict[str, Any]]:
    if "problem" in answer:
        problem = answer["problem"]
        return [{"file": answer["file"], "answer": f"{problem['title']}: {problem['detail']}", "probability": "", "model": "", "ms": ""}]
    model = answer["model"]
    return [
        {
            "file": answer["file"] if index == 0 else "",
            "answer": prediction["label"] if "label" in prediction else f"{prediction['value']:,.10g} {unit}".rstrip(),
            "probability": f"{prediction['probability']:.1%}" if "probability" in prediction else "",
            "model": f"{model['name']} {model['version']}",
            "ms": answer["latency_ms"] if index == 0 else "",
        }
        for index, prediction in enumerate(answer["predictions"])
    ]


def read_unit(api: Api) -> str:
    """Return the unit of the values that the API's model answers, or nothing where the API does not tell."""
    try:
        manifest = api.call("GET", "/model")
    except CallFailed:
        return ""
    output = manifest.get("output") if isinstance(manifest, dict) else None
    return str(output.get("unit", "")) if isinstance(output, dict) else ""
