import pytest
from pytest_socket import disable_socket


@pytest.fixture(autouse=True)
def _no_network() -> None:
    """A unit test reaches nothing outside its process; the event loop's own socket pairs are let through."""
    disable_socket(allow_unix_socket=True)
