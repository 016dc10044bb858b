"""`inferstack status` and `open`: where the stack on this machine is, and its page."""

from typing import Annotated

import typer

from cli.console import err, fail, out, print_facts, print_json
from cli.options import Json
from cli.running_stack import build_drop_call, count_misplaced, describe_stack, format_environment
from cli.services import get_services
from local.run_state import RunState, read_state

NOTHING_RUNS, START = "no local stack is running", "start it with `make up`"


def status(caller: typer.Context, as_json: Json = False) -> None:
    """Show whether the stack runs, and where: page, API, events, S3 and its buckets, the sign-in, the model, and how to drop files.

    Examples:  inferstack status  ·  inferstack status --json
    """
    state = read_state()
    if state is None:
        if as_json:
            print_json({"running": False})
        else:
            out.print(f"not running; {START}")
        raise typer.Exit(1)
    services = get_services(caller)
    misplaced = count_misplaced(state, services)
    description = {**describe_stack(state, services), "misplaced": misplaced}
    if as_json:
        print_json(description)
        return
    del description["misplaced"]
    del description["aws"]
    user = description.pop("demo_user")
    print_facts({name.replace("_", " "): value for name, value in (description | user).items() if value != ""})
    out.print("\nany AWS client reaches it with\n")
    out.print(f"  {format_environment(state)}", soft_wrap=True, markup=False)
    print_drop_call(state)
    if misplaced:
        lie = "file lies" if misplaced == 1 else "files lie"
        out.print(f"\n{misplaced} {lie} in the wrong place, where nobody reads it; `inferstack inbox` says which", soft_wrap=True)


def print_drop_call(state: RunState) -> None:
    """Print how files are dropped, and where what came of them is found."""
    out.print("\ndrop a file, and see what came of it\n")
    out.print(f"  {build_drop_call(state)}", soft_wrap=True, markup=False)
    out.print("  inferstack inbox")


def open_(
    print_only: Annotated[bool, typer.Option("--print", help="Print the page's URL, and open nothing.")] = False, as_json: Json = False
) -> None:
    """Open the page of the stack on this machine in your browser; where there is none, print its URL.

    Examples:  inferstack open  ·  inferstack open --print
    """
    state = read_state()
    if state is None:
        raise fail(NOTHING_RUNS, advice=START, as_json=as_json)
    is_opened = not (print_only or as_json) and _open_browser(state.page_url)
    if as_json:
        print_json({"page_url": state.page_url})
    else:
        out.print(state.page_url, soft_wrap=True, markup=False)
    if not (is_opened or print_only or as_json):
        err.print("there is no browser here; open this address in one on this machine")


def _open_browser(url: str) -> bool:
    """Return whether a browser took the page."""
    import webbrowser  # noqa: PLC0415 - it looks for browsers when it is imported

    try:
        return webbrowser.open(url)
    except (webbrowser.Error, OSError):
        return False
