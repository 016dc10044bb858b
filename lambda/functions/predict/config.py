"""The predict function's environment."""

from typing import NamedTuple

from recipes.instances import MAX_INSTANCES

MAX_BODY_BYTES = 4_500_000  # a binary body travels in base64, and Lambda takes 6 MB of it with all that is about it


class Config(NamedTuple):
    """What a deployment tells the function; the limits have defaults that fit the API.

    Args:    endpoint_name: the endpoint it may invoke; of several recipes one for each, with commas.
             endpoint_kind: serverless, cpu or gpu: whether it starts after a quiet time.
             recipe: the folder in recipes/ that reads pictures; of several all, with commas, the default first.
             id_key: what ids of predictions are signed with.
             max_body_bytes, max_instances: of a request.
    """

    endpoint_name: str
    endpoint_kind: str
    recipe: str
    id_key: str
    max_body_bytes: int = MAX_BODY_BYTES
    max_instances: int = MAX_INSTANCES

    def __repr__(self) -> str:
        """Return it without the key."""
        return f"Config(endpoint_name={self.endpoint_name!r}, endpoint_kind={self.endpoint_kind!r}, recipe={self.recipe!r})"
