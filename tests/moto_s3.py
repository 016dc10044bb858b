"""The functions' own client of S3 over moto's AWS, by the requests that it would send: no socket is opened."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from botocore.awsrequest import AWSPreparedRequest, HeadersDict
from moto.core.models import botocore_stubber

from functions.shared.aws.address import Address
from functions.shared.aws.credentials import Credentials
from functions.shared.aws.hosts import find_bucket
from functions.shared.aws.http_response import Answer
from functions.shared.aws.s3 import S3
from tests.moto_aws import REGION

CREDENTIALS = Credentials("any", "any")


@dataclass
class MotoSender:
    """Sends to moto what would go to one host."""

    address: Address
    sent: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    is_closed: bool = False

    def close(self) -> None:
        self.is_closed = True

    def send(self, method: str, target: str, headers: Mapping[str, str], body: bytes, *, wait_s: float, most_bytes: int) -> Answer:
        self.sent.append((method, target, dict(headers)))
        url = f"{self.address._replace(path='').url}{target}"
        length = {"Content-Length": str(len(body))}
        request = AWSPreparedRequest(method, url, HeadersDict({**headers, **length}), bytes(body), False)
        status, answered, content = botocore_stubber.process_request(request)
        content = content if isinstance(content, bytes) else str(content).encode()
        return Answer(status, {name.lower(): str(value) for name, value in answered.items()}, content[:most_bytes], is_whole=True)


def create_s3(connect: Callable[[Address], object] = MotoSender, credentials: Credentials = CREDENTIALS) -> S3:
    """Return our client; nothing in it sleeps."""
    return S3(REGION, lambda: credentials, lambda bucket: find_bucket({}, REGION, bucket), connect, sleep=lambda _: None)  # type: ignore[arg-type]
