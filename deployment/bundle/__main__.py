"""`python -m deployment.bundle`: build every function's bundle for a stage, or for a target."""

import argparse
import sys

from deployment.bundle import find_bundle, list_functions
from deployment.bundle.build import WHEEL_PLATFORM, build_bundle
from deployment.paths import ROOT
from deployment.stages import STAGES, settings_for
from recipes.errors import InferstackError


def main(arguments: list[str] | None = None) -> int:
    """Build the bundles and print where they are and how large."""
    parser = argparse.ArgumentParser(prog="python -m deployment.bundle", description="Build the Lambda bundles that cdk synth refers to.")
    parser.add_argument("--stage", choices=STAGES, default="local")
    parser.add_argument("--python", metavar="3.x", help="instead of the stage's")
    parser.add_argument("--architecture", choices=tuple(WHEEL_PLATFORM), help="instead of the stage's")
    options = parser.parse_args(arguments)
    overrides = {"function_python": options.python, "function_architecture": options.architecture}
    try:
        settings = settings_for(options.stage, **{name: value for name, value in overrides.items() if value})
        bundles = [find_bundle(settings, name) for name in list_functions()]
        paths = [build_bundle(bundle) for bundle in bundles]
    except InferstackError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    for path in paths:
        size_mb = sum(file.stat().st_size for file in path.rglob("*") if file.is_file()) / 1e6
        has_bytecode = any(path.rglob("*.pyc"))
        bytecode = "with bytecode" if has_bytecode else f"without bytecode: no Python {settings.function_python} here"
        sys.stdout.write(f"{path.relative_to(ROOT)}  {size_mb:.1f} MB, {bytecode}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
