"""Who asks, as one word: it names what is theirs in a bucket and on a channel, so it holds letters, digits and hyphens only."""

import re
from collections.abc import Mapping
from typing import Any

from recipes.errors import InferstackError

ANYONE = "anyone"  # where the API asks nobody who they are: all are one
OWNER = re.compile(r"[A-Za-z0-9-]{1,50}")  # AppSync's rule for a segment of a channel


def read_owner(authorizer: Mapping[str, Any]) -> str:
    """Return the caller: a token's subject, or the unique id of the IAM user or role that signed.

    Args:    authorizer: `requestContext.authorizer` of an HTTP API event (payload 2.0); empty where there is none.
    Raises:  InferstackError: an authorizer that names nobody. Such a caller must own nothing rather than share with others.
    """
    if not authorizer:
        return ANYONE
    claims = (authorizer.get("jwt") or {}).get("claims") or {}
    # A role's sessions (AROA…:name) are one owner: the application that assumes it.
    found = str(claims.get("sub") or (authorizer.get("iam") or {}).get("userId") or "").partition(":")[0]
    if not OWNER.fullmatch(found) or found == ANYONE:
        raise InferstackError("the caller has no name that can own anything", advice="Quote the request id to the operator.")
    return found
