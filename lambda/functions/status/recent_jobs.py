"""The newest jobs of all callers and of the inbox, without what says whose they are or what they were about."""

import re
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from functions.shared import areas
from functions.shared.job_states import JobStates
from functions.shared.jobs import ID, Job, jobs_of
from functions.shared.object_store import Store, Stored

NEWEST = 20
LISTED = NEWEST * 8  # keys of one caller: a job has five at most, and its attempts' notes
MOST_CALLERS, MOST_INBOX_KEYS = 100, 1000  # looked at; what lies beyond is said to be missing
AT_ONCE = 16
INBOX_KEY = re.compile(rf"({areas.INBOX}/(?P<name>.+)/(?P<id>{ID.pattern})/)(?:[^/]+|attempts/.+)", re.DOTALL)
Objects = Mapping[Job, Sequence[Stored]]


class RecentJobs:
    """The jobs of a bucket of results.

    Args:    results: the bucket.
             states: what a job's objects say.
    """

    def __init__(self, results: Store, states: JobStates) -> None:
        self._results, self._states = results, states

    def describe(self) -> dict[str, Any]:
        """Return the newest jobs, the newest first, and whether all callers and all of the inbox were looked at.

        A caller's name and an upload's are not told: who may see how the deployment is need not know what it was asked.
        """
        callers = self._results.list_folders(f"{areas.JOBS}/", limit=MOST_CALLERS + 1)
        with ThreadPoolExecutor(AT_ONCE) as pool:
            dropped = pool.submit(self._results.list, f"{areas.INBOX}/", limit=MOST_INBOX_KEYS)
            listings = list(pool.map(self._list_jobs, callers[:MOST_CALLERS]))
            jobs = {**group_inbox(dropped.result()), **{job: objects for each in listings for job, objects in each.items()}}
            newest = sorted(jobs, key=lambda job: min(each.written_s for each in jobs[job]), reverse=True)[:NEWEST]
            rows = list(pool.map(lambda job: self._describe_row(job, jobs[job]), newest))
        return {"newest": rows, "is_complete": len(callers) <= MOST_CALLERS and len(dropped.result()) < MOST_INBOX_KEYS}

    def _list_jobs(self, folder: str) -> Objects:
        """Return a caller's newest jobs: their ids sort so."""
        owner = folder.split("/")[1]
        return group_jobs(owner, self._results.list(jobs_of(owner), limit=LISTED))

    def _describe_row(self, job: Job, objects: Sequence[Stored]) -> dict[str, Any]:
        document, summary = self._states.describe(job, objects)
        return {
            "id": job.id,
            "source": "inbox" if job.owner == areas.INBOX else "api",
            **({"recipe": document["recipe"]} if "recipe" in document else {}),
            "state": document["state"],
            "created_at": document["created_at"] or None,
            "finished_at": document.get("finished_at"),
            "rows": (summary or {}).get("rows"),
            "failed": (summary or {}).get("failed"),
            "problem": document.get("error", {}).get("code"),
        }


def group_jobs(owner: str, objects: Iterable[Stored]) -> Objects:
    """Return a caller's jobs with their objects, those of a listing."""
    jobs: dict[Job, list[Stored]] = {}
    for each in objects:
        id_, _, name = each.key.removeprefix(jobs_of(owner)).partition("/")
        if ID.fullmatch(id_) and name:
            jobs.setdefault(Job.of_owner(owner, id_), []).append(each)
    return jobs


def group_inbox(objects: Iterable[Stored]) -> Objects:
    """Return the jobs of the inbox with their objects, those of a listing."""
    jobs: dict[Job, list[Stored]] = {}
    for each in objects:
        if match := INBOX_KEY.fullmatch(each.key):
            jobs.setdefault(Job(areas.INBOX, match["id"], match["name"], match[1]), []).append(each)
    return jobs
