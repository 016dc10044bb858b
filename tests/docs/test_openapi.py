"""docs/openapi.yaml is an OpenAPI document. That the API is what it says is in tests/contract/."""

from pathlib import Path

import yaml
from openapi_spec_validator import validate

ROOT = Path(__file__).resolve().parents[2]


def test_the_contract_is_valid() -> None:
    validate(yaml.safe_load((ROOT / "docs/openapi.yaml").read_text()))
