"""What a Lambda function runs: locked wheels of the target platform, the project's modules it imports, compiled bytecode.

It is a folder to look into, and beside it the same as a zip, which is deployed: a synthesis copies one file in place of hundreds.
`python -m deployment.bundle --stage dev` builds; synth only looks up what is there, so it needs no network. A bundle's folder is named
after everything that goes into it, so an unchanged one is never built twice.
"""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from deployment.bundle.contents import FUNCTIONS, list_members, list_requirements
from deployment.paths import BUILD, ROOT
from deployment.settings import Settings
from deployment.sources import digest, list_sources, name_below
from recipes.errors import NotBuilt


@dataclass(frozen=True)
class Bundle:
    """One function's code for one target.

    Args:    function: the name of its folder in lambda/functions/.
             python: the target's Python, like 3.13.
             architecture: x86_64 or arm64.
    """

    function: str
    python: str
    architecture: str

    @property
    def handler(self) -> str:
        """What Lambda calls."""
        return f"functions.{self.function}.function.handler"

    @cached_property
    def path(self) -> Path:
        """Where it is, or will be."""
        how = [*list_sources(ROOT / "deployment/bundle"), ROOT / "deployment/zips.py"]
        files = list_members(self.function) | name_below(ROOT, [*list_requirements(self.function), *how])
        return BUILD / "lambda" / f"{self.function}-{digest(files, self.python, self.architecture)}"

    @property
    def archive(self) -> Path:
        """The zip that is deployed."""
        return self.path.with_name(f"{self.path.name}.zip")

    @property
    def is_built(self) -> bool:
        """Whether both are there."""
        return self.path.is_dir() and self.archive.is_file()


def list_functions() -> list[str]:
    """Return the names of all functions: each is a folder of lambda/functions/ with a function.py."""
    return sorted(path.parent.name for path in FUNCTIONS.glob("*/function.py"))


def find_bundle(settings: Settings, function: str) -> Bundle:
    """Return a function's bundle for the stage."""
    return Bundle(function, settings.function_python, settings.function_architecture)


def locate(bundle: Bundle) -> Path:
    """Return the bundle's zip, or raise NotBuilt naming the command that builds it."""
    if not bundle.is_built:
        advice = f"build it: .venv/bin/python -m deployment.bundle --python {bundle.python} --architecture {bundle.architecture}"
        raise NotBuilt(f"no bundle of {bundle.function} for Python {bundle.python} on {bundle.architecture}; {advice}", advice=advice)
    return bundle.archive
