"""`inferstack pipeline`: train every candidate of a recipe, and register the best; in an account, on the emulator, or in a folder."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.live import Live
from rich.table import Table

from cli.aws import asking, dump_bucket
from cli.executions import Here, Remote, Running, View, report_of
from cli.output import Json, err, fail, out, print_facts, print_json, print_table
from cli.outside import outside
from deployment.stages import STAGES, settings_for
from pipeline.definition import READY_MARKER
from pipeline.runner.store import S3Store

LOOK_EVERY_S, LOOK_AT_AWS_EVERY_S = 0.5, 5  # an account's calls are few, and an execution takes an hour
MARKS = {"Succeeded": "[green]✓[/]", "Failed": "[red]✗[/]", "Stopped": "[yellow]■[/]", "Executing": "…", "Starting": "…"}
WORDS_WIDTH = 70

RecipeName = Annotated[str, typer.Argument(metavar="RECIPE", help="A folder in recipes/, e.g. digits.")]
Stage = Annotated[str, typer.Option(help=f"One of {', '.join(STAGES)}; for all but local with your own AWS credentials.")]
Data = Annotated[
    Path | None, typer.Option("--data", help="The raw data, a file or a folder; what the recipe has at hand when left out.", exists=True)
]

app = typer.Typer(no_args_is_help=True, help="Train every candidate of a recipe, and register the best.")


@app.command()
def run(  # noqa: PLR0917 - typer makes options of arguments
    context: typer.Context,
    recipe: RecipeName,
    stage: Stage = "local",
    parameters: Annotated[
        list[str] | None, typer.Option("--set", "-s", metavar="NAME=VALUE", help="A parameter of the pipeline; may be given again.")
    ] = None,
    data: Data = None,
    folder: Annotated[Path | None, typer.Option(help="Run without a stack: a folder for S3 and the registry.", file_okay=False)] = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="With --folder: run every step, even one whose outcome is known.")] = False,
    as_json: Json = False,
) -> None:
    """Run the training pipeline and follow it to its end.

    Without a stack that runs, the same definition is executed in a folder: artifacts/pipeline.

    Examples:  inferstack pipeline run digits -s Candidates=xgboost,xgboost_tuned  ·  inferstack pipeline run digits --stage dev
    """
    given = _parameters(parameters or [], as_json=as_json)
    world = outside(context)
    if folder is None and stage == "local" and not world.local_stack():
        folder = Path("artifacts/pipeline")
        err.print(f"no stack runs, so the artefacts go to {folder}")
    if folder is not None:
        running, report = _here(recipe, folder, data, given, cached=not fresh, as_json=as_json)
    else:
        running, report = _remote(world.aws(stage), recipe, stage, data, given, as_json=as_json)
    every_s = LOOK_EVERY_S if folder is not None or stage == "local" else LOOK_AT_AWS_EVERY_S
    view = _follow(running, lambda: world.sleep(every_s), as_json=as_json)
    page = (
        report()
        if view.status == "Succeeded" or any(step.name == "Evaluate" and step.status == "Succeeded" for step in view.steps)
        else None
    )
    next_ = (
        ""
        if folder is not None
        else f"inferstack models approve {view.package.rpartition('/')[2]}" + (f" --stage {stage}" if stage != "local" else "")
    )
    _end(running.id, view, page, next_, as_json=as_json)


@app.command()
def data(context: typer.Context, recipe: RecipeName, stage: Stage = "local", source: Data = None, as_json: Json = False) -> None:
    """Put the raw data into the dump bucket, and the marker that says it is complete: where start_on_data is set, that starts the pipeline.

    Examples:  inferstack pipeline data digits  ·  inferstack pipeline data salary --data salaries.csv --stage dev
    """
    make = outside(context).aws(stage)
    bucket, prefix = dump_bucket(stage, make("cloudformation")), f"raw/{recipe}"
    count = _put_data(make("s3"), bucket, prefix, _raw_files(recipe, source, as_json=as_json))
    with asking():
        make("s3").put_object(Bucket=bucket, Key=f"{prefix}/{READY_MARKER}", Body=b"")
    found = {"files": count, "data": f"s3://{bucket}/{prefix}"}
    print_json(found) if as_json else print_facts(found)


@app.command("list")
def list_(context: typer.Context, recipe: RecipeName, stage: Stage = "local", as_json: Json = False) -> None:
    """List the pipeline's executions, the newest first.

    Examples:  inferstack pipeline list digits  ·  inferstack pipeline list digits --stage prod --json
    """
    name = settings_for(stage, recipe=recipe).pipeline_name
    with asking():
        found = (
            outside(context)
            .aws(stage)("sagemaker")
            .list_pipeline_executions(PipelineName=name, MaxResults=50)["PipelineExecutionSummaries"]
        )
    rows = [
        {
            "execution": each["PipelineExecutionArn"].rpartition("/")[2],
            "status": each["PipelineExecutionStatus"],
            "started": f"{each['StartTime']:%Y-%m-%d %H:%M}",
            "reason": each.get("PipelineExecutionFailureReason", ""),
        }
        for each in found
    ]
    print_json(rows) if as_json else print_table(rows)


def _here(recipe: str, folder: Path, source: Path | None, given: dict[str, str], *, cached: bool, as_json: bool) -> tuple[Running, Any]:
    try:
        from pipeline.runner.offline import BUCKET, build_execution  # noqa: PLC0415 - reads data, for which numpy must be there
    except ImportError as error:
        raise fail(f"training needs {error.name}, which is not installed", advice="run `make setup-training`", as_json=as_json) from error
    try:
        made = build_execution(recipe, folder.resolve(), data=source, parameters=given, cached=cached)
    except (FileNotFoundError, KeyError) as error:
        raise fail(str(error.args[0]), as_json=as_json) from error
    return Here(made, time.time), lambda: report_of(folder, recipe, made.id, BUCKET)


def _remote(
    make: Callable[[str], Any], recipe: str, stage: str, source: Path | None, given: dict[str, str], *, as_json: bool
) -> tuple[Running, Any]:
    sagemaker, s3, bucket = make("sagemaker"), make("s3"), dump_bucket(stage, make("cloudformation"))
    prefix = given.get("DataPrefix", f"raw/{recipe}")
    with asking():
        empty = not s3.list_objects_v2(Bucket=bucket, Prefix=f"{prefix}/", MaxKeys=1).get("KeyCount")
    if source is not None or empty:
        _put_data(s3, bucket, prefix, _raw_files(recipe, source, as_json=as_json))
    name = settings_for(stage, recipe=recipe).pipeline_name
    with asking():
        arn = sagemaker.start_pipeline_execution(
            PipelineName=name, PipelineParameters=[{"Name": key, "Value": value} for key, value in given.items()]
        )["PipelineExecutionArn"]
    running = Remote(sagemaker, arn, time.time)

    def report() -> Path:
        target = Path("artifacts/pipeline") / running.id
        with asking():
            S3Store(s3).fetch(f"s3://{bucket}/models/{recipe}/{running.id}/evaluation", target)
        return target / "index.html"

    return running, report


def _raw_files(recipe: str, source: Path | None, *, as_json: bool) -> list[Path]:
    try:
        from recipes.dataset import raw_files  # noqa: PLC0415 - as above

        return raw_files(recipe, source)
    except FileNotFoundError as error:
        raise fail(str(error), as_json=as_json) from error
    except ImportError as error:
        raise fail(
            f"reading data needs {error.name}, which is not installed", advice="run `make setup-training`", as_json=as_json
        ) from error


def _put_data(s3: Any, bucket: str, prefix: str, files: list[Path]) -> int:
    for file in files:
        with asking():
            s3.upload_file(str(file), bucket, f"{prefix}/{file.name}")
    return len(files)


def _parameters(given: list[str], *, as_json: bool) -> dict[str, str]:
    pairs = [text.partition("=") for text in given]
    if wrong := [name for name, equals, _ in pairs if not (name and equals)]:
        raise fail(f"got --set {wrong[0]!r}; expected NAME=VALUE", advice="e.g. --set Candidates=xgboost", as_json=as_json, code=2)
    return {name: value for name, _, value in pairs}


def _follow(running: Running, pause: Callable[[], object], *, as_json: bool) -> View:
    """Show the execution until it ends; Ctrl-C ends it."""
    err.print(f"execution {running.id}")  # said first, since a following that breaks off leaves it running
    try:
        if as_json or not err.is_terminal:
            return _print_changes(running, pause, quiet=as_json)
        with Live(console=err, refresh_per_second=4) as live:
            while True:
                view = running.look()
                live.update(_table(view))
                if view.ended:
                    return view
                pause()
    except KeyboardInterrupt:
        running.stop()
        raise


def _print_changes(running: Running, pause: Callable[[], object], *, quiet: bool) -> View:
    said: dict[str, str] = {}
    while True:
        view = running.look()
        for step in view.steps:
            if said.get(step.name) != step.status and not quiet:
                err.print(f"{step.name}: {step.status}{', known from before' if step.from_cache else ''}")
            said[step.name] = step.status
        if view.ended:
            return view
        pause()


def _table(view: View) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("", "step", "s", "says"):
        table.add_column(column, justify="right" if column == "s" else "left")
    for step in view.steps:
        words = "known from before" if step.from_cache else step.words
        table.add_row(MARKS.get(step.status, step.status), step.name, f"{step.seconds:.0f}", words[-WORDS_WIDTH:].replace("[", r"\["))
    return table


def _end(id_: str, view: View, page: Path | None, next_: str, *, as_json: bool) -> None:
    facts = {"execution": id_, "status": view.status}
    facts |= {"package": view.package} if view.package else {}
    facts |= {"report": str(page)} if page else {}
    if as_json:
        steps = [{"name": step.name, "status": step.status, "seconds": round(step.seconds, 1)} for step in view.steps]
        print_json({**facts, "reason": view.reason, "steps": steps})
    else:
        print_facts(facts)
        if view.package and next_:
            out.print(f"approve it with: {next_}")
    if view.status != "Succeeded":
        if not as_json:
            fail(view.reason or f"the execution is {view.status}")
        raise typer.Exit(1)
