"""Whose jobs a caller sees: two people are never one owner."""

from typing import Any

import pytest

from functions.shared.owner import ANYONE, read_groups, read_owner
from recipes.errors import InferstackError

POOL = "AROA2DJKY2F7Q6CY4223A:CognitoIdentityCredentials"  # the one session's name that all users of an identity pool have


def sign_in(sub: object) -> dict[str, Any]:
    return {"jwt": {"claims": {"sub": sub}, "scopes": None}}


def sign(user_id: str, identity: str | None = None) -> dict[str, Any]:
    cognito = {"amr": ["authenticated"], "identityId": identity, "identityPoolId": "eu-west-1:4f291106"} if identity else None
    return {"iam": {"accountId": "123456789012", "userId": user_id, "callerId": user_id, "cognitoIdentity": cognito}}


def test_takes_a_tokens_subject_and_an_iam_users_id() -> None:
    assert read_owner(sign_in("6f1c2f0e-8c3e-4b9e-9f57-0d3f0a9f1c2b")) == "6f1c2f0e-8c3e-4b9e-9f57-0d3f0a9f1c2b"
    assert read_owner(sign("AIDACKCEVSQ6C2EXAMPLE")) == "AIDACKCEVSQ6C2EXAMPLE"
    assert read_owner({}) == ANYONE


def test_takes_a_roles_sessions_for_one_owner() -> None:
    assert read_owner(sign("AROA2DJKY2F7Q6CY4223A:one")) == read_owner(sign("AROA2DJKY2F7Q6CY4223A:two")) == "AROA2DJKY2F7Q6CY4223A"


def test_tells_the_users_of_an_identity_pool_who_share_its_role() -> None:
    owners = [read_owner(sign(POOL, f"ap-southeast-2:3f291106-8703-466b-8f2b-3ecee1ca56c{last}")) for last in "de"]
    assert owners == ["3f291106-8703-466b-8f2b-3ecee1ca56cd", "3f291106-8703-466b-8f2b-3ecee1ca56ce"]


@pytest.mark.parametrize(
    "authorizer",
    [
        sign_in(None),
        sign_in("a:b"),
        sign_in("a/../b"),
        sign_in("*"),
        sign_in(ANYONE),
        sign_in("a" * 51),
        sign_in("ä"),
        sign(""),
        sign(POOL, "eu-west-1:a/b"),
        sign(POOL, "eu-west-1:"),
        {"lambda": {"sub": "a"}},
    ],
    ids=lambda authorizer: str(next(iter(authorizer.values())))[:60],
)
def test_refuses_a_caller_who_could_be_another(authorizer: dict[str, Any]) -> None:
    with pytest.raises(InferstackError, match="no name that can own"):
        read_owner(authorizer)


@pytest.mark.parametrize("claim", ["[operators]", "[staff operators]", "operators", "operators staff"])
def test_reads_the_groups_of_a_list_that_the_api_wrote_as_text(claim: str) -> None:
    assert "operators" in read_groups({"jwt": {"claims": {"cognito:groups": claim}}})


@pytest.mark.parametrize("claim", ["[operators,staff]", "[[operators]]", "[non-operators]", "Operators", "", None, '["operators"]'])
def test_takes_no_other_groups_name_for_one_that_it_contains(claim: str | None) -> None:
    assert "operators" not in read_groups({"jwt": {"claims": {"cognito:groups": claim}}})
