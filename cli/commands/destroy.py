"""`inferstack destroy`: delete a stage, with everything in it that its settings do not retain."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from typing import Annotated, Any

import typer

from cli.console import ASKING_AWS, err, explain_interrupt, out, print_json, print_table
from cli.failures import CommandFailed, WrongCall
from cli.options import Json, Stage
from cli.services import get_services
from cli.stage.aws import AwsFailed, translate_aws_errors
from cli.stage.firewall import StageFirewall
from cli.stage.removal import StageRemoval
from cli.stage.stacks import StageStack, find_stacks, list_other_recipes
from deployment.stages import settings_for
from local.bundles import BundlesFailed
from local.cdk import CdkFailed

AGAIN = "run the command again: what is gone stays gone"


def destroy(
    context: typer.Context,
    stage: Stage,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask for confirmation.")] = False,
    as_json: Json = False,
) -> None:
    """Delete a stage: stop its jobs, empty its buckets, delete its model's versions, and delete its stacks in their order.

    Where the settings retain data, as in prod, the Storage stack stays as it is, and the next deployment finds its data there.

    Examples:
    inferstack destroy --stage dev
    inferstack destroy --stage dev --yes --json
    """
    if as_json and not yes:
        raise WrongCall("--json cannot ask for confirmation", advice="add --yes if you mean it")
    services = get_services(context)
    clients = services.connect_aws(stage)
    cloudformation = clients("cloudformation")
    with translate_aws_errors(), err.status(ASKING_AWS):
        stacks, firewall = find_stacks(stage, cloudformation), StageFirewall(stage, services.connect_aws)
    if changing := [stack.name for stack in (*stacks, *firewall.stacks) if stack.is_changing]:
        raise CommandFailed(f"{changing[0]} is being changed", advice="wait until that has ended")
    doomed = [stack for stack in stacks if not stack.is_protected]
    is_anything_there = bool(doomed or firewall.stacks)
    if is_anything_there and not as_json:
        _print_plan(stage, [*doomed, *firewall.stacks])
    if is_anything_there and not yes and typer.prompt(f"Type {stage} to delete this", err=True) != stage:
        raise typer.Abort
    report: Callable[[str], object] = (lambda _: None) if as_json else (lambda what: err.print(what, markup=False))
    try:
        others = list_other_recipes(stage, doomed)
        delete_stack = services.open_toolkit(stage, cloudformation.meta.region_name, others) if doomed else (lambda _: None)
        removal = StageRemoval(clients, delete_stack, sleep=services.sleep, report=report)
        with translate_aws_errors(), explain_interrupt(lambda: f"{stage} is half deleted; {AGAIN}"):
            removal.stop_transform_jobs(settings_for(stage).transform_prefix)
            for stack in doomed:
                removal.delete(stack)
            removed = [_remove_firewall(firewall, stack, report) for stack in firewall.stacks]
    except (CdkFailed, BundlesFailed, AwsFailed) as error:
        raise CommandFailed(str(error), advice=AGAIN) from error
    _print_result([*stacks, *removed], as_json=as_json)


def _remove_firewall(firewall: StageFirewall, stack: StageStack, report: Callable[[str], object]) -> StageStack:
    """Delete the firewall's stack unless it protects another page; return it, protected where it stays."""
    if users := firewall.list_users(stack):
        report(f"keep {stack.name}: the same stage of another region uses it, at {', '.join(users)}")
        return replace(stack, is_protected=True)
    report(f"delete {stack.name}")
    firewall.delete(stack)
    return stack


def _print_plan(stage: str, stacks: Sequence[StageStack]) -> None:
    """Print what will be deleted, on stderr, as all that is about the run."""
    buckets = [bucket for stack in stacks for bucket in stack.list_deleted("AWS::S3::Bucket")]
    err.print(f"of {stage}, this deletes for ever:")
    for stack in stacks:
        err.print(f"  the stack {stack.name}, {len(stack.resources)} resources")
    for bucket in buckets:
        err.print(f"  everything in the bucket {bucket}")
    if any(stack.list_deleted("AWS::SageMaker::ModelPackageGroup") for stack in stacks):
        err.print("  every version of the model")


def _print_result(stacks: Sequence[StageStack], *, as_json: bool) -> None:
    deleted = [stack.name for stack in stacks if not stack.is_protected]
    retained: list[dict[str, Any]] = [{"stack": stack.name, **asdict(each)} for stack in stacks for each in stack.list_retained()]
    rows = [{"stack": each["stack"], "kind": each["kind"], "id": each["id"]} for each in retained]
    if as_json:
        print_json({"deleted": deleted, "retained": rows})
        return
    out.print("\n".join(f"deleted {name}" for name in deleted) or "there was nothing to delete")
    if rows:
        out.print("\nretained, because the settings say so, or another region uses it:")
        print_table(rows)
