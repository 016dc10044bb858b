"""Work in several processes gives what it gives in one."""

import io
import multiprocessing
import os
import signal
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from functions.process_upload.reading import zips
from functions.process_upload.reading.cores import MB_PER_CORE, count_cores, map_on_cores
from recipes.errors import Malformed
from recipes.recipe import load
from tests.rows import open_upload

DIGITS = load("digits")
GOLDEN = sorted((Path(__file__).parents[4] / "recipes/digits/golden").glob("*.png"))


def double(number: int) -> int:
    if number == 99:
        raise Malformed("no", advice="do")
    return 2 * number


@pytest.mark.parametrize("count", [0, 1, 3, 50])
@pytest.mark.parametrize("cores", [1, 2, 3])
def test_gives_results_in_order(cores: int, count: int) -> None:
    assert list(map_on_cores(double, range(count), cores)) == [2 * number for number in range(count)]


def test_raises_what_the_work_raises() -> None:
    with pytest.raises(Malformed, match="no") as caught:
        list(map_on_cores(double, [1, 99, 2], 2))
    assert (caught.value.detail, caught.value.advice) == ("no", "do")


def test_sends_and_gets_more_than_a_pipe_holds() -> None:
    items = [bytes([number]) * (1 << 20) for number in range(7)]
    assert list(map_on_cores(bytes, items, 2)) == items


def test_stops_its_processes_when_nobody_takes_the_rest() -> None:
    results = map_on_cores(lambda _: os.getpid(), range(9), 2)
    pids = {next(results), next(results)}
    results.close()  # type: ignore[attr-defined]  # it is a generator
    assert len(pids) == 2
    assert not [pid for pid in pids if Path(f"/proc/{pid}").exists()]


def stop_itself(number: int) -> int:
    if number == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def stop_a_child_before(sent: int) -> Iterator[bytes]:
    """Give items of which one finds the process that it is for stopped, as a system does that is short of memory."""
    for number in range(9):
        if number == sent:
            for child in multiprocessing.active_children():
                os.kill(child.pid or 0, signal.SIGKILL)
                while Path(f"/proc/{child.pid}/stat").read_text().rpartition(") ")[2][0] != "Z":
                    time.sleep(0.001)
        yield bytes(1 << 20)


@pytest.mark.parametrize("items", [lambda: range(9), lambda: stop_a_child_before(1), lambda: stop_a_child_before(5)], ids=["in", "1", "5"])
def test_is_stopped_as_its_processes_are(items: Any) -> None:
    """So the queue counts a stop, and the job ends with that reason after a few, in place of an error that is tried for long."""
    if (pid := os.fork()) == 0:
        try:
            list(map_on_cores(stop_itself if isinstance(items(), range) else len, items(), 2))
        finally:
            os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == -signal.SIGKILL


def test_counts_the_cores_that_lambda_gives() -> None:
    sizes = ["", "128", str(MB_PER_CORE), str(2 * MB_PER_CORE - 1), str(2 * MB_PER_CORE), "10240"]
    assert [count_cores({"AWS_LAMBDA_FUNCTION_MEMORY_SIZE": size} if size else {}) for size in sizes] == [1, 1, 1, 1, 2, 5]


def test_reads_a_zip_alike_on_any_number_of_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for number, path in enumerate(GOLDEN * 8):
            archive.writestr(f"{number}.png", path.read_bytes()[: 60 if number % 7 == 3 else None])
    monkeypatch.setattr(zips, "BATCH_MEMBERS", 8)  # so that each process reads several
    content, found = out.getvalue(), []
    for size in ("1769", "3538", "5307"):
        monkeypatch.setenv("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", size)
        rows = open_upload(content, DIGITS).rows
        found.append([(row.number, row.instance, row.about, row.count, row.error and (row.error.code, str(row.error))) for row in rows])
    assert found[0] == found[1] == found[2]
    assert {row[-1] is None for row in found[0]} == {True, False}
