from typing import Any

import pytest

from tests.sdk.ask import ask


@pytest.fixture(scope="session")
def sdk() -> dict[str, Any]:
    """What SageMaker's SDK says; importing it alone takes seconds, so it is asked once."""
    return ask()
