"""`inferstack doctor`: find what is missing before anything is created."""

from dataclasses import asdict
from typing import Annotated

import typer

from cli.account_checks import check_account
from cli.console import out, print_json, print_table
from cli.machine_checks import check_machine
from cli.options import Json, require_stage


def doctor(
    stage: Annotated[str, typer.Option(help="local, or the stage that `cdk deploy` is meant for: dev or prod.")] = "local",
    as_json: Json = False,
) -> None:
    """Look for everything that `make up` or a deploy needs, and create nothing.

    Examples:  inferstack doctor  ·  inferstack doctor --stage dev --json
    """
    require_stage(stage, as_json=as_json)
    findings = [*check_machine(), *(check_account() if stage != "local" else ())]
    if as_json:
        print_json([asdict(finding) for finding in findings])
    else:
        print_table([{"": "ok" if f.ok else "--", "what": f.name, "found": f.found, "fix": "" if f.ok else f.fix} for f in findings])
        missing = sum(not f.ok for f in findings)
        out.print(f"\n{missing} to fix" if missing else "\nall well")
    if not all(finding.ok for finding in findings):
        raise typer.Exit(1)
