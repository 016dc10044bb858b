"""The predict function's environment."""

from dataclasses import dataclass

MAX_BODY_BYTES, MAX_INSTANCES = 1_000_000, 1_000


@dataclass(frozen=True, slots=True)
class Config:
    """What a deployment tells the function; the limits have defaults that fit the API.

    Args:    endpoint_name: the one endpoint it may invoke.
             endpoint_kind: serverless, cpu or gpu: whether it starts after a quiet time.
             recipe: the folder in recipes/ that reads pictures.
             max_body_bytes: of a request.
             max_instances: in a request: what is answered well within the time and the 6 MB of a Lambda answer.
    """

    endpoint_name: str
    endpoint_kind: str
    recipe: str
    max_body_bytes: int = MAX_BODY_BYTES
    max_instances: int = MAX_INSTANCES
