"""docs/openapi.yaml is an OpenAPI document. That the API is what it says is in tests/contract/."""

from openapi_spec_validator import validate

from tests.api_document import read_api


def test_the_contract_is_valid() -> None:
    validate(read_api())
