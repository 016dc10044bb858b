"""The jobs function's environment."""

from typing import NamedTuple


class Config(NamedTuple):
    """What a deployment tells the function.

    Args:    uploads_bucket, results_bucket: where uploads go and results come from.
             max_upload_bytes: of one upload.
             upload_days: how long an upload is kept.
             recipes: the folders in recipes/ that an upload may be of, the default first.
    """

    uploads_bucket: str
    results_bucket: str
    max_upload_bytes: int
    upload_days: int
    recipes: tuple[str, ...]
