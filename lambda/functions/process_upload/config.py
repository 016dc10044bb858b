"""The process_upload function's environment."""

from typing import NamedTuple


class Config(NamedTuple):
    """What a deployment tells the function.

    Args:    endpoint_name: the endpoint it may invoke; of several recipes one for each, with commas.
             endpoint_kind: serverless, cpu or gpu: whether it starts after a quiet time.
             recipe: the folder in recipes/ that reads pictures; of several all, with commas, the default first.
             uploads_bucket, results_bucket: where uploads come from and results go.
             upload_queue_url: for hiding messages, and sending them again as their owner's.
             upload_attempts: at one message; the queue delivers it once more, for its job to be ended.
             events_url: the Event API's address for publishing, with its path.
             chunk_bytes: the most that a request to the endpoint holds, or its response.
             in_flight: requests to the endpoint at once.
             transform_over_bytes: larger uploads go to Batch Transform.
             transform_instance_type: the instances of Batch Transform.
             transform_prefix: what its jobs' names begin with.
             transform_output_key: the ARN of the key that encrypts what they write; empty for S3's own.
             transform_volume_key: the same of their volumes; empty for SageMaker's own.
    """

    endpoint_name: str
    endpoint_kind: str
    recipe: str
    uploads_bucket: str
    results_bucket: str
    upload_queue_url: str
    upload_attempts: int
    events_url: str
    chunk_bytes: int
    in_flight: int
    transform_over_bytes: int
    transform_instance_type: str
    transform_prefix: str
    transform_output_key: str = ""
    transform_volume_key: str = ""
