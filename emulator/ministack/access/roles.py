"""Who acts as which role, decided by ministack's own policy evaluator."""

import hmac
import json
import secrets
from collections.abc import Mapping
from contextvars import Context
from dataclasses import dataclass
from typing import Any

from ministack.core import iam_evaluator, router
from ministack.services import iam, sts

from deployment.this_machine import ACCOUNT, REGION
from emulator.access import AccessDeniedError, Check
from emulator.aws_client import ConnectAs
from emulator.ministack.access.trace import stop_recording

RUN_KEY = secrets.token_bytes(32)  # what sessions' keys are made from, so that nobody can work them out


class Roles:
    """The account's roles, for services that assume them.

    Args:    connect_as: clients with given credentials.
    """

    def __init__(self, connect_as: ConnectAs) -> None:
        self._connect_as = connect_as

    def assume(self, role_arn: str, service: str) -> "RoleSession":
        """Return a session of the role; raise AccessDeniedError unless there is such a role and its trust policy names the service."""
        name = role_arn.rpartition("/")[2]
        role = iam._roles.get_scoped(ACCOUNT, None, name)
        if role is None or not _is_trusted(role["AssumeRolePolicyDocument"], service):
            raise AccessDeniedError(
                f"Could not assume role {role_arn}. Please ensure that the role exists and allows principal '{service}' to assume the role."
            )
        return self.start_session(name, service.partition(".")[0])

    def start_session(self, role: str, session_name: str) -> "RoleSession":
        """Return a session of a role, by the role's name; the same session has the same keys."""
        session = RoleSession(role, session_name, self._connect_as)
        session.register()
        return session


@dataclass(frozen=True, slots=True)
class RoleSession:
    """A service that acts as a role."""

    role: str
    session: str
    connect_as: ConnectAs

    def register(self) -> None:
        """Let requests that are signed with the session's keys count as the role's."""
        arn = f"arn:aws:sts::{ACCOUNT}:assumed-role/{self.role}/{self.session}"
        keys = {"SecretAccessKey": self._hash("secret"), "SessionToken": self._hash("token")}
        sts.register_session(self._access_key, {"Arn": arn, "UserId": f"{self.role}:{self.session}", **keys})

    def require(self, check: Check) -> None:
        """Raise AccessDeniedError with AWS's words unless the role allows it."""
        require(self._access_key, check)

    def get_client(self, service: str) -> Any:
        """Return the boto3 client of a service, with the session's keys."""
        return self.connect_as(*self.credentials().values())(service)

    def credentials(self) -> dict[str, str]:
        """Return the environment variables of the session's keys."""
        return {
            "AWS_ACCESS_KEY_ID": self._access_key,
            "AWS_SECRET_ACCESS_KEY": self._hash("secret"),
            "AWS_SESSION_TOKEN": self._hash("token"),
        }

    @property
    def _access_key(self) -> str:
        return f"ASIA{self._hash('key')[:16].upper()}"

    def _hash(self, what: str) -> str:
        return hmac.digest(RUN_KEY, f"{what}:{self.role}:{self.session}".encode(), "sha256").hex()


def require(access_key: str, check: Check, *, is_recorded: bool = True) -> None:
    """Raise AccessDeniedError unless the owner of an access key may do something.

    Args:    is_recorded: whether the owner does it, and the trace of calls is to say so.
    """
    service = check.action.partition(":")[0]
    # In an empty context: that of the request which led here says who sent that one.
    context = Context()
    if not is_recorded:
        context.run(stop_recording)
    denied = context.run(
        iam_evaluator.enforce, access_key, check.action, service, REGION, resource_arn=check.resource, service_context=dict(check.context)
    )
    if denied is None:
        return
    if isinstance(denied, iam_evaluator.AuthError):
        raise AccessDeniedError(denied.message)
    why = (
        "with an explicit deny in a policy"
        if denied.decision == "Deny"
        else f"because no identity-based policy allows the {check.action} action"
    )
    raise AccessDeniedError(
        f"User: {denied.principal_arn} is not authorized to perform: {check.action} on resource: {check.resource} {why}"
    )


def require_of_caller(headers: Mapping[str, str], check: Check) -> None:
    """The same for the sender of a request, whose signature the gateway has checked."""
    access_key = router.extract_access_key_id(dict(headers), {})
    if not access_key:
        raise AccessDeniedError("Missing Authentication Token")
    require(access_key, check)


def _is_trusted(document: str | dict[str, Any], service: str) -> bool:
    """Return whether a trust policy lets a service of this account assume the role."""
    policy = json.loads(document) if isinstance(document, str) else document
    statements = [policy["Statement"]] if isinstance(policy["Statement"], dict) else policy["Statement"]
    source = {"aws:sourceaccount": ACCOUNT}
    context = iam_evaluator.EvalContext(service, "Service", ACCOUNT, "sts:AssumeRole", "*", REGION, service_context=source)
    return any(
        statement["Effect"] == "Allow"
        and "sts:AssumeRole" in ([statement["Action"]] if isinstance(statement["Action"], str) else statement["Action"])
        and iam_evaluator._service_principal_matches(statement.get("Principal"), service)
        and iam_evaluator._conditions_met(statement.get("Condition", {}), context)
        for statement in statements
    )
