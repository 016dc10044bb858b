"""`inferstack synth`: a stage's CloudFormation templates, without an account."""

from typing import Annotated

import typer

from cli.console import fail, out, print_json
from cli.options import Json, require_stage
from cli.steps import show_steps
from deployment.paths import ROOT
from deployment.stages import STAGES, stack_name
from local import cdk
from local.bundles import BundlesFailed, build_bundles
from local.cdk import CdkFailed


def synth(
    stage: Annotated[str, typer.Option(help=f"One of {', '.join(STAGES)}.")] = "local",
    as_json: Json = False,
) -> None:
    """Build the functions' bundles and write the stage's templates to cdk.out/; needs no account, no Docker.

    Examples:  inferstack synth --stage dev  ·  make synth STAGE=prod
    """
    require_stage(stage, as_json=as_json)
    folder = ROOT / "cdk.out"
    try:
        with show_steps() as on_step:
            on_step("bundle the functions", "…")
            build_bundles(stage)
            on_step("bundle the functions", "")
            on_step("synthesize the stacks", "…")
            cdk.synth(folder, {}, stage=stage, validate=True)
            on_step("synthesize the stacks", "")
    except (BundlesFailed, CdkFailed) as error:
        raise fail(str(error), as_json=as_json) from error
    templates = sorted(str(path.relative_to(ROOT)) for path in folder.glob(f"{stack_name(stage, '*')}.template.json"))
    if as_json:
        print_json({"stage": stage, "templates": templates})
    else:
        out.print("\n".join(templates))
