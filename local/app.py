"""What the cdk CLI runs (cdk.json): it hands out the kept assembly where nothing has changed since, and runs app.py where something has."""

import json
import os
import runpy
import shutil
from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

from deployment.bundle import find_bundle, list_functions
from deployment.paths import ROOT
from deployment.stages import find_stage, read_context
from local.assembly import STORE, find_or_make
from local.assembly_key import find_key
from recipes.errors import InferstackError


def main() -> None:
    """Write what CDK_CONTEXT_JSON describes into CDK_OUTDIR, which the CLI holds a lock on."""
    output, context = Path(os.environ["CDK_OUTDIR"]), json.loads(os.environ["CDK_CONTEXT_JSON"])
    context["stage"] = find_stage(context)
    with find_or_make(STORE, partial(find_key, context, dict(os.environ), list_bundles(context)), run_app) as assembly:
        fill(output, assembly)


def list_bundles(context: Mapping[str, Any]) -> list[Path]:
    """Return where the bundles are that app.py looks up; none where there are no such settings, as it says itself then."""
    with suppress(InferstackError):
        stage, settings = context["stage"], {name: value for name, value in context.items() if name != "stage"}
        return [find_bundle(read_context(stage, settings), name).archive for name in list_functions()]
    return []


def run_app(folder: Path) -> None:
    """Let app.py write its assembly into a folder."""
    os.environ["CDK_OUTDIR"] = str(folder)
    runpy.run_path(str(ROOT / "app.py"), run_name="__main__")


def fill(output: Path, assembly: Path) -> None:
    """Copy an assembly into the CLI's folder: its manifest last and at once, so that a copy that is interrupted is none."""
    manifest, half = output / "manifest.json", output / ".manifest.json"  # by it the CLI knows an assembly

    def leave_out(folder: str, _: object) -> set[str]:
        return {manifest.name} if Path(folder) == assembly else set()

    manifest.unlink(missing_ok=True)
    shutil.copytree(assembly, output, dirs_exist_ok=True, copy_function=_replace, ignore=leave_out)
    shutil.copyfile(assembly / manifest.name, half)
    half.replace(manifest)


def _replace(source: str, target: str) -> None:
    Path(target).unlink(missing_ok=True)  # it may be read-only, or a link
    shutil.copy2(source, target)


if __name__ == "__main__":
    main()
