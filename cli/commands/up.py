"""`inferstack up` and `down`: the stack on this machine."""

import os
import signal
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Annotated

import typer

from cli.console import err, out, print_facts, print_json
from cli.failures import CommandFailed
from cli.options import Context, Json, parse_context
from cli.services import get_services
from cli.status.example_call import build_example_call
from cli.status.kept_report import describe_kept, print_kept
from cli.status.local import print_drop_call
from cli.status.running_stack import describe_stack, list_facts
from cli.steps import show_steps
from cli.training.inputs import load_recipe
from deployment import model_archive
from deployment.paths import state_dir
from deployment.stages import read_context
from local import stack as local_stack
from local.errors import LocalStackError, StackRunsAlready
from local.kept import forget
from local.run_state import RunState, is_emulator_alive, read_state, was_stopped_on_purpose

POLL_S = 0.5
STOP_OR_BESIDE = "stop that one first: `inferstack down`; or have both: `export INFERSTACK_STATE_DIR=.build/second` where the second runs"
ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def up(  # noqa: PLR0917 - typer makes options of arguments
    caller: typer.Context,
    detach: Annotated[bool, typer.Option(help="Return once it runs, instead of waiting for Ctrl-C.")] = False,
    port: Annotated[
        int | None, typer.Option(help="The first of four ports in a row, which must be free.", envvar="INFERSTACK_PORT")
    ] = None,
    context: Context = None,
    keep: Annotated[bool, typer.Option(help="Keep jobs, models and approvals for the next run.")] = True,
    fresh: Annotated[bool, typer.Option("--fresh", help="Throw away what the run before kept, and begin empty.")] = False,
    as_json: Json = False,
) -> None:
    """Run the whole stack on this machine: emulator, endpoint, API and page, deployed by the real cdk CLI.

    Jobs, models and approvals are kept across runs, a set for each recipe; --no-keep begins empty and leaves what is kept as it is.
    Where a stack runs already, say so and show it, and leave it as it is; fail where it has other settings or another port than asked for.

    Examples:
    inferstack up
    inferstack up --detach --json
    inferstack up -c recipe=salary
    inferstack up -c auth=jwt
    """
    settings = parse_context(context)
    load_recipe(read_context("local", settings).recipe)
    if (running := read_state()) is not None:
        _show_running(caller, running, find_difference(running, port, settings, keep=keep, fresh=fresh), as_json=as_json)
        return
    for each in read_context("local", settings).split():
        model_archive.find(each.recipe, each.model_dir)  # before what takes longer
    with _stop_on_signals():
        try:
            with show_steps() as progress:
                state = local_stack.up(progress, port=port, context=settings, keep=keep, fresh=fresh, end_with_caller=not detach)
        except StackRunsAlready as other:
            _show_running(caller, other.state, find_difference(other.state, port, settings, keep=keep, fresh=fresh), as_json=as_json)
            return
        except LocalStackError as error:
            advice = "`inferstack doctor` looks for what is missing"
            if keep:
                advice += "; `inferstack up --no-keep` begins without what the run before kept"
            raise CommandFailed(str(error), advice=advice) from error
        if state.kept_note:
            err.print(state.kept_note, soft_wrap=True, markup=False)
        if as_json:
            print_json(describe_stack(state, get_services(caller)))
        else:
            _print_welcome(caller, state, stop="stop it with `make down`" if detach else "Ctrl-C stops it")
        if not detach:
            watch(state)


def _show_running(caller: typer.Context, state: RunState, difference: str, *, as_json: bool) -> None:
    """Show a stack that another `up` started, or fail where it is not what was asked for."""
    if difference:
        raise CommandFailed(f"a stack runs here already, {difference}", advice=STOP_OR_BESIDE)
    err.print("a stack runs here already; it stays as it is")
    if as_json:
        print_json(describe_stack(state, get_services(caller)))
    else:
        _print_welcome(caller, state, stop="stop it with `make down`")


def find_difference(state: RunState, port: int | None, settings: Mapping[str, str], *, keep: bool = True, fresh: bool = False) -> str:
    """Return what a running stack has other than asked for, in words; empty if nothing was asked for, or it has that."""
    if fresh or (not keep and state.kept_file):
        return f"with its jobs and models, and not {'--fresh' if fresh else '--no-keep'}"
    if port is not None and port != state.port:
        return f"on port {state.port}, not {port}"
    if not settings or read_context("local", settings) == read_context("local", state.context):
        return ""
    started_with = " ".join(f"-c {name}={value}" for name, value in state.context.items()) or "no -c"
    return f"started with {started_with}, not with " + " ".join(f"-c {name}={value}" for name, value in settings.items())


def down(
    forget_: Annotated[bool, typer.Option("--forget", help="Throw away jobs, models and approvals too.")] = False, as_json: Json = False
) -> None:
    """Stop what `up` started; nothing of it keeps running. Say what is kept for the next `up`, and what is thrown away.

    Examples:
    inferstack down
    inferstack down --forget
    """
    state = read_state()
    with err.status("stopping"):
        stopped = local_stack.down()
    forgotten = forget(state) if forget_ else []
    if as_json:
        print_json({"stopped": stopped, "kept": describe_kept(state), "forgotten": list(map(str, forgotten))})
        return
    out.print("stopped" if stopped else "nothing was running")
    if state and not forget_:
        print_kept(state, out)
    for file in forgotten:
        out.print(f"thrown away: {file}", soft_wrap=True, markup=False)


def _print_welcome(caller: typer.Context, state: RunState, *, stop: str) -> None:
    print_facts(list_facts(state, get_services(caller)))
    out.print("\ntry it\n")
    out.print(f"  {build_example_call(state)}", soft_wrap=True, markup=False)
    if os.environ.get("VIRTUAL_ENV") != sys.prefix:
        out.print("  source .venv/bin/activate")  # as under make: a shell does not find the command yet
    out.print("  inferstack open")
    print_drop_call(state)
    out.print(f"\n{stop}")


def watch(state: RunState) -> None:
    """Wait until Ctrl-C, `inferstack down` from elsewhere, or the emulator's end."""
    while is_emulator_alive(state):
        time.sleep(POLL_S)
    if was_stopped_on_purpose(state):
        return
    raise CommandFailed("the emulator ended by itself", advice=f"its log is {state_dir() / 'logs/emulator.log'}")


@contextmanager
def _stop_on_signals() -> Iterator[None]:
    """Stop the stack that this process started when it gets a signal to end, so that nothing of it is left running."""

    def interrupt(number: int, _: object) -> None:
        for signal_ in ENDING:  # a second Ctrl-C must not interrupt the stopping, which begins on the way to who caught the first
            signal.signal(signal_, signal.SIG_IGN)
        raise KeyboardInterrupt(number)

    for signal_ in ENDING:
        signal.signal(signal_, interrupt)
    try:
        yield
    except KeyboardInterrupt:
        state = read_state()
        stopped = local_stack.down(only_own=True)
        if stopped and state:
            err.print("stopped")
            print_kept(state, err)
        # 130: it was interrupted before the stack ran.
        raise typer.Exit(0 if stopped else 130) from None
