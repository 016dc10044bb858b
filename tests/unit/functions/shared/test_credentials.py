"""The credentials of a function's role."""

import pytest

from functions.shared.aws.credentials import Credentials, read_credentials
from recipes.errors import InvalidSettings

KEYS = {"AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "secret"}


def test_are_those_in_the_environment() -> None:
    assert read_credentials(KEYS) == Credentials("AKIDEXAMPLE", "secret")
    assert read_credentials({**KEYS, "AWS_SESSION_TOKEN": "session"}).token == "session"


@pytest.mark.parametrize("missing", KEYS)
def test_are_refused_where_there_are_none(missing: str) -> None:
    with pytest.raises(InvalidSettings, match="Lambda sets both"):
        read_credentials({**KEYS, missing: ""})


def test_of_snapstart_are_refused_by_name() -> None:
    with pytest.raises(InvalidSettings, match="SnapStart"):
        read_credentials({"AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://localhost:1/creds", "AWS_CONTAINER_AUTHORIZATION_TOKEN": "t"})


def test_are_not_in_what_is_printed() -> None:
    printed = repr(read_credentials({**KEYS, "AWS_SESSION_TOKEN": "session"}))
    assert "secret" not in printed
    assert "session" not in printed
