"""`inferstack predict`: ask the local or a deployed API about files."""

import shlex
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from cli.api.client import Api, find_model_path, open_api
from cli.console import err, print_json, print_note, print_table
from cli.failures import CommandFailed
from cli.http.client import CallFailed
from cli.jobs.content_types import PREDICTABLE
from cli.jobs.digit_lines import join_lines
from cli.jobs.summary import describe_notes, format_value
from cli.options import Json, Profile, Recipe, Token, Url
from cli.parallel import map_in_parallel
from recipes.media_types import OCTET_STREAM

IN_FLIGHT = 4
FOUND = "_found"


def predict(  # noqa: PLR0917 - typer makes options of arguments
    context: typer.Context,
    files: Annotated[
        list[Path],
        typer.Argument(metavar="FILE…", help="Pictures, JSON, CSV, npy or npz files of at most 4.5 MB.", exists=True, dir_okay=False),
    ],
    url: Url = None,
    token: Token = None,
    profile: Profile = None,
    all_digits: Annotated[
        bool, typer.Option("--all", help="Read all that stands in each picture, such as every digit, line by line.")
    ] = False,
    recipe: Recipe = "",
    as_json: Json = False,
) -> None:
    """Ask the API for the predictions of FILES.

    A picture of several things, such as digits, is not answered as one: --all reads each of them.

    Examples:
    inferstack predict seven.png
    inferstack predict page.jpg --all
    inferstack predict rows.csv --recipe stop_search
    """
    api = open_api(context, url, token, profile)
    with err.status("asking; the first answer after a quiet time takes longer"):
        try:
            model = find_model_path(api, recipe)
        except CallFailed as failure:
            raise CommandFailed(failure.problem["detail"], advice=failure.problem.get("advice", "")) from failure
        answers = map_in_parallel(lambda file: predict_file(api, file, all_digits=all_digits, model=model), files, IN_FLIGHT)
    if as_json:
        print_json(answers)
    else:
        print_table(build_rows(answers, read_unit(api, model) if _has_any("value", answers) else ""))
        for answer in answers:
            for name, text in _describe(answer).items():
                print_note(answer["file"], name, text)
    if any("problem" in answer for answer in answers):
        raise typer.Exit(1)


def predict_file(api: Api, file: Path, *, all_digits: bool = False, model: str = "") -> dict[str, Any]:
    """Return the API's answer about one file, or its error under `problem`; one file's error is never raised.

    Args:    model: what the paths of its recipe begin with; empty for the default.
    """
    started = time.perf_counter()
    content_type = PREDICTABLE.get(file.suffix.lower(), OCTET_STREAM)
    path = f"{model}/predictions{'?digits=all' if all_digits else ''}"
    try:
        answer = api.call("POST", path, body=file.read_bytes(), headers={"content-type": content_type})
    except CallFailed as failure:
        return {"file": str(file), "problem": failure.problem}
    except OSError as error:
        return _problem(file, "Cannot read", error.strerror or str(error))
    if not isinstance(answer, dict) or not {"predictions", "model"} <= answer.keys():
        return _problem(file, "No answer", f"{api.url} is not an Inferstack API: its answer has no predictions")
    latency_ms = round((time.perf_counter() - started) * 1000, 1)
    return {"file": str(file), "latency_ms": latency_ms, **answer, **({} if all_digits else _refuse_several(file, answer["predictions"]))}


def read_unit(api: Api, model: str = "") -> str:
    """Return the unit of the values that the API's model answers, or nothing where the API does not tell."""
    try:
        manifest = api.call("GET", model or "/model")
    except CallFailed:
        return ""
    output = manifest.get("output") if isinstance(manifest, dict) else None
    return str(output.get("unit", "")) if isinstance(output, dict) else ""


def build_rows(answers: Sequence[dict[str, Any]], unit: str = "") -> list[dict[str, Any]]:
    """Return the table's lines, one a prediction. Digits that stand on a line are one prediction.

    Args:    unit: of a prediction's value.
    """
    return [row for answer in answers for row in _answer_rows(answer, unit)]


def _answer_rows(answer: dict[str, Any], unit: str) -> list[dict[str, Any]]:
    if "problem" in answer:
        return [{"file": answer["file"], "answer": answer["problem"]["title"], "probability": "", "verdict": "", "model": "", "ms": ""}]
    model = answer["model"]
    return [
        {
            "file": answer["file"] if index == 0 else "",
            "answer": f"{format_value(prediction['value'])} {unit}".rstrip() if "value" in prediction else prediction["label"],
            "probability": f"{prediction['probability']:.1%}" if "probability" in prediction else "",
            "verdict": prediction.get("verdict", ""),
            "model": f"{model['name']} {model['version']}",
            "ms": answer["latency_ms"] if index == 0 else "",
        }
        for index, prediction in enumerate(join_lines(answer["predictions"]))
    ]


def _describe(answer: dict[str, Any]) -> dict[str, str]:
    """Return what the table's line has no room for: what is wrong and what to do, or how the input was read."""
    if problem := answer.get("problem"):
        return {name: text for name, text in (("problem", problem["detail"]), ("advice", problem.get("advice", ""))) if text}
    notes = describe_notes(answer)
    return {"read": notes} if notes else {}


def _refuse_several(file: Path, predictions: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return the problem of a picture that was answered as one and holds several; nothing if it holds one.

    How many stand in it is in a field that is called after them, such as digits_found.
    """
    counts = [(int(count), name.removesuffix(FOUND)) for each in predictions for name, count in each.items() if name.endswith(FOUND)]
    found, things = max(counts, default=(1, ""))
    if found < 2:
        return {}
    name = shlex.quote(str(file))
    detail = f"{found} {things} stand beside each other in the picture, and it was asked about as one"
    return _problem(
        file, f"Several {things}", detail, f"read each: `inferstack predict {name} --all`, or `inferstack upload {name} --wait`"
    )


def _has_any(name: str, answers: Sequence[dict[str, Any]]) -> bool:
    return any(name in prediction for answer in answers for prediction in answer.get("predictions", ()))


def _problem(file: Path, title: str, detail: str, advice: str = "") -> dict[str, Any]:
    return {"file": str(file), "problem": {"title": title, "detail": detail, **({"advice": advice} if advice else {})}}
