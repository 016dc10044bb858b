"""`inferstack synth`: a stage's CloudFormation templates, without an account."""

from typing import Annotated

import typer

from cli.console import fail, out, print_json
from cli.options import Context, Json, parse_context, require_stage
from cli.steps import show_steps
from deployment import model_archive
from deployment.paths import ROOT
from deployment.stages import STAGES, read_context, stack_name
from local.assembly import synthesize
from local.bundles import BundlesFailed
from local.cdk import CdkFailed


def synth(
    stage: Annotated[str, typer.Option(help=f"One of {', '.join(STAGES)}.")] = "local",
    context: Context = None,
    as_json: Json = False,
) -> None:
    """Build the functions' bundles and write the stage's templates to cdk.out/; needs no account, no Docker.

    CDK's own rules check them. What was synthesized before is used again where nothing that it is made of has changed.

    Examples:
    inferstack synth --stage dev
    inferstack synth --stage dev -c endpoint_kind=cpu
    make synth STAGE=prod
    """
    require_stage(stage, as_json=as_json)
    settings = parse_context(context, as_json=as_json)
    for each in read_context(stage, settings).split():
        model_archive.find(each.recipe, each.model_dir)  # before what takes longer
    folder = ROOT / "cdk.out"
    try:
        with show_steps() as on_step:
            on_step("synthesize the stacks", "…")
            synthesize(folder, settings, stage=stage, validate=True)
            on_step("synthesize the stacks", "")
    except (BundlesFailed, CdkFailed) as error:
        raise fail(str(error), as_json=as_json) from error
    templates = sorted(str(path.relative_to(ROOT)) for path in folder.glob(f"{stack_name(stage, '*')}.template.json"))
    if as_json:
        print_json({"stage": stage, "templates": templates})
    else:
        out.print("\n".join(templates))
