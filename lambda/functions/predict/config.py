"""The predict function's environment."""

from typing import NamedTuple

MAX_BODY_BYTES = 4_500_000  # a binary body travels in base64, and Lambda takes 6 MB of it with all that is about it


class Config(NamedTuple):
    """What a deployment tells the function.

    Args:    endpoint_names: the endpoints it may invoke, one for each recipe.
             endpoint_kind: serverless, cpu or gpu: whether they start after a quiet time.
             recipes: the folders in recipes/ that read bodies, the default first.
             id_key: what ids of predictions are signed with.
    """

    endpoint_names: tuple[str, ...]
    endpoint_kind: str
    recipes: tuple[str, ...]
    id_key: str

    def __repr__(self) -> str:
        """Return it without the key."""
        return f"Config(endpoint_names={self.endpoint_names!r}, endpoint_kind={self.endpoint_kind!r}, recipes={self.recipes!r})"
