"""`inferstack verify`: the acceptance test of a deployment, the same for the stack on this machine and for AWS."""

import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from cli.console import err, out, print_json, print_table
from cli.options import Json, Stage, Token
from cli.services import Services, get_services
from cli.verify.check import Result, run_checks
from cli.verify.checks import list_all_checks
from cli.verify.deployment import open_deployment

MARKS = {"passed": "ok", "failed": "--", "skipped": "skipped"}


def verify(
    context: typer.Context,
    stage: Stage = "local",
    rollout: Annotated[
        bool,
        typer.Option(
            "--rollout",
            help="Also roll out a copy of the serving model, and roll it back. It takes minutes; start no other rollout meanwhile.",
        ),
    ] = False,
    token: Token = None,
    as_json: Json = False,
) -> None:
    """Prove that a deployment works: ask, upload and listen as users do, and look at what operators rely on.

    It needs an operator's credentials. With auth=jwt it signs in as a user that exists only meanwhile, unless a token is given.
    Exit code 0: nothing failed; what could not be checked is "skipped", with the reason.

    Examples:
    inferstack verify
    inferstack verify --stage dev --rollout
    inferstack verify --stage prod --json
    """
    results = verify_stage(stage, get_services(context), token=token, with_rollout=rollout)
    counts = Counter(str(result.status) for result in results)
    if as_json:
        print_json({"stage": stage, **{status: counts[status] for status in MARKS}, "checks": [asdict(each) for each in results]})
    else:
        print_table([_build_row(each) for each in results])
        for each in results:
            if each.fix:
                out.print(f"\n  {each.group}: {each.name}\n    {each.fix}", soft_wrap=True, markup=False)
        out.print(f"\n{counts['passed']} passed, {counts['failed']} failed, {counts['skipped']} skipped")
    if counts["failed"]:
        raise typer.Exit(1)


def verify_stage(stage: str, services: Services, *, token: str | None = None, with_rollout: bool = False) -> Sequence[Result]:
    """Return the result of each check of a stage's deployment.

    Raises:  AwsFailed: there is no such deployment, or it cannot be asked about.
    """
    with (
        TemporaryDirectory() as folder,
        _show_progress() as report,
        open_deployment(stage, services, Path(folder), time.time(), token) as deployment,
    ):
        checks = list_all_checks([each.recipe for each in deployment.split()], with_rollout=with_rollout)
        return list(run_checks(checks, deployment, lambda check: report(f"{check.group}: {check.name}")))


def _build_row(result: Result) -> dict[str, str]:
    return {
        "": MARKS[result.status],
        "group": result.group,
        "what": result.name,
        "s": f"{result.seconds:.1f}",
        "found": result.found,
    }


@contextmanager
def _show_progress() -> Iterator[Callable[[str], object]]:
    with err.status("looking for the stacks") as status:
        yield status.update
