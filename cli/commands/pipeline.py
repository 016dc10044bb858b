"""`inferstack pipeline`: train every candidate of a recipe, and register the best; in an account, on the emulator, or in a folder."""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from cli.console import ASKING_AWS, err, out, print_facts, print_json, print_table
from cli.failures import WrongCall
from cli.options import Json, RecipeName, Stage
from cli.services import get_services
from cli.stage.aws import AwsFailed, Clients, translate_aws_errors
from cli.stage.outputs import find_dump_bucket
from cli.training.inputs import load_recipe, require_training_packages
from cli.training.pipeline_data import list_raw_objects, require_no_others, require_raw_files, require_readable, upload_raw_files
from cli.training.pipeline_executions import Execution, ExecutionStatus, LocalExecution, SageMakerExecution, build_report_path
from cli.training.pipeline_progress import follow_execution, print_result
from deployment.stages import settings_for
from pipeline.parameters import check_parameters, read_test_share
from pipeline.runner.store import S3Store
from pipeline.steps import READY_MARKER

LOCAL_POLL_S, AWS_POLL_S = 0.5, 5  # an account's calls are few, and an execution takes an hour

Data = Annotated[
    Path | None, typer.Option("--data", help="The raw data, a file or a folder; by default what the recipe has at hand.", exists=True)
]
FindReport = Callable[[], Path]

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

    Examples:
    inferstack pipeline run digits -s Candidates=xgboost,xgboost_tuned
    inferstack pipeline run digits --stage dev
    """
    load_recipe(recipe)
    values = _parse_parameters(parameters or [])
    services = get_services(context)
    if folder is None and stage == "local" and not services.has_local_stack():
        folder = Path("artifacts/pipeline")
        err.print(f"no stack runs, so the artefacts go to {folder}")
    if folder is not None:
        execution, find_report = _start_here(recipe, folder, data, values, cached=not fresh)
        approve_command = ""
    else:
        execution, find_report = _start_in_aws(services.connect_aws(stage), recipe, stage, data, values)
        # With the recipe, because of a stage with several only the first needs none.
        approve_command = f"inferstack models approve {{version}} --recipe {recipe}" + (f" --stage {stage}" if stage != "local" else "")
    poll_s = LOCAL_POLL_S if folder is not None or stage == "local" else AWS_POLL_S
    status = follow_execution(execution, lambda: services.sleep(poll_s), as_json=as_json)
    report = find_report() if _has_report(status) else None
    print_result(execution.id, status, report, approve_command.format(version=status.package.rpartition("/")[2]), as_json=as_json)


@app.command()
def data(context: typer.Context, recipe: RecipeName, stage: Stage = "local", source: Data = None, as_json: Json = False) -> None:
    """Put the raw data into the dump bucket, and the marker that says it is complete: where start_on_data is set, that starts the pipeline.

    Examples:
    inferstack pipeline data digits
    inferstack pipeline data salary --data salaries.csv --stage dev
    """
    load_recipe(recipe)
    clients = get_services(context).connect_aws(stage)
    with err.status(ASKING_AWS):
        bucket, prefix = find_dump_bucket(stage, clients("cloudformation")), f"raw/{recipe}"
    files = require_raw_files(recipe, source)
    require_no_others(bucket, prefix, list_raw_objects(clients("s3"), bucket, prefix), files)
    upload_raw_files(clients("s3"), bucket, prefix, files)
    with translate_aws_errors():
        clients("s3").put_object(Bucket=bucket, Key=f"{prefix}/{READY_MARKER}", Body=b"")
    facts = {"files": len(files), "data": f"s3://{bucket}/{prefix}"}
    print_json(facts) if as_json else print_facts(facts)


@app.command("list")
def list_(context: typer.Context, recipe: RecipeName, stage: Stage = "local", as_json: Json = False) -> None:
    """List the pipeline's executions, the newest first.

    Examples:
    inferstack pipeline list digits
    inferstack pipeline list digits --stage prod --json
    """
    load_recipe(recipe)
    name = settings_for(stage, recipe=recipe).pipeline_name
    sagemaker = get_services(context).connect_aws(stage)("sagemaker")
    with translate_aws_errors(), explain_missing_pipeline(stage, recipe), err.status(ASKING_AWS):
        summaries = sagemaker.list_pipeline_executions(PipelineName=name, MaxResults=50)["PipelineExecutionSummaries"]
    rows = [
        {
            "execution": each["PipelineExecutionArn"].rpartition("/")[2],
            "status": each["PipelineExecutionStatus"],
            "started": f"{each['StartTime']:%Y-%m-%d %H:%M}",
            "reason": each.get("PipelineExecutionFailureReason", ""),
        }
        for each in summaries
    ]
    if as_json:
        print_json(rows)
    elif rows:
        print_table(rows)
    else:
        out.print(f"no execution yet; `inferstack pipeline run {recipe}` starts one")


def _start_here(
    recipe: str, folder: Path, source: Path | None, parameters: dict[str, str], *, cached: bool
) -> tuple[Execution, FindReport]:
    with require_training_packages():
        from pipeline.runner.offline import BUCKET, build_execution  # noqa: PLC0415 - it reads data with numpy
    require_raw_files(recipe, source, test_share=read_test_share(parameters))
    started = build_execution(recipe, folder, data=source, parameters=parameters, cached=cached)
    return LocalExecution(started, time.time), lambda: build_report_path(folder, recipe, started.id, BUCKET)


def _start_in_aws(
    clients: Clients, recipe: str, stage: str, source: Path | None, parameters: dict[str, str]
) -> tuple[Execution, FindReport]:
    """Start the pipeline, and before that upload the raw data if some is named or the bucket has none.

    What is wrong with the parameters is found before anything is brought.
    """
    name = settings_for(stage, recipe=recipe).pipeline_name
    with translate_aws_errors(), explain_missing_pipeline(stage, recipe), err.status(ASKING_AWS):
        sagemaker, s3, bucket = clients("sagemaker"), clients("s3"), find_dump_bucket(stage, clients("cloudformation"))
        deployed = json.loads(sagemaker.describe_pipeline(PipelineName=name)["PipelineDefinition"])
    check_parameters({each["Name"]: each for each in deployed["Parameters"]}, parameters)
    prefix = parameters.get("DataPrefix", f"raw/{recipe}")
    objects = list_raw_objects(s3, bucket, prefix)
    if source is None and objects:
        require_readable(bucket, prefix, objects)
    else:
        files = require_raw_files(recipe, source, test_share=read_test_share(parameters))
        require_no_others(bucket, prefix, objects, files)
        upload_raw_files(s3, bucket, prefix, files)
    with translate_aws_errors():
        arn = sagemaker.start_pipeline_execution(
            PipelineName=name, PipelineParameters=[{"Name": key, "Value": value} for key, value in parameters.items()]
        )["PipelineExecutionArn"]
    execution = SageMakerExecution(sagemaker, arn, time.time, keeps_results=stage == "local")

    def download_report() -> Path:
        folder = Path("artifacts/pipeline") / execution.id
        with translate_aws_errors():
            S3Store(s3).fetch(f"s3://{bucket}/models/{recipe}/{execution.id}/evaluation", folder)
        return folder / "index.html"

    return execution, download_report


@contextmanager
def explain_missing_pipeline(stage: str, recipe: str) -> Iterator[None]:
    """Say that a stage has no pipeline of this recipe: it is of another one, or has none."""
    try:
        yield
    except Exception as error:
        response: Mapping[str, Any] = getattr(error, "response", {})
        if response.get("Error", {}).get("Code") != "ResourceNotFound":
            raise
        start = f"`inferstack up -c recipe={recipe}`" if stage == "local" else f"`npx cdk deploy --all -c stage={stage} -c recipe={recipe}`"
        message = f"the stage {stage} has no pipeline of {recipe}: it serves another recipe"
        raise AwsFailed(message, advice=f"start one that does with {start}; or train here, without a stack: --folder artifacts") from error


def _has_report(status: ExecutionStatus) -> bool:
    return status.status == "Succeeded" or any(step.name == "Evaluate" and step.status == "Succeeded" for step in status.steps)


def _parse_parameters(texts: list[str]) -> dict[str, str]:
    pairs = [text.partition("=") for text in texts]
    if wrong := [name for name, equals, _ in pairs if not (name and equals)]:
        raise WrongCall(f"got --set {wrong[0]!r}; expected NAME=VALUE", advice="e.g. --set Candidates=xgboost")
    return {name: value for name, _, value in pairs}
