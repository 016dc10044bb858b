from collections.abc import Callable
from typing import Any

import pytest

from functions.predict.handler import Handler
from functions.predict.service import Service
from recipes.recipe import load
from tests.asking import ask_handler
from tests.events import ID_KEY, event
from tests.fakes import FakeClock, FakeEndpoint

Ask = Callable[..., tuple[int, dict[str, Any]]]


@pytest.fixture
def endpoint() -> FakeEndpoint:
    return FakeEndpoint()


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def handler(endpoint: FakeEndpoint, clock: FakeClock) -> Handler:
    return Handler(Service(load("digits"), endpoint, clock=clock, id_key=ID_KEY))


@pytest.fixture
def ask(handler: Handler) -> Ask:
    """Return a function that sends a request and returns the response's status and document."""
    return lambda *request, **options: ask_handler(handler, event(*request, **options))
