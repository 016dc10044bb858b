"""The running endpoint, asked through AWS's own client like by anybody else."""

from local.run_state import RunState

TIMEOUT_S = 5
UNKNOWN = "unknown"


def read_endpoint_status(state: RunState) -> str:
    """Return the status of a running stack's endpoint; "unknown" where nobody answers."""
    import boto3  # noqa: PLC0415 - 300 ms that `--help` need not pay
    from botocore.config import Config  # noqa: PLC0415
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415

    client = boto3.client(
        "sagemaker",
        **state.client_options(),
        config=Config(connect_timeout=TIMEOUT_S, read_timeout=TIMEOUT_S, retries={"total_max_attempts": 1}),
    )
    try:
        return str(client.describe_endpoint(EndpointName=state.endpoint)["EndpointStatus"])
    except (BotoCoreError, ClientError):
        return UNKNOWN
