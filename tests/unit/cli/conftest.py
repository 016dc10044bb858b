import os
from collections.abc import Iterator
from functools import cache

import pytest
import typer.testing


@pytest.fixture(scope="session", autouse=True)
def _one_command() -> Iterator[None]:
    """Build the command once, not once a call: that takes 15 ms, and a call changes nothing in it.

    It reads none of the developer's own INFERSTACK_… variables, such as the port of a stack that runs.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(typer.testing, "_get_command", cache(typer.testing._get_command))  # typer has no public way
        for name in [name for name in os.environ if name.startswith("INFERSTACK_")]:
            patch.delenv(name)
        yield
