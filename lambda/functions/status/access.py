"""Who may see the status: operators, whatever else a caller may do."""

from collections.abc import Collection

from functions.shared.http.response import Forbidden
from functions.status.interface import OPERATORS


def require_operator(auth: str, groups: Collection[str]) -> None:
    """Raise Forbidden unless the caller is an operator.

    Args:    auth: the API's. With iam, the policies that let the caller sign for this route have decided; with none, which the settings
                 refuse for anything that is deployed, whoever reaches this machine's own stack runs it.
             groups: of the user pool, that the caller is in.
    """
    if auth in {"iam", "none"} or (auth == "jwt" and OPERATORS in groups):
        return
    raise Forbidden(
        "the status is for operators, and you are not in their group",
        advice=f'Ask who administers the users to add you to the group "{OPERATORS}", then sign in again.',
    )
