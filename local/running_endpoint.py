"""The running endpoint, asked through the API and AWS's own client like by anybody else."""

from dataclasses import dataclass

from local.run_state import RunState

TIMEOUT_S = 5
UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class RunningEndpoint:
    """An endpoint's status, and the version of the model that answers; "unknown" where nobody answers."""

    status: str
    model_version: str


def describe_endpoint(state: RunState) -> RunningEndpoint:
    """Return the status of a running stack's endpoint and its model's version."""
    return RunningEndpoint(_read_status(state), _read_model_version(state))


def _read_status(state: RunState) -> str:
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


def _read_model_version(state: RunState) -> str:
    import httpx  # noqa: PLC0415 - 100 ms that `--help` need not pay

    try:
        # No proxy reaches this machine's own loopback address.
        manifest = httpx.get(f"{state.api_url}/model", timeout=TIMEOUT_S, trust_env=False).raise_for_status().json()
    except (httpx.HTTPError, ValueError):
        return UNKNOWN
    return str(manifest.get("version", UNKNOWN))
