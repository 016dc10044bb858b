"""`inferstack up`, `down`, `status` and `synth`: the stack on this machine."""

import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Annotated, Any

import typer
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from cli.example_call import build_example_call
from cli.output import Json, err, fail, out, print_facts, print_json
from deployment.paths import PYTHON, ROOT
from deployment.stages import STAGES, settings_for
from local import cdk
from local import stack as local_stack
from local.cdk import CdkFailed
from local.errors import LocalStackError
from local.run_state import RunState, is_emulator_alive, read_state, was_stopped_on_purpose
from local.sagemaker_client import endpoint_status
from recipes.recipe import load, names

WATCH_EVERY_S = 0.5


def up(
    detach: Annotated[bool, typer.Option(help="Return once it runs, instead of waiting for Ctrl-C.")] = False,
    port: Annotated[int | None, typer.Option(help="The first of four free ports.", envvar="INFERSTACK_PORT")] = None,
    context: Annotated[
        list[str] | None, typer.Option("--context", "-c", metavar="KEY=VALUE", help="A setting to override, as for cdk; repeat it.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Run the whole stack on this machine: emulator, endpoint, API and page, deployed by the real cdk CLI.

    Examples:  inferstack up  ·  inferstack up --detach --json  ·  INFERSTACK_PORT=5000 inferstack up  ·  inferstack up -c recipe=salary
    """
    if wrong := [setting for setting in context or [] if "=" not in setting]:
        raise fail(f"got -c {wrong[0]}; expected KEY=VALUE, like recipe=salary", as_json=as_json, code=2)
    settings = dict(setting.split("=", 1) for setting in context or [])
    with _stopping_on_signals():
        try:
            with _steps() as progress:
                state = local_stack.up(progress, port=port, context=settings)
        except LocalStackError as error:
            raise fail(str(error), advice="`inferstack doctor` looks for what is missing", as_json=as_json) from error
        if as_json:
            print_json(_described(state))
        else:
            _welcome(state, detach=detach)
        if not detach:
            _watch(state, as_json=as_json)


def down(as_json: Json = False) -> None:
    """Stop what `up` started; nothing of it keeps running.

    Examples:  inferstack down
    """
    stopped = local_stack.down()
    if as_json:
        print_json({"stopped": stopped})
    else:
        out.print("stopped" if stopped else "nothing was running")


def status(as_json: Json = False) -> None:
    """Say whether the stack runs, and where: URLs, S3, the endpoint's state, the model's version.

    Examples:  inferstack status  ·  inferstack status --json
    """
    state = read_state()
    if state is None:
        if as_json:
            print_json({"running": False})
        else:
            out.print("not running; start it with `make up`")
        raise typer.Exit(1)
    described = _described(state)
    if as_json:
        print_json(described)
    else:
        aws = described.pop("aws")
        print_facts({name.replace("_", " "): value for name, value in described.items()})
        out.print("\nany AWS client reaches it with:  " + " ".join(f"{name}={value}" for name, value in aws.items()), soft_wrap=True)


def synth(
    stage: Annotated[str, typer.Option(help=f"One of {', '.join(STAGES)}.")] = "local",
    as_json: Json = False,
) -> None:
    """Build the function's bundle and write the stage's templates to cdk.out/; needs no account, no Docker.

    Examples:  inferstack synth --stage dev  ·  make synth STAGE=prod
    """
    if stage not in STAGES:
        raise fail(f"stage is {stage!r}, not one of {', '.join(STAGES)}", as_json=as_json, code=2)
    bundled = subprocess.run([PYTHON, "-m", "deployment.bundle", "--stage", stage], cwd=ROOT, capture_output=True, text=True, check=False)
    if bundled.returncode:
        raise fail(bundled.stderr.strip(), as_json=as_json)
    folder = ROOT / "cdk.out"
    try:
        cdk.synth(folder, {}, stage=stage)
    except CdkFailed as error:
        raise fail(str(error), as_json=as_json) from error
    templates = sorted(str(path.relative_to(ROOT)) for path in folder.glob(f"Inferstack-{stage}-*.template.json"))
    if as_json:
        print_json({"stage": stage, "templates": templates})
    else:
        out.print("\n".join(templates))


def _described(state: RunState) -> dict[str, Any]:
    """Return what people and machines want to know of a running stack."""
    described = asdict(state)
    described["endpoint_status"], described["model_version"] = endpoint_status(state)
    described["recipe"] = find_recipe(state)
    stack = ("page_url", "api_url", "s3_endpoint", "dump_bucket")
    order = (*stack, "recipe", "endpoint", "endpoint_status", "model_version", "port", "pid", "aws")
    return {"running": True, **{name: described[name] for name in order}}


def find_recipe(state: RunState) -> str:
    """Return the recipe of a running stack: its endpoint has the recipe's name, whoever brought it up and with which settings."""
    return next(name for name in names() if settings_for("local", recipe=name).endpoint_name == state.endpoint)


def _welcome(state: RunState, *, detach: bool) -> None:
    print_facts({"page": state.page_url, "API": state.api_url, "S3": f"{state.s3_endpoint}  (bucket {state.dump_bucket})"})
    out.print("\ntry it\n")
    out.print(f"  {build_example_call(state.api_url, load(find_recipe(state)))}", soft_wrap=True, markup=False)
    out.print("\nstop it with `make down`" if detach else "\nCtrl-C stops it")


def _watch(state: RunState, *, as_json: bool) -> None:
    """Wait until Ctrl-C, `inferstack down` from elsewhere, or the emulator's end."""
    while is_emulator_alive(state):
        time.sleep(WATCH_EVERY_S)
    if was_stopped_on_purpose(state):
        return
    raise fail("the emulator ended by itself", advice="its log is .inferstack/logs/emulator.log", as_json=as_json)


@contextmanager
def _stopping_on_signals() -> Iterator[None]:
    """Leave nothing running when this process is told to end in the foreground."""

    def stop(number: int, _: object) -> None:
        raise KeyboardInterrupt(number)

    for signal_ in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(signal_, stop)
    try:
        yield
    except KeyboardInterrupt:
        # A second Ctrl-C must not cut the stopping short.
        for signal_ in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(signal_, signal.SIG_IGN)
        stopped = local_stack.down()
        if stopped:
            err.print("stopped")
        # 130: it was cut short before it ran.
        raise typer.Exit(0 if stopped else 130) from None


@contextmanager
def _steps() -> Iterator[local_stack.OnStep]:
    """Show each step with a spinner and its time."""
    columns = (
        SpinnerColumn(finished_text="✓"),
        TextColumn("{task.description:24}"),
        TimeElapsedColumn(),
        TextColumn("[dim]{task.fields[what]}"),
    )
    with Progress(*columns, console=err) as bars:
        tasks: dict[str, Any] = {}

        def progress(step: str, what: str) -> None:
            if step not in tasks:
                tasks[step] = bars.add_task(step, total=1, what="")
            event = cdk.EVENT.match(what)
            if event:
                what = f"{event['done']}/{event['all'] or '…'} {event['type']}"
            bars.update(tasks[step], what=what, completed=0 if what else 1)

        yield progress
