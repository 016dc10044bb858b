"""Where a pipeline's artifacts are: in S3, or in a folder instead of it."""

import hashlib
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

from pipeline.runner.s3_url import split_s3_url


class Store(Protocol):
    """Objects by s3:// URL; a prefix stands for all objects below it."""

    def fetch(self, url: str, folder: Path) -> int:
        """Write the object, or all below the prefix, into the folder, and return the number of files."""

    def put(self, source: Path, url: str) -> None:
        """Store a file under its URL, or a folder's files below a prefix."""

    def compute_digest(self, url: str) -> str:
        """Return a digest that changes with the content at or below the URL."""


class FolderStore:
    """A folder per bucket.

    Args:    root: where the buckets are.
    """

    def __init__(self, root: Path) -> None:
        self._root = root

    def fetch(self, url: str, folder: Path) -> int:
        """See Store."""
        count = 0
        for path, name in self._list_files(url):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, folder / name)
            count += 1
        return count

    def put(self, source: Path, url: str) -> None:
        """See Store."""
        for path, name in list_files(source):
            target = self.find_path(url) / name if name else self.find_path(url)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)

    def compute_digest(self, url: str) -> str:
        """See Store."""
        digest = hashlib.sha256()
        for path, name in self._list_files(url):
            digest.update(f"{name} {hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
        return digest.hexdigest()

    def find_path(self, url: str) -> Path:
        """Return the path of a URL in the folder."""
        return _find_below(self._root, "/".join(split_s3_url(url)))

    def _list_files(self, url: str) -> list[tuple[Path, str]]:
        path = self.find_path(url)
        if path.is_file():
            return [(path, path.name)]
        return sorted((each, str(each.relative_to(path))) for each in path.rglob("*") if each.is_file())


class S3Store:
    """S3.

    Args:    client: boto3's S3 client.
    """

    def __init__(self, client: Any) -> None:
        self._client = client

    def fetch(self, url: str, folder: Path) -> int:
        """See Store."""
        bucket, count = split_s3_url(url)[0], 0
        for summary, name in self._list_objects(url):
            target = _find_below(folder, name)
            target.parent.mkdir(parents=True, exist_ok=True)
            self._client.download_file(bucket, summary["Key"], str(target))
            count += 1
        return count

    def put(self, source: Path, url: str) -> None:
        """See Store."""
        bucket, prefix = split_s3_url(url)
        for path, name in list_files(source):
            self._client.upload_file(str(path), bucket, f"{prefix.rstrip('/')}/{name}" if name else prefix)

    def compute_digest(self, url: str) -> str:
        """See Store. It is made of sizes and ETags, so nothing is downloaded."""
        lines = sorted(f"{name} {summary['Size']} {summary['ETag']}" for summary, name in self._list_objects(url))
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()

    def _list_objects(self, url: str) -> Iterator[tuple[dict[str, Any], str]]:
        bucket, prefix = split_s3_url(url)
        folder = prefix if prefix.endswith("/") else f"{prefix}/"
        for page in self._client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
            for summary in page.get("Contents", []):
                key = summary["Key"]
                if key.endswith("/"):  # a folder that the console created
                    continue
                if key == prefix or key.startswith(folder):
                    yield summary, key.removeprefix(folder) if key != prefix else key.rpartition("/")[2]


def list_files(source: Path) -> list[tuple[Path, str]]:
    """Return a folder's files with their names in it; a single file has no name."""
    if source.is_file():
        return [(source, "")]
    return sorted((path, str(path.relative_to(source))) for path in source.rglob("*") if path.is_file())


def _find_below(folder: Path, name: str) -> Path:
    """Return the path of a name below the folder; raise ValueError for one with `..` that leads out of it."""
    path = (folder / name).resolve()
    if not path.is_relative_to(folder.resolve()):
        raise ValueError(f"{name} leads out of {folder.name}")
    return path
