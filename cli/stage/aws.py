"""AWS as an operator reaches it: the emulator for the local stage, the operator's own account for the others."""

import os
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any, Protocol

from cli.stage.aws_errors import explain_failure, explain_refusal
from local.run_state import RunState, read_state
from recipes.errors import InferstackError

Clients = Callable[[str], Any]  # a service's name → its boto3 client
CONNECT_S, ATTEMPTS = 5, 5


class ConnectAws(Protocol):
    """Makes the function that makes a stage's clients."""

    def __call__(self, stage: str, region: str = "") -> Clients:
        """Return it; see `connect`."""


class AwsFailed(InferstackError):
    """A call that AWS refused or did not answer.

    Args:    aws_code: the error's code as AWS has it; empty where there was no answer.
    """

    code = "aws-failed"
    title = "AWS failed"

    def __init__(self, detail: str, *, advice: str = "", aws_code: str = "") -> None:
        super().__init__(detail, advice=advice)
        self.aws_code = aws_code


def connect(stage: str, region: str = "") -> Clients:
    """Return the function that makes a stage's clients by their service's name.

    Args:    region: another than the environment's.
    Raises:  AwsFailed: it is the local stage and no stack runs, or there is no such profile or region.
    """
    import boto3  # noqa: PLC0415 - 300 ms that no other command need pay
    from botocore.config import Config  # noqa: PLC0415

    # boto3 does not read AWS_REGION, and cdk obeys it before all else: both must reach the same region.
    options: dict[str, Any] = {"region_name": region or os.environ.get("AWS_REGION") or None}
    if stage == "local":
        state = read_state()
        if state is None:
            raise AwsFailed("no local stack is running", advice="start it with `make up`, or name another with --stage")
        options = state.client_options()
    config = Config(connect_timeout=CONNECT_S, retries={"mode": "standard", "total_max_attempts": ATTEMPTS})
    with translate_aws_errors():
        session = boto3.Session()

    def make_client(service: str) -> Any:
        try:
            with translate_aws_errors():
                return session.client(service, config=config, **options)
        except ValueError as error:  # a region or an address that makes no URL
            raise AwsFailed(str(error), advice="look at AWS_REGION and AWS_ENDPOINT_URL") from error

    return make_client


@contextmanager
def open_local_s3(state: RunState) -> Iterator[Any]:
    """Give S3 of the stack on this machine, by the functions' own client: the state has its keys, and boto3 takes ten times as long."""
    from functions.shared.aws.s3 import open_s3  # noqa: PLC0415 - as above

    with closing(open_s3(state.aws)) as s3:
        yield s3


def find_configured_region() -> str | None:
    """Return the region that boto3 finds by itself: AWS_DEFAULT_REGION, or the profile's.

    Raises:  AwsFailed: there is no such profile.
    """
    import boto3  # noqa: PLC0415 - as above

    with translate_aws_errors():
        region: str | None = boto3.Session().region_name
    return region


@contextmanager
def translate_aws_errors() -> Iterator[None]:
    """Turn what botocore raises into AwsFailed: one sentence and advice."""
    from boto3.exceptions import S3UploadFailedError  # noqa: PLC0415 - as above
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415

    try:
        yield
    except (ClientError, S3UploadFailedError) as error:
        refusal = error if isinstance(error, ClientError) else error.__context__  # boto3's upload_file says it in words of its own
        code = getattr(refusal, "response", {}).get("Error", {}).get("Code", "")
        meaning = explain_refusal(code, str(refusal))
        raise AwsFailed(meaning.detail, advice=meaning.advice, aws_code=code) from error
    except BotoCoreError as error:
        meaning = explain_failure(type(error).__name__, str(error))
        raise AwsFailed(meaning.detail, advice=meaning.advice) from error
