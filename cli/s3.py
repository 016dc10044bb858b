"""What the command does with S3 by presigned addresses alone: no credentials, and never the API's token."""

import html
import re
from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.parse import SplitResult, unquote, urlsplit
from urllib.request import Request, getproxies, proxy_bypass

from cli.api import CallFailed, Opener, checked, may_pass, no_answer, seconds

SILENCE_S = 60  # with nothing sent or received, after which a connection is given up
READ_BYTES = 256 << 10
LONGEST_ERROR_BYTES = 64 << 10

# Each S3 code → a title, what it means, whether a new form or a little patience helps.
_KNOWN = {
    "EntityTooLarge": ("Too large", "the file is larger than the API lets be uploaded; split it up", False),
    "EntityTooSmall": ("Too small", "the file is smaller than what was announced; upload it again once nothing writes to it", False),
    "ExpiredToken": ("Expired", "the permission that came with the job has expired; upload the file again", True),
    "AccessDenied": ("Access denied", "S3 refuses what the API signed; ask the operator whether its function may write there", False),
    "NoSuchBucket": ("No bucket", "the bucket of uploads is gone; ask the operator to deploy the stack", False),
    "RequestTimeout": ("Too slow", "S3 waited in vain for more of the file", True),
    "SignatureDoesNotMatch": ("Signature refused", "something on the way changed the form or the address, a proxy perhaps", False),
    "NoSuchKey": ("Gone", "there is no such object any more; results are removed after a while", False),
}
_ELEMENT = re.compile(r"<(Code|Message|ProposedSize|MaxSizeAllowed)>([^<]{0,2000})</")


@dataclass(frozen=True, slots=True)
class Response:
    """What S3 answered: its status, the beginning of its body, and how long it asks to be left alone."""

    status: int
    body: bytes = b""
    retry_after_s: float = 0


Post = Callable[[str, Mapping[str, str], Iterable[bytes]], Response]


def post(url: str, headers: Mapping[str, str], body: Iterable[bytes]) -> Response:
    """Send a body as it is made, and return the answer, also one that comes before the body's end.

    Args:    headers: with the body's content-length.
    Raises:  CallFailed: no answer.
             whatever the body raises.
    """
    try:
        address = urlsplit(url)
        with closing(_connection(address)) as connection:
            # S3 may say no after the first bytes and hang up: what it said is worth more than the broken pipe.
            with suppress(BrokenPipeError, ConnectionResetError):
                connection.request("POST", f"{address.path or '/'}{'?' if address.query else ''}{address.query}", body, dict(headers))
            answer = connection.getresponse()
            return Response(answer.status, answer.read(LONGEST_ERROR_BYTES), seconds(answer.headers))
    except (OSError, HTTPException, ValueError) as error:
        raise no_answer(urlsplit(url).hostname or "S3", error) from error


def require_done(response: Response) -> None:
    """Raise CallFailed, saying what S3's XML means, unless it answered that all is well."""
    if not 200 <= response.status < 300:
        raise refusal(response)


def refusal(response: Response) -> CallFailed:
    """Return what S3's XML error means: a title, what to do, and whether another try helps."""
    told = {name: html.unescape(value) for name, value in _ELEMENT.findall(response.body.decode("utf-8", "replace"))}
    code, message = told.get("Code", ""), told.get("Message", "")
    title, meaning, transient = _KNOWN.get(code, (f"S3: {code}" if code else f"S3: HTTP {response.status}", "", False))
    if code == "AccessDenied" and "expired" in message.lower():
        title, meaning, transient = _KNOWN["ExpiredToken"]
    if told.keys() >= {"ProposedSize", "MaxSizeAllowed"}:
        meaning = f"got {told['ProposedSize']} bytes, expected at most {told['MaxSizeAllowed']}; {meaning}"
    detail = f"{meaning} (S3 says: {message or code})" if meaning else message or "S3 gave no reason"
    return CallFailed(title, detail, transient=transient or may_pass(response.status), retry_after_s=response.retry_after_s)


def download(url: str, target: Path, *, open_: Opener, received: Callable[[int], object]) -> None:
    """Write what an address holds to a file, which is there whole or not at all.

    Args:    received: told the bytes so far.
    Raises:  CallFailed: no answer, a refusal, or the answer broke off.
             OSError: the file cannot be written.
    """
    unfinished = target.with_name(f"{target.name}.part")
    try:
        with unfinished.open("wb") as file:
            for block in _blocks(url, open_):
                file.write(block)
                received(file.tell())
        unfinished.replace(target)
    finally:
        unfinished.unlink(missing_ok=True)


def _blocks(url: str, open_: Opener) -> Iterator[bytes]:
    host = "S3"
    try:
        request = Request(url)  # noqa: S310 - the scheme is checked in checked
        host = request.host
        with open_(checked(request), timeout=SILENCE_S) as response:
            announced, got = response.headers.get("content-length"), 0
            while block := response.read(READ_BYTES):
                got += len(block)
                yield block
        if announced is not None and got != int(announced):
            raise ConnectionError(f"the answer broke off after {got:,} of {int(announced):,} bytes")
    except HTTPError as error:
        with error:
            raise refusal(Response(error.code, error.read(LONGEST_ERROR_BYTES), seconds(error.headers))) from error
    except (URLError, HTTPException, OSError, ValueError) as error:
        raise no_answer(host, error) from error


def _connection(address: SplitResult) -> HTTPConnection:
    """Return a connection to an address, through the proxy that the environment names for it."""
    host = address.hostname or ""
    if address.scheme not in {"http", "https"} or not host:
        raise ValueError(f"got {address.scheme or 'no'} as the scheme of the upload's URL, expected http or https")
    if address.scheme == "http":  # the emulator on this machine
        return HTTPConnection(host, address.port, timeout=SILENCE_S)
    proxy = urlsplit(getproxies().get("https", ""))
    if not proxy.hostname or proxy_bypass(host):
        return HTTPSConnection(host, address.port, timeout=SILENCE_S)
    connection = HTTPSConnection(proxy.hostname, proxy.port, timeout=SILENCE_S)
    known = f"{unquote(proxy.username or '')}:{unquote(proxy.password or '')}"
    connection.set_tunnel(
        host, address.port, {"Proxy-Authorization": f"Basic {b64encode(known.encode()).decode()}"} if proxy.username else {}
    )
    return connection
