"""S3 by the forms and URLs that the API has signed: without credentials, and never with the API's token."""

import html
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

from cli.http.client import CallFailed, is_transient, read_retry_after_s, translate_http_errors
from cli.http.sized_file import SizedFile

if TYPE_CHECKING:
    import httpx

TIMEOUT_S = 60  # without a byte sent or received

# Each S3 code → a title, what it means, whether another try with a new form may succeed.
_KNOWN = {
    "EntityTooLarge": ("Too large", "the file is larger than the API lets be uploaded; split it up", False),
    "EntityTooSmall": ("Too small", "the file is smaller than announced; upload it again when nothing writes to it", False),
    "ExpiredToken": ("Expired", "the permission that came with the job has expired; upload the file again", True),
    "AccessDenied": ("Access denied", "S3 refuses what the API signed; ask the operator whether its function may write there", False),
    "NoSuchBucket": ("No bucket", "the bucket of uploads is gone; ask the operator to deploy the stack", False),
    "RequestTimeout": ("Too slow", "S3 waited too long for more of the file", True),
    "SignatureDoesNotMatch": ("Signature refused", "something on the way changed the form or the URL, perhaps a proxy", False),
    "NoSuchKey": ("Gone", "the object does not exist any more; results are removed after a while", False),
}
_ELEMENT = re.compile(r"<(Code|Message|ProposedSize|MaxSizeAllowed)>([^<]{0,2000})</")


@dataclass(frozen=True, slots=True)
class SignedForm:
    """A permission to upload one file: where to, and the fields that go before the file, in their order."""

    url: str
    fields: Mapping[str, str]


def upload_file(http: "httpx.Client", form: SignedForm, name: str, content_type: str, file: SizedFile) -> None:
    """Upload a file by a form, a piece at a time.

    S3 may refuse after the first bytes and close the connection: httpx then reads the answer, which says more than the broken pipe.

    Args:    name, content_type: the file's, for those who read the bucket.
    Raises:  CallFailed: no answer, or a refusal with S3's own words.
             OSError: the file cannot be read.
    """
    content = cast(BinaryIO, file)  # SizedFile has what httpx asks of a file
    with translate_http_errors(form.url):
        response = http.post(form.url, data=form.fields, files={"file": (name, content, content_type)}, timeout=TIMEOUT_S)
    if not response.is_success:
        raise build_refusal(response)


def download_file(http: "httpx.Client", url: str, target: Path, report: Callable[[int], object], *, size_bytes: int) -> None:
    """Write what a URL holds to a file, which then exists whole or not at all.

    Args:    report: called with the bytes so far.
             size_bytes: how many are expected; more are not written.
    Raises:  CallFailed: no answer, a refusal, or the answer breaks off or goes on.
             OSError: the file cannot be written.
    """
    from cli.http.bounded import read_whole  # noqa: PLC0415 - httpx takes 100 ms that `--help` need not pay

    unfinished = target.with_name(f"{target.name}.part")
    unfinished.unlink(missing_ok=True)  # it may be somebody's link to another file
    try:
        with (
            unfinished.open("xb") as file,
            translate_http_errors(url),
            http.stream("GET", url, timeout=TIMEOUT_S) as response,  # of its region's host, which sends nobody elsewhere
        ):
            if not response.is_success:
                raise build_refusal(read_whole(response))
            for block in response.iter_bytes():
                if file.tell() + len(block) > size_bytes:
                    raise CallFailed("Too large", f"S3 sends more than the {size_bytes:,} bytes that {target.name} is to have")
                file.write(block)
                report(file.tell())
        unfinished.replace(target)
    finally:
        unfinished.unlink(missing_ok=True)


def build_refusal(response: "httpx.Response") -> CallFailed:
    """Return what S3's XML error means: a title, what to do, and whether another try helps."""
    error = {name: html.unescape(value) for name, value in _ELEMENT.findall(response.text)}
    code, message = error.get("Code", ""), error.get("Message", "")
    title, meaning, may_pass = _KNOWN.get(code, (f"S3: {code}" if code else f"S3: HTTP {response.status_code}", "", False))
    if code == "AccessDenied" and "expired" in message.lower():
        title, meaning, may_pass = _KNOWN["ExpiredToken"]
    if error.keys() >= {"ProposedSize", "MaxSizeAllowed"}:
        meaning = f"got {error['ProposedSize']} bytes, expected at most {error['MaxSizeAllowed']}; {meaning}"
    detail = f"{meaning} (S3 says: {message or code})" if meaning else message or "S3 gave no reason"
    return CallFailed(title, detail, is_transient=may_pass or is_transient(response), retry_after_s=read_retry_after_s(response))
