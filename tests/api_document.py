"""docs/openapi.yaml for the tests that compare it with what is served."""

from functools import cache
from typing import Any

import yaml

from deployment.paths import ROOT


def parse_yaml(text: str) -> Any:
    """Return a YAML document's values; libyaml reads the contract in a tenth of the time that Python takes."""
    return yaml.load(text, Loader=yaml.CSafeLoader)


@cache
def read_api() -> dict[str, Any]:
    """Return the contract, read once for all tests: leave it as it is."""
    document: dict[str, Any] = parse_yaml((ROOT / "docs/openapi.yaml").read_text())
    return document
