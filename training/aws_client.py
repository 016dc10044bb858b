"""The clients with which a job asks AWS."""

import os
from typing import Any


def create_client(service: str) -> Any:
    """Return a client in the job's own region, which the pipeline's definition passes as AWS_REGION; boto3 does not read that variable."""
    import boto3  # noqa: PLC0415 - a pipeline without AWS needs none

    return boto3.client(service, region_name=os.environ.get("AWS_REGION"))
