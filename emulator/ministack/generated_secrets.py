"""Secrets that a template lets Secrets Manager generate."""

import json
from collections.abc import Mapping
from typing import Any

from ministack.services import secretsmanager
from ministack.services.cloudformation import provisioners


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
