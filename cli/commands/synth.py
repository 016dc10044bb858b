"""`inferstack synth`: a stage's CloudFormation templates, without an account."""

from typing import Annotated

import typer

from cli.console import out, print_json
from cli.options import Context, Json, check_stage, parse_context
from cli.steps import show_steps
from deployment import model_archive
from deployment.paths import ROOT
from deployment.stages import STAGES, read_context, stack_name
from local.assembly import synthesize


def synth(
    stage: Annotated[str, typer.Option(help=f"One of {', '.join(STAGES)}.", callback=check_stage)] = "local",
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
    settings = parse_context(context)
    for each in read_context(stage, settings).split():
        model_archive.find(each.recipe, each.model_dir)  # before what takes longer
    folder = ROOT / "cdk.out"
    with show_steps() as on_step:
        on_step("synthesize the stacks", "…")
        synthesize(folder, settings, stage=stage, validate=True)
        on_step("synthesize the stacks", "")
    templates = sorted(str(path.relative_to(ROOT)) for path in folder.glob(f"{stack_name(stage, '*')}.template.json"))
    if as_json:
        print_json({"stage": stage, "templates": templates})
    else:
        out.print("\n".join(templates))
