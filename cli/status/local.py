"""What `inferstack status` prints of the stack that runs on this machine."""

from cli.console import out, print_facts, print_json
from cli.services import Services
from cli.status.running_stack import build_drop_call, count_misplaced, describe_stack, format_environment
from cli.status.what_runs import print_what_runs
from local.run_state import RunState


def print_local_status(state: RunState, services: Services, *, as_json: bool) -> None:
    """Print where it is and what runs there."""
    description = describe_stack(state, services)
    description["misplaced"] = misplaced = count_misplaced(state, services)
    if as_json:
        print_json(description)
        return
    for shown_elsewhere in ("running", "misplaced", "aws"):
        del description[shown_elsewhere]
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
