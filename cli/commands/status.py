"""`inferstack status` and `open`: where a stage is, what runs there, and its page."""

from typing import Annotated

import typer

from cli.console import ASKING_AWS, err, out, print_facts, print_json
from cli.failures import CommandFailed
from cli.options import Json, Stage, Token
from cli.services import get_services
from deployment.paths import state_dir
from local.run_state import ended_by_itself, read_state
from local.up_lock import is_starting

NOTHING_RUNS, START = "no local stack is running", "start it with `make up`"


def status(caller: typer.Context, stage: Stage = "local", token: Token = None, as_json: Json = False) -> None:
    """Show where a stage is (page, API, buckets, sign-in), and to operators what runs: endpoint, model, queue, alarms, newest jobs.

    What runs comes from the stage's API, so it needs an operator's sign-in there: a token, or with auth=iam your AWS credentials.

    Examples:
    inferstack status
    inferstack status --json
    inferstack status --stage dev
    """
    if stage == "local":
        _show_local(caller, as_json=as_json)
        return
    from cli.status.stage import describe_stage  # noqa: PLC0415 - nothing of it says that no stack runs here
    from cli.status.what_runs import print_what_runs  # noqa: PLC0415 - nothing of it says that no stack runs here

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
            if not starting and ended_by_itself():
                out.print(
                    f"the one before ended without `down`: its log is {state_dir() / 'logs/emulator.log'}", soft_wrap=True, markup=False
                )
        raise typer.Exit(1)
    from cli.status.local import print_local_status  # noqa: PLC0415 - what asks a stack takes a tenth of a second to import

    print_local_status(state, get_services(caller), as_json=as_json)


def open_(
    caller: typer.Context,
    stage: Stage = "local",
    print_only: Annotated[bool, typer.Option("--print", help="Print the page's URL, and open nothing.")] = False,
    as_json: Json = False,
) -> None:
    """Open a stage's page in your browser; where there is no browser, print its URL.

    Examples:
    inferstack open
    inferstack open --print
    inferstack open --stage dev
    """
    url = _find_page(caller, stage)
    is_opened = not (print_only or as_json) and _open_browser(url)
    if as_json:
        print_json({"page_url": url})
    else:
        out.print(url, soft_wrap=True, markup=False)
    if not (is_opened or print_only or as_json):
        where = "in one on this machine" if stage == "local" else "in one anywhere"
        err.print(f"there is no browser here; open this address {where}")


def _find_page(caller: typer.Context, stage: str) -> str:
    if stage != "local":
        from cli.stage.outputs import find_page_url  # noqa: PLC0415 - nothing of it says that no stack runs here

        with err.status(ASKING_AWS):
            return find_page_url(stage, get_services(caller).connect_aws(stage)("cloudformation"))
    state = read_state()
    if state is None:
        raise CommandFailed(NOTHING_RUNS, advice=START)
    return state.page_url


def _open_browser(url: str) -> bool:
    """Return whether a browser took the page."""
    import webbrowser  # noqa: PLC0415 - it looks for browsers when it is imported

    try:
        return webbrowser.open(url)
    except (webbrowser.Error, OSError):
        return False
