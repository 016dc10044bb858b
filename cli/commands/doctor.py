"""`inferstack doctor`: find what is missing before anything is created."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated

import typer

from cli.console import err, out, print_json, print_table
from cli.doctor.account_checks import check_account
from cli.doctor.machine_checks import check_machine
from cli.finding import Finding
from cli.options import Context, Json, check_stage, parse_context
from cli.services import get_services
from cli.stage.aws import AwsFailed
from deployment.stages import read_context


def doctor(
    context: typer.Context,
    stage: Annotated[
        str, typer.Option(help="local, or the stage that `cdk deploy` is meant for: dev or prod.", callback=check_stage)
    ] = "local",
    settings: Context = None,
    as_json: Json = False,
) -> None:
    """Look for everything that `make up` or a deploy needs, and create nothing.

    Of an account: identity, region, bootstrap, quotas, instance types, the image's base, names that are taken, leftovers, who gets the
    alarms, and whether the settings given with -c would replace the running endpoint. Exit code 1 where something is to fix.

    Examples:
    inferstack doctor
    inferstack doctor --stage dev --json
    inferstack doctor --stage prod -c endpoint_kind=cpu
    """
    wanted = read_context(stage, parse_context(settings))
    with err.status("looking at this machine"):
        findings = list(check_machine())
    if wanted.is_deployed:
        services = get_services(context)
        with err.status("asking AWS"), services.open_http() as http:
            try:
                findings += check_account(wanted, services.connect_aws, http)
            except AwsFailed as error:
                findings.append(Finding("AWS", False, str(error), error.advice))
    if as_json:
        print_json([asdict(finding) for finding in findings])
    else:
        _print_findings(findings)
    if not all(finding.ok for finding in findings):
        raise typer.Exit(1)


def _print_findings(findings: Sequence[Finding]) -> None:
    """Print a table of all, and below it what to do, where a line is not folded and a command can be copied."""
    print_table([{"": "ok" if finding.ok else "--", "what": finding.name, "found": finding.found} for finding in findings])
    wrong = [finding for finding in findings if not finding.ok]
    out.print(f"\n{len(wrong)} to fix" if wrong else "\nall well")
    for finding in wrong:
        out.print(f"  {finding.name}\n    {finding.fix}", soft_wrap=True, markup=False)
