"""AWS as an operator reaches it: the emulator for the local stage, the operator's own account for the others."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from local.run_state import read_state
from recipes.errors import InferstackError

Clients = Callable[[str], Any]  # a service's name → its boto3 client


class AwsFailed(InferstackError):
    """A call that AWS refused or did not answer."""

    code = "aws-failed"
    title = "AWS failed"


def connect(stage: str) -> Clients:
    """Return the function that makes a stage's clients by their service's name.

    Raises:  AwsFailed: it is the local stage and no stack runs, or there is no such profile or region.
    """
    import boto3  # noqa: PLC0415 - 300 ms that no other command need pay

    options: dict[str, str] = {}
    if stage == "local":
        state = read_state()
        if state is None:
            raise AwsFailed("no local stack is running", advice="start it with `make up`, or name another with --stage")
        options = state.client_options()
    with translate_aws_errors():
        session = boto3.Session()

    def make_client(service: str) -> Any:
        try:
            with translate_aws_errors():
                return session.client(service, **options)
        except ValueError as error:  # a region or an address that makes no URL
            raise AwsFailed(str(error), advice="look at AWS_REGION and AWS_ENDPOINT_URL") from error

    return make_client


@contextmanager
def translate_aws_errors() -> Iterator[None]:
    """Turn what botocore raises into AwsFailed: one sentence and advice."""
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - as above

    try:
        yield
    except (BotoCoreError, ClientError) as error:
        raise AwsFailed(str(error), advice="`inferstack doctor --stage …` looks for credentials, region and stack") from error
