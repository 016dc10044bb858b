"""The process_upload function's environment."""

from typing import NamedTuple


class Config(NamedTuple):
    """What a deployment tells the function.

    Args:    endpoint_names: the endpoints it may invoke, one for each recipe.
             endpoint_kind: serverless, cpu or gpu: whether they start after a quiet time.
             recipes: the folders in recipes/ that read uploads, the default first.
             uploads_bucket, results_bucket: where uploads come from and results go.
             upload_queue_url: for hiding messages, and sending them again as their owner's.
             upload_attempts: at one message; the queue delivers it once more, for its job to be ended.
             events_url: the Event API's address for publishing, with its path.
             in_flight: requests to the endpoint at once.
             transform_over_bytes: larger uploads go to Batch Transform.
             transform_instance_type: the instances of Batch Transform.
             transform_prefix: what its jobs' names begin with.
             transform_output_key: the ARN of the key that encrypts what they write; empty for S3's own.
             transform_volume_key: the same of their volumes; empty for SageMaker's own.
             transform_tags: of the jobs, each as key=value.
    """

    endpoint_names: tuple[str, ...]
    endpoint_kind: str
    recipes: tuple[str, ...]
    uploads_bucket: str
    results_bucket: str
    upload_queue_url: str
    upload_attempts: int
    events_url: str
    in_flight: int
    transform_over_bytes: int
    transform_instance_type: str
    transform_prefix: str
    transform_output_key: str = ""
    transform_volume_key: str = ""
    transform_tags: tuple[str, ...] = ()
