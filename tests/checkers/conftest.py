"""The stages that others' rules are asked about: together they have every construct there is."""

from typing import Any

import pytest

from tests.infra.conftest import synthesize  # noqa: F401  a fixture

COMBINATIONS: dict[str, tuple[str, dict[str, Any]]] = {
    "local": ("local", {}),
    "dev": ("dev", {"notebook": True, "start_on_data": True}),
    "prod": ("prod", {"auth": "iam", "alarm_email": "someone@example.com"}),
    "instances": (
        "prod",
        {
            "endpoint_kind": "cpu",
            "notebook": True,
            "encryption_key": "create",
            "vpc": "subnet-0a1b2c3d,subnet-4e5f6a7b,sg-8c9d0e1f",
            "capture_percent": 10,
            "shadow": "new:0.5:models/digits/new.tar.gz",
            "serving_image": "111122223333.dkr.ecr.us-east-1.amazonaws.com/server:1",
            "monthly_budget_usd": 100,
            "reserved_concurrency": 50,
            "web_acl": "create",
        },
    ),
}


@pytest.fixture(scope="session")
def stages(synthesize: Any) -> dict[str, Any]:  # noqa: F811  the fixture imported above
    """The stages by the combination's name."""
    return {name: synthesize(stage, **overrides) for name, (stage, overrides) in COMBINATIONS.items()}
