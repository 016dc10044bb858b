"""`inferstack status` and `open`: where a stage is, what runs there, and its page."""

from typing import Annotated

import typer

from cli.console import ASKING_AWS, err, fail, out, print_facts, print_json
from cli.options import Json, Stage, Token, require_stage
from cli.running_stack import build_drop_call, count_misplaced, describe_stack, format_environment
from cli.services import get_services
from cli.stack_outputs import find_page_url
from cli.stage_status import describe_stage, read_what_runs_here
from cli.what_runs import print_what_runs
from local.run_state import RunState, read_state
from local.stack import is_starting

NOTHING_RUNS, START = "no local stack is running", "start it with `make up`"


def status(caller: typer.Context, stage: Stage = "local", token: Token = None, as_json: Json = False) -> None:
    """Show where a stage is (page, API, buckets, sign-in), and to operators what runs: endpoint, model, queue, alarms, newest jobs.

    What runs comes from the stage's API, so it needs an operator's sign-in there: a token, or with auth=iam your AWS credentials.

    Examples:  inferstack status  ·  inferstack status --json  ·  inferstack status --stage dev
    """
    require_stage(stage, as_json=as_json)
    if stage == "local":
        _show_local(caller, as_json=as_json)
        return
    with err.status(ASKING_AWS):
        description = describe_stage(stage, get_services(caller), token)
    if as_json:
        print_json(description)
        return
    runs = description.pop("runs")
    print_facts({name.replace("_", " "): value for name, value in description.items()})
    print_what_runs(runs)


def _show_local(caller: typer.Context, *, as_json: bool) -> None:
    state = read_state()
    if state is None:
        starting = is_starting()
        if as_json:
            print_json({"running": False, "starting": starting})
        else:
            out.print("not running yet: `up` is starting it" if starting else f"not running; {START}")
        raise typer.Exit(1)
    services = get_services(caller)
    misplaced = count_misplaced(state, services)
    description = {**describe_stack(state, services), "misplaced": misplaced, "runs": read_what_runs_here(state, services)}
    if as_json:
        print_json(description)
        return
    del description["misplaced"]
    del description["aws"]
    runs = description.pop("runs")
    user = description.pop("demo_user")
    facts = {name: ", ".join(value) if isinstance(value, list) else value for name, value in (description | user).items()}
    print_facts({name.replace("_", " "): value for name, value in facts.items() if value != ""})
    print_what_runs(runs)
    out.print("\nany AWS client reaches it with\n")
    out.print(f"  {format_environment(state)}", soft_wrap=True, markup=False)
    print_drop_call(state)
    if misplaced:
        lie, them = ("file lies", "it") if misplaced == 1 else ("files lie", "them")
        out.print(f"\n{misplaced} {lie} in the wrong place, where nobody reads {them}; `inferstack inbox` says which", soft_wrap=True)


def print_drop_call(state: RunState) -> None:
    """Print how files are dropped, and where what came of them is found."""
    out.print("\ndrop a file, and see what came of it\n")
    out.print(f"  {build_drop_call(state)}", soft_wrap=True, markup=False)
    out.print("  inferstack inbox")


def open_(
    caller: typer.Context,
    stage: Stage = "local",
    print_only: Annotated[bool, typer.Option("--print", help="Print the page's URL, and open nothing.")] = False,
    as_json: Json = False,
) -> None:
    """Open a stage's page in your browser; where there is no browser, print its URL.

    Examples:  inferstack open  ·  inferstack open --print  ·  inferstack open --stage dev
    """
    require_stage(stage, as_json=as_json)
    url = _find_page(caller, stage, as_json=as_json)
    is_opened = not (print_only or as_json) and _open_browser(url)
    if as_json:
        print_json({"page_url": url})
    else:
        out.print(url, soft_wrap=True, markup=False)
    if not (is_opened or print_only or as_json):
        where = "in one on this machine" if stage == "local" else "in one anywhere"
        err.print(f"there is no browser here; open this address {where}")


def _find_page(caller: typer.Context, stage: str, *, as_json: bool) -> str:
    if stage != "local":
        with err.status(ASKING_AWS):
            return find_page_url(stage, get_services(caller).connect_aws(stage)("cloudformation"))
    state = read_state()
    if state is None:
        raise fail(NOTHING_RUNS, advice=START, as_json=as_json)
    return state.page_url


def _open_browser(url: str) -> bool:
    """Return whether a browser took the page."""
    import webbrowser  # noqa: PLC0415 - it looks for browsers when it is imported

    try:
        return webbrowser.open(url)
    except (webbrowser.Error, OSError):
        return False
