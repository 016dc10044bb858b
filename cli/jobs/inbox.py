"""What operators dropped into the buckets, and what came of it: read from S3 alone, so it needs no function and no right beside reading."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from operator import attrgetter
from typing import Any, Literal

from cli.parallel import map_in_parallel
from functions.shared import areas
from functions.shared.jobs import STARTED, SUMMARY, Job
from functions.shared.litter import is_litter
from functions.shared.owner import OWNER

MOST_KEYS = 10_000  # of a bucket: what lies beyond is not looked at, and said so
READ_AT_ONCE = 8
State = Literal["waiting", "processing", "succeeded", "failed", "ignored", "misplaced"]


@dataclass(frozen=True, slots=True)
class DroppedFile:
    """A file that an operator put into a bucket.

    Args:    bucket, key: where it is.
             dropped_at: when.
             state: its job's; "ignored" and "misplaced" files have none.
             results: the folder of its results, as s3://…; empty without a job.
             summary: of its job, when that has ended.
             reason: why it was ignored, or where it belongs.
    """

    bucket: str
    key: str
    dropped_at: datetime
    state: State
    results: str = ""
    summary: dict[str, Any] | None = None
    reason: str = ""


class Inbox:
    """The buckets that people drop files into.

    is_whole  whether all that is in them was looked at; known once it was
    count     how many files the inbox has, of those that were looked at; known once they were listed

    Args:    s3: boto3's client, or for what is misplaced the functions' own. What it raises is raised as it is.
    """

    is_whole = True
    count = 0

    def __init__(self, s3: Any, *, uploads: str, results: str, dump: str) -> None:
        self._s3, self._uploads, self._results, self._dump = s3, uploads, results, dump

    def list_newest(self, limit: int) -> list[DroppedFile]:
        """Return the newest files of inbox/ as they are now, the newest first, with the summaries of their jobs."""
        versions = [each for each in self._list_versions(self._uploads, areas.INBOX) if each["IsLatest"]]
        versions = [each for each in versions if not each["Key"].endswith("/")]  # consoles make one for a folder
        self.count = len(versions)
        newest = sorted(versions, key=lambda each: each["LastModified"], reverse=True)[:limit]
        return map_in_parallel(self._describe, newest, READ_AT_ONCE) if newest else []

    def list_misplaced(self) -> list[DroppedFile]:
        """Return the files that nobody reads where they are, the newest first: in the wrong bucket or folder."""
        inbox = f"s3://{self._uploads}/{areas.INBOX}/"
        found = [
            *self._misplace(self._uploads, self._list_strays(), f"only what is in inbox/ is read: copy it to {inbox}"),
            *self._misplace(
                self._dump,
                self._list_objects(self._dump, areas.INBOX),
                f"this bucket is for training data; an upload belongs into {inbox}",
            ),
        ]
        return sorted(found, key=attrgetter("dropped_at"), reverse=True)

    def _describe(self, version: dict[str, Any]) -> DroppedFile:
        key, dropped_at = str(version["Key"]), version["LastModified"]
        job = Job.of_upload(key, str(version["VersionId"]))
        if job is None:
            return DroppedFile(self._uploads, key, dropped_at, "ignored", reason="tools leave such files beside others; nobody means them")
        listed = self._s3.list_objects_v2(Bucket=self._results, Prefix=job.prefix, MaxKeys=100).get("Contents", [])
        keys = {each["Key"] for each in listed}
        results = f"s3://{self._results}/{job.prefix}"
        if job.key(SUMMARY) in keys:
            summary = json.loads(self._s3.get_object(Bucket=self._results, Key=job.key(SUMMARY))["Body"].read())
            return DroppedFile(self._uploads, key, dropped_at, summary["state"], results, summary)
        return DroppedFile(self._uploads, key, dropped_at, "processing" if job.key(STARTED) in keys else "waiting", results)

    def _list_strays(self) -> Iterator[dict[str, Any]]:
        """Yield what is in the uploads bucket beside its two areas, and in them beside owners' folders."""
        for prefix in ("", f"{areas.UPLOADS}/"):
            page = self._s3.list_objects_v2(Bucket=self._uploads, Prefix=prefix, Delimiter="/")
            yield from (each for each in page.get("Contents", ()) if each["Key"] != prefix)
            for folder in (each["Prefix"] for each in page.get("CommonPrefixes", ())):
                is_meant = OWNER.fullmatch(folder[len(prefix) : -1]) if prefix else folder[:-1] in {areas.UPLOADS, areas.INBOX}
                if not is_meant:
                    yield from self._list_objects(self._uploads, folder[:-1])

    def _list_versions(self, bucket: str, area: str) -> list[dict[str, Any]]:
        pages = self._s3.get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix=f"{area}/")
        return self._take(each for page in pages for each in page.get("Versions", ()))

    def _list_objects(self, bucket: str, area: str) -> list[dict[str, Any]]:
        return self._take(self._page_objects(bucket, f"{area}/"))

    def _page_objects(self, bucket: str, prefix: str) -> Iterator[dict[str, Any]]:
        after, is_more = "", True
        while is_more:
            page = self._s3.list_objects_v2(Bucket=bucket, Prefix=prefix, StartAfter=after)
            yield from page.get("Contents", ())
            is_more = page["IsTruncated"]
            after = page["Contents"][-1]["Key"] if is_more else ""

    def _take(self, found: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
        """Return all, or as many as are looked at."""
        listed = list(islice(found, MOST_KEYS + 1))
        self.is_whole = self.is_whole and len(listed) <= MOST_KEYS
        return listed[:MOST_KEYS]

    @staticmethod
    def _misplace(bucket: str, objects: Iterable[dict[str, Any]], reason: str) -> Iterator[DroppedFile]:
        for each in objects:
            if not each["Key"].endswith("/") and not is_litter(each["Key"]):
                yield DroppedFile(bucket, each["Key"], each["LastModified"], "misplaced", reason=reason)
