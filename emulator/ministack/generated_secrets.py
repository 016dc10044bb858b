"""Secrets that a template lets Secrets Manager generate."""

import json
from collections.abc import Mapping
from typing import Any

from ministack.services import secretsmanager
from ministack.services.cloudformation import provisioners

from emulator.cloudformation.resource_type import Attributes, Properties

TYPE = "AWS::SecretsManager::Secret"


def hold_to_allowed_characters() -> None:
    """Let generated secrets hold only what their template allows: ministack's CloudFormation excludes no punctuation."""
    read_secret = provisioners._sm_secret_string

    def generate(properties: Mapping[str, Any]) -> str:
        options = properties.get("GenerateSecretString") or {}
        if not options or properties.get("SecretString") or "SecretStringTemplate" in options:
            return str(read_secret(properties))
        _, _, body = secretsmanager._get_random_password(options)
        return str(json.loads(body)["RandomPassword"])

    provisioners._sm_secret_string = generate


def keep_values(kept: Mapping[str, str]) -> dict[str, str]:
    """Give a secret that a stack generates the value that it had in the run before: what it signed there stays valid.

    Args:    kept: values by stack and logical id, like Inferstack-local-Web/Key1.
    Returns: the values of this run, as they are generated.
    """
    values = dict(kept)
    handler = provisioners._RESOURCE_HANDLERS[TYPE]
    create = handler["create"]

    def create_again(logical_id: str, properties: Properties, stack: str) -> tuple[str, Attributes]:
        if "GenerateSecretString" in properties:
            value = values.setdefault(f"{stack}/{logical_id}", provisioners._sm_secret_string(properties))
            properties = {**properties, "SecretString": value}
        return create(logical_id, properties, stack)  # type: ignore[no-any-return]

    provisioners._RESOURCE_HANDLERS[TYPE] = {**handler, "create": create_again}
    return values
