"""One upload through the process_upload function in a fresh process: rows on stdin as npy; prints the peak of its resident set."""

import contextlib
import json
import os
import sys
import uuid
from pathlib import Path

import botocore.session

from functions.process_upload.events import Upload
from tests.fakes import FakeContext
from tests.upload_messages import make_message


def main() -> None:
    body = sys.stdin.buffer.read()
    key = f"inbox/memory/{uuid.uuid4().hex}.npy"
    s3 = botocore.session.get_session().create_client("s3")
    # Put elsewhere than where events begin, so that only this process answers it.
    bucket = os.environ["RESULTS_BUCKET"]
    version, size = s3.put_object(Bucket=bucket, Key=key, Body=body), len(body)
    etag = version["ETag"]
    del body
    os.environ["UPLOADS_BUCKET"] = bucket
    pid = os.fork()  # the child's peak is its own: this process held all of the rows
    if pid:
        sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
    os.execv(sys.executable, [sys.executable, "-m", "benchmarks.upload_memory", "--child", key, etag, str(size)])


def child(key: str, etag: str, size: int) -> None:
    bucket = os.environ["UPLOADS_BUCKET"] = os.environ["RESULTS_BUCKET"]
    with Path(os.devnull).open("w") as nowhere, contextlib.redirect_stdout(nowhere):
        from functions.process_upload.function import handler  # noqa: PLC0415 - importing it is the start that is measured

        started = peak_kb()
        message = make_message(Upload(key, "", etag.strip('"'), size, ""), bucket=bucket)
        assert handler({"Records": [message]}, FakeContext(280_000)) == {"batchItemFailures": []}
    print(json.dumps({"started_mb": round(started / 1024, 1), "peak_mb": round(peak_kb() / 1024, 1)}))


def peak_kb() -> int:
    """Return the peak of this program's resident set; getrusage would tell that of the program before exec, if it is higher."""
    (line,) = [line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM")]
    return int(line.split()[1])


if __name__ == "__main__":
    child(*sys.argv[2:4], int(sys.argv[4])) if "--child" in sys.argv else main()
