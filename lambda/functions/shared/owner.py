"""The caller: a name, which is part of keys and channels, so it holds only letters, digits and hyphens; and groups."""

import re
from collections.abc import Mapping
from typing import Any

from recipes.errors import InferstackError

ANYONE = "anyone"  # where the API has no sign-in: all callers are one owner
OWNER = re.compile(r"[A-Za-z0-9-]{1,50}")  # AppSync's rule for a segment of a channel


def read_owner(authorizer: Mapping[str, Any]) -> str:
    """Return the caller's name: a token's subject, or the unique id of the IAM user, role or identity pool's user who signed the request.

    Args:    authorizer: `requestContext.authorizer` of an HTTP API event (payload 2.0); empty where there is none.
    Raises:  InferstackError: the authorizer gives no usable name. Such a caller must not share another owner's jobs.
    """
    if not authorizer:
        return ANYONE
    claims = (authorizer.get("jwt") or {}).get("claims") or {}
    name = str(claims.get("sub") or "") or _find_signer(authorizer.get("iam") or {})
    if not OWNER.fullmatch(name) or name == ANYONE:
        raise InferstackError("the caller has no name that can own anything", advice="Quote the request id to the operator.")
    return name


def _find_signer(iam: Mapping[str, Any]) -> str:
    """Return the id of who signed a request; empty where there is none."""
    if identity := (iam.get("cognitoIdentity") or {}).get("identityId"):  # like eu-west-1:UUID
        return str(identity).rpartition(":")[2]  # all users of an identity pool have one role, and one name of its session
    # A role's other sessions (AROA…:name) are one owner: the application that assumes it.
    return str(iam.get("userId") or "").partition(":")[0]


def read_groups(authorizer: Mapping[str, Any]) -> frozenset[str]:
    """Return the groups of the user pool that the caller is in, by the token that the API has checked.

    Args:    authorizer: as above. An HTTP API hands a claim that is a list on as text, "[operators staff]"; no group's name has a space.
    """
    claims = (authorizer.get("jwt") or {}).get("claims") or {}
    return frozenset(str(claims.get("cognito:groups") or "").removeprefix("[").removesuffix("]").split())
