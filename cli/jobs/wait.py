"""Waiting for jobs until they end."""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from cli.api.answers import JOB
from cli.api.client import Api
from cli.http.client import CallFailed
from cli.jobs.file_upload import FileUpload
from cli.parallel import map_in_parallel

READ_AT_ONCE = 4
FIRST_PAUSE_S, LONGEST_PAUSE_S, PAUSE_GROWTH = 0.5, 5.0, 1.5


def wait_for_jobs(
    api: Api,
    uploads: Sequence[FileUpload],
    *,
    timeout_s: float,
    report: Callable[[int], object],
    sleep: Callable[[float], object] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> list[FileUpload]:
    """Return the uploads with their jobs as they ended, each with a problem if it did not in time.

    Args:    report: called with the number of those that have ended.
    """
    latest = list(uploads)
    deadline, pause_s = clock() + timeout_s, FIRST_PAUSE_S
    while waiting := [number for number, upload in enumerate(latest) if not upload.has_ended]:
        report(len(latest) - len(waiting))
        left_s = deadline - clock()
        if left_s <= 0:
            for number in waiting:
                latest[number] = _add_timeout(latest[number], timeout_s)
            break
        sleep(min(pause_s, left_s))
        pause_s = min(pause_s * PAUSE_GROWTH, LONGEST_PAUSE_S)
        updates = map_in_parallel(lambda number: _read_again(api, latest[number]), waiting, READ_AT_ONCE)
        for number, update in zip(waiting, updates, strict=True):
            latest[number] = update
    report(sum(upload.has_ended for upload in latest))
    return latest


def read_job(api: Api, id_: str) -> dict[str, Any]:
    """Return one job; raise CallFailed if there is none, or no answer."""
    job: dict[str, Any] = api.call("GET", f"/jobs/{quote(id_, safe='')}", JOB)
    return job


def _read_again(api: Api, upload: FileUpload) -> FileUpload:
    try:
        return replace(upload, job=read_job(api, str((upload.job or {}).get("id", ""))))
    except CallFailed as failure:
        return upload if failure.is_transient else replace(upload, problem=failure.problem)


def _add_timeout(upload: FileUpload, timeout_s: float) -> FileUpload:
    job = upload.job or {}
    detail = f"the job is still {job.get('state')} after {timeout_s:g} s; it goes on, look with `inferstack jobs show {job.get('id')}`"
    return replace(upload, problem={"title": "Timeout", "detail": detail})
