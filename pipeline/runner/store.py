"""Where a pipeline's artefacts are: the emulator's S3, or a folder that stands for it."""

import hashlib
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol


class Store(Protocol):
    """Objects by s3:// address; a prefix stands for all objects below it."""

    def fetch(self, url: str, folder: Path) -> int:
        """Write the object, or all below the prefix, into the folder, and return how many there were."""

    def put(self, source: Path, url: str) -> None:
        """Write a file under its address, or a folder's files below a prefix."""

    def digest(self, url: str) -> str:
        """Return what changes whenever the content at or below the address changes."""


class Folder:
    """A folder for each bucket.

    Args:    root: where the buckets are.
    """

    def __init__(self, root: Path) -> None:
        self._root = root

    def fetch(self, url: str, folder: Path) -> int:
        """As Store has it."""
        count = 0
        for path, name in self._at(url):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, folder / name)
            count += 1
        return count

    def put(self, source: Path, url: str) -> None:
        """As Store has it."""
        for path, name in files(source):
            target = self.path(url) / name if name else self.path(url)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)

    def digest(self, url: str) -> str:
        """As Store has it."""
        digest = hashlib.sha256()
        for path, name in self._at(url):
            digest.update(f"{name} {hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
        return digest.hexdigest()

    def path(self, url: str) -> Path:
        """Return where the address is in the folder."""
        return _inside(self._root, "/".join(split(url)))

    def _at(self, url: str) -> list[tuple[Path, str]]:
        path = self.path(url)
        if path.is_file():
            return [(path, path.name)]
        return sorted((each, str(each.relative_to(path))) for each in path.rglob("*") if each.is_file())


class S3:
    """A bucket of S3's.

    Args:    client: boto3's.
    """

    def __init__(self, client: Any) -> None:
        self._client = client

    def fetch(self, url: str, folder: Path) -> int:
        """As Store has it."""
        bucket, count = split(url)[0], 0
        for found, name in self._below(url):
            target = _inside(folder, name)
            target.parent.mkdir(parents=True, exist_ok=True)
            self._client.download_file(bucket, found["Key"], str(target))
            count += 1
        return count

    def put(self, source: Path, url: str) -> None:
        """As Store has it."""
        bucket, prefix = split(url)
        for path, name in files(source):
            self._client.upload_file(str(path), bucket, f"{prefix.rstrip('/')}/{name}" if name else prefix)

    def digest(self, url: str) -> str:
        """As Store has it: by what S3 says of the objects, so nothing is fetched."""
        listed = sorted(f"{name} {found['Size']} {found['ETag']}" for found, name in self._below(url))
        return hashlib.sha256("\n".join(listed).encode()).hexdigest()

    def _below(self, url: str) -> Iterator[tuple[dict[str, Any], str]]:
        bucket, prefix = split(url)
        folder = prefix if prefix.endswith("/") else f"{prefix}/"
        for page in self._client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
            for found in page.get("Contents", []):
                key = found["Key"]
                if key.endswith("/"):  # what the console makes to show a folder
                    continue
                if key == prefix or key.startswith(folder):
                    yield found, key.removeprefix(folder) if key != prefix else key.rpartition("/")[2]


def split(url: str) -> tuple[str, str]:
    """Return the bucket and the key of an s3:// address; a key may hold what other addresses end at, such as # and ?."""
    bucket, _, key = url.removeprefix("s3://").partition("/")
    if not url.startswith("s3://") or not bucket:
        raise ValueError(f"got {url}; expected s3://<bucket>/<key>")
    return bucket, key


def files(source: Path) -> list[tuple[Path, str]]:
    """Return a folder's files with their names in it; a file has none."""
    if source.is_file():
        return [(source, "")]
    return sorted((path, str(path.relative_to(source))) for path in source.rglob("*") if path.is_file())


def _inside(folder: Path, name: str) -> Path:
    """Return where the name is below the folder; a key may hold `..`."""
    path = (folder / name).resolve()
    if not path.is_relative_to(folder.resolve()):
        raise ValueError(f"{name} leads out of {folder.name}")
    return path
