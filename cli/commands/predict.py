"""`inferstack predict`: ask the local or a deployed API about files."""

import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from cli.api.answers import MANIFEST, PREDICTIONS
from cli.api.client import Api, find_model_path, open_api
from cli.api.csv_answers import ERROR, Row, describe_problem, join_rows, read_rows
from cli.console import err, print_csv, print_json, print_note, print_table
from cli.failures import CommandFailed, WrongCall
from cli.http.client import CallFailed
from cli.jobs.content_types import PREDICTABLE
from cli.jobs.digit_lines import find_several, join_lines
from cli.jobs.summary import describe_notes, format_value
from cli.options import Json, Profile, Recipe, Token, Url
from cli.parallel import map_in_parallel
from recipes.media_types import CSV, JSON, OCTET_STREAM

IN_FLIGHT = 4


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
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV, for a spreadsheet.")] = False,
    as_json: Json = False,
) -> None:
    """Ask the API for the predictions of FILES.

    A picture of several things, such as digits, is not answered as one: --all reads each of them.

    Examples:
    inferstack predict seven.png
    inferstack predict page.jpg --all
    inferstack predict rows.csv --recipe stop_search
    inferstack predict *.png --csv > answers.csv
    """
    if as_csv and as_json:
        raise WrongCall("both --csv and --json are given; expected one of them")
    api = open_api(context, url, token, profile)
    with err.status("asking; the first answer after a quiet time takes longer"):
        try:
            model = find_model_path(api, recipe)
        except CallFailed as failure:
            raise CommandFailed(failure.problem["detail"], advice=failure.problem.get("advice", "")) from failure
        ask = partial(predict_rows if as_csv else predict_file, api, all_digits=all_digits, model=model)
        answers: list[Any] = map_in_parallel(ask, files, IN_FLIGHT)
    if as_csv:
        rows = [row for answer in answers for row in answer]
        print_csv(join_rows(rows))
        has_failed = any(row.get(ERROR) for row in rows)
    else:
        _print_answers(api, model, answers, as_json=as_json)
        has_failed = any("problem" in answer for answer in answers)
    if has_failed:
        raise typer.Exit(1)


def predict_file(api: Api, file: Path, *, all_digits: bool = False, model: str = "") -> dict[str, Any]:
    """Return the API's answer about one file, or its error under `problem`; one file's error is never raised.

    Args:    model: what the paths of its recipe begin with; empty for the default.
    """
    started = time.perf_counter()
    try:
        call = partial(api.call, shape=PREDICTIONS)
        answer = _ask(call, file, all_digits=all_digits, model=model)
    except CallFailed as failure:
        return {"file": str(file), "problem": failure.problem}
    latency_ms = round((time.perf_counter() - started) * 1000, 1)
    several = {} if all_digits else find_several(file, answer["predictions"])
    return {"file": str(file), "latency_ms": latency_ms, **answer, **({"problem": several} if several else {})}


def predict_rows(api: Api, file: Path, *, all_digits: bool = False, model: str = "") -> list[Row]:
    """Return the API's answer about one file as lines of CSV, or a line with its error; one file's error is never raised.

    Args:    model: as for `predict_file`.
    """
    try:
        rows = read_rows(file, _ask(api.ask, file, all_digits=all_digits, model=model, accept=CSV))
    except CallFailed as failure:
        return [describe_problem(file, failure.problem)]
    several = {} if all_digits else find_several(file, rows)
    return [row | describe_problem(file, several) for row in rows] if several else rows


def _ask(ask: Callable[..., Any], file: Path, *, all_digits: bool, model: str, accept: str = JSON) -> Any:
    """Return what `ask`, which calls the API, makes of its answer about a file; raise CallFailed also where the file cannot be read."""
    path = f"{model}/predictions{'?digits=all' if all_digits else ''}"
    try:
        body = file.read_bytes()
    except OSError as error:
        raise CallFailed("Cannot read", error.strerror or str(error)) from error
    return ask("POST", path, body=body, headers={"content-type": PREDICTABLE.get(file.suffix.lower(), OCTET_STREAM), "accept": accept})


def _print_answers(api: Api, model: str, answers: Sequence[dict[str, Any]], *, as_json: bool) -> None:
    if as_json:
        print_json(answers)
        return
    print_table(build_rows(answers, read_unit(api, model) if _has_any("value", answers) else ""))
    for answer in answers:
        for name, text in _describe(answer).items():
            print_note(answer["file"], name, text)


def read_unit(api: Api, model: str = "") -> str:
    """Return the unit of the values that the API's model answers, or nothing where the API does not tell."""
    try:
        manifest = api.call("GET", model or "/model", MANIFEST)
    except CallFailed:
        return ""
    return (manifest.get("output") or {}).get("unit") or ""


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
            "answer": f"{format_value(prediction['value'])} {unit}".rstrip() if "value" in prediction else prediction.get("label", "–"),
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


def _has_any(name: str, answers: Sequence[dict[str, Any]]) -> bool:
    return any(name in prediction for answer in answers for prediction in answer.get("predictions", ()))
