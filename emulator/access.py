"""What a call needs to be allowed, and how SageMaker and CloudFormation ask for it. `emulator/ministack/access/roles.py` decides."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from deployment.this_machine import ACCOUNT, REGION
from emulator.aws_client import GetClient


@dataclass(frozen=True, slots=True)
class Check:
    """An action on a resource.

    Args:    context: condition keys of the request, like {"iam:PassedToService": "sagemaker.amazonaws.com"}; a list where a key has several
                 values.
    """

    action: str
    resource: str = "*"
    context: Mapping[str, str | list[str]] = field(default_factory=dict)


class AccessDeniedError(Exception):
    """A role may not do something; the message is AWS's."""


class Actor(Protocol):
    """Somebody who acts as a role."""

    def require(self, check: Check, /) -> None:
        """Raise AccessDeniedError unless the role allows it."""

    def get_client(self, service: str, /) -> Any:
        """Return the boto3 client of a service, with the role's credentials."""

    def credentials(self) -> dict[str, str]:
        """Return the environment variables of the role's credentials."""


Assume = Callable[[str, str], Actor]  # (the role's ARN, the service that assumes it) → who acts as it; raises AccessDeniedError


@dataclass(frozen=True, slots=True)
class Unchecked:
    """Somebody who may do everything.

    Args:    get_client: the clients to use.
    """

    get_client: GetClient

    def require(self, check: Check, /) -> None:
        """Allow it."""

    def credentials(self) -> dict[str, str]:
        """Return no variables."""
        return {}


def pass_role(role_arn: str, service: str) -> Check:
    """Return what handing a role over to a service needs."""
    return Check("iam:PassRole", role_arn, {"iam:PassedToService": service})


def find_values(value: Any, key: str) -> Iterator[Any]:
    """Yield the value of each dictionary's entry of this name, at any depth, like those of Fn::GetAtt in a template."""
    if isinstance(value, Mapping):
        if key in value:
            yield value[key]
        for item in value.values():
            yield from find_values(item, key)
    elif isinstance(value, list):
        for item in value:
            yield from find_values(item, key)


def arn(service: str, resource: str) -> str:
    """Return the ARN of a resource of this account and region."""
    return f"arn:aws:{service}:{REGION}:{ACCOUNT}:{resource}"
