"""What every part of the local SageMaker offers: operations with the names, requests and responses of AWS's API."""

from collections.abc import Callable, Mapping
from typing import Any

from deployment.this_machine import ACCOUNT, REGION

Request = Mapping[str, Any]
Response = dict[str, Any]
Operation = Callable[[Request], Response]
PutEvent = Callable[[str, str, Mapping[str, Any]], None]  # (source, detail type, detail): an event of a service on the default bus


def sagemaker_arn(resource: str, name: str) -> str:
    """Return a SageMaker ARN, in which names are in lower case."""
    return f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:{resource}/{name.lower()}"


def select_fields(source: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """Return the fields of these names that there are."""
    return {name: source[name] for name in names if name in source}
