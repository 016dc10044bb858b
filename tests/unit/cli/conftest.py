import os
from collections.abc import Iterator

import pytest


@pytest.fixture(scope="session", autouse=True)
def _no_settings_of_a_developer() -> Iterator[None]:
    """Take away the developer's own INFERSTACK_… variables, such as the port of a stack that runs."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("INFERSTACK_")]:
            patch.delenv(name)
        yield
