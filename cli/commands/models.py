"""`inferstack models`: the versions of a model, and which one serves."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Annotated, Any

import typer

from cli.output import Json, err, fail, out, print_json, print_table
from cli.outside import Outside, outside
from cli.parallel import in_parallel
from cli.registry import READ_AT_ONCE, SHIPPED, Registry, Version, follow
from deployment.stages import STAGES

Stage = Annotated[str, typer.Option(help=f"One of {', '.join(STAGES)}; for all but local with your own AWS credentials.")]
Number = Annotated[int, typer.Argument(metavar="VERSION", help="A version's number.", min=1)]
Wait = Annotated[bool, typer.Option("--wait", help="Return when the endpoint serves it, or fail with the reason why not.")]

app = typer.Typer(no_args_is_help=True, help="Look at a model's versions, approve one, and go back to the one before.")


@app.command("list")
def list_(
    context: typer.Context,
    stage: Stage = "local",
    limit: Annotated[int, typer.Option(help="How many to show.", min=1)] = 20,
    as_json: Json = False,
) -> None:
    """List a model's versions, the newest first, and which one serves.

    Examples:  inferstack models list  ·  inferstack models list --stage prod --json
    """
    registry = registry_of(context, stage, as_json=as_json)
    versions = registry.versions(limit)
    rows = list(zip(versions, in_parallel(registry.statistics, versions, READ_AT_ONCE), strict=True))
    if as_json:
        print_json([_facts(version, figures) for version, figures in rows])
        return
    print_table([_row(version, figures) for version, figures in rows])
    if not versions:
        out.print("no version yet; a training pipeline registers them")
    if not registry.serving().arn:
        err.print(SHIPPED)


@app.command()
def approve(context: typer.Context, version: Number, stage: Stage = "local", wait: Wait = False, as_json: Json = False) -> None:
    """Approve a version: the newest approved one is rolled out. One that was rolled back is tried again.

    Examples:  inferstack models approve 3 --wait  ·  inferstack models approve 3 --stage prod
    """
    registry = registry_of(context, stage, as_json=as_json)
    registry.decide(registry.version(version), "Approved", "approved with inferstack")
    newest = max(registry.approved(), default=version)
    if newest > version:
        err.print(f"version {newest} is approved and newer, so it serves; this one takes its place when that is rejected")
    _end(outside(context), registry, version, wait=wait and newest == version, as_json=as_json)


@app.command()
def rollback(
    context: typer.Context,
    stage: Stage = "local",
    reason: Annotated[str, typer.Option(help="What was wrong with it; stays with the version.")] = "no reason given",
    wait: Wait = False,
    as_json: Json = False,
) -> None:
    """Reject the version that serves; the newest approved one before it is rolled out in its place.

    Examples:  inferstack models rollback --reason "sevens come out as ones" --wait  ·  inferstack models rollback --stage prod
    """
    registry = registry_of(context, stage, as_json=as_json)
    serving = registry.serving().arn
    if not serving:
        raise fail(f"{SHIPPED}, so there is nothing to roll back", as_json=as_json)
    bad = registry.version(int(serving.rsplit("/", 1)[1]))
    others = [number for number in registry.approved() if number != bad.number]
    if not others:
        raise fail(
            f"version {bad.number} is the only approved one, so nothing would take its place",
            advice="approve another first; `inferstack models list` shows them",
            as_json=as_json,
        )
    if others[0] > bad.number:
        raise fail(
            f"version {others[0]} is approved and newer than {bad.number}, so it is about to be rolled out",
            advice="wait for it, or reject it in SageMaker first",
            as_json=as_json,
        )
    registry.decide(bad, "Rejected", f"rolled back by hand: {reason}")
    _end(outside(context), registry, others[0], wait=wait, as_json=as_json)


def _end(world: Outside, registry: Registry, number: int, *, wait: bool, as_json: bool) -> None:
    """Wait if asked to, and say how the version stands."""
    if wait:
        with _progress(number, as_json=as_json) as told:
            follow(registry, number, sleep=world.sleep, clock=world.clock, told=told)
    version = registry.version(number)
    if as_json:
        print_json(_facts(version, registry.statistics(version)))
    elif version.serves and not registry.serving().changes:
        out.print(f"version {number} serves")
    else:
        out.print(f"version {number} is {version.status}; `inferstack models list` shows whether it serves")


@contextmanager
def _progress(number: int, *, as_json: bool) -> Iterator[Callable[[str], object]]:
    if as_json:
        yield lambda _: None
        return
    with err.status(f"version {number}") as status:
        yield lambda said: status.update(f"version {number}: {said}")


def registry_of(context: typer.Context, stage: str, *, as_json: bool) -> Registry:
    """Return a stage's registry."""
    if stage not in STAGES:
        raise fail(f"stage is {stage!r}, not one of {', '.join(STAGES)}", as_json=as_json, code=2)
    return Registry(stage, outside(context).aws(stage))


def _row(version: Version, figures: dict[str, float]) -> dict[str, Any]:
    name, value = next(((name, figures[name]) for name in ("accuracy", "r2") if name in figures), ("", 0.0))
    return {
        "version": version.number,
        "status": version.status,
        "score": f"{name} {value:.4f}" if name else "",
        "created": version.created_at,
        "serves": "yes" if version.serves else "",
        "said": version.why,
    }


def _facts(version: Version, figures: dict[str, float]) -> dict[str, Any]:
    return {**asdict(version), "metrics": figures}
