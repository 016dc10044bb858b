"""What the running endpoint says of itself, asked through the front door like any client."""

import json
from urllib.error import URLError
from urllib.request import urlopen

from local.run_state import RunState

TIMEOUT_S = 5


def endpoint_status(state: RunState) -> tuple[str, str]:
    """Return the endpoint's status and the version of the model that answers, each "unknown" if nobody says."""
    import boto3  # noqa: PLC0415 - 300 ms that `--help` need not pay
    from botocore.config import Config  # noqa: PLC0415
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415

    client = boto3.client(
        "sagemaker",
        endpoint_url=state.aws["AWS_ENDPOINT_URL"],
        region_name=state.aws["AWS_REGION"],
        aws_access_key_id=state.aws["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=state.aws["AWS_SECRET_ACCESS_KEY"],
        config=Config(connect_timeout=TIMEOUT_S, read_timeout=TIMEOUT_S, retries={"total_max_attempts": 1}),
    )
    try:
        status = str(client.describe_endpoint(EndpointName=state.endpoint)["EndpointStatus"])
    except (BotoCoreError, ClientError):
        status = "unknown"
    try:
        with urlopen(f"{state.api_url}/model", timeout=TIMEOUT_S) as response:  # noqa: S310 - our own loopback address
            version = str(json.load(response).get("version", "unknown"))
    except (URLError, OSError, ValueError):
        version = "unknown"
    return status, version
