"""Work on every core that a function's memory gives it, in processes: one of Python's runs on one core."""

import os
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

Item = TypeVar("Item")
Result = TypeVar("Result")

MB_PER_CORE = 1769


def count_cores(environment: Mapping[str, str]) -> int:
    """Return how many whole cores Lambda gives the function, by its memory."""
    memory_mb = environment.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "")
    return max(1, int(memory_mb) // MB_PER_CORE) if memory_mb.isdecimal() else 1


def map_on_cores(work: Callable[[Item], Result], items: Iterable[Item], cores: int) -> Iterator[Result]:
    """Give what work returns of each item, in order, or raise what it raises.

    A process that is stopped, for want of memory, stops this one: so the queue counts it, as it does where there is one process.

    Args:    items: each is in the memory of two processes while it is worked on, one a core.
             cores: for one, no process is started.
    """
    if cores < 2:
        yield from map(work, items)
        return
    import multiprocessing  # noqa: PLC0415 - with sockets and temporary files, which a start on one core does not need

    forks = multiprocessing.get_context("fork")  # what is imported is there at once; Lambda has no shared memory for a pool's queues
    workers = list[tuple[Any, "Connection", "Connection"]]()
    waiting = deque[tuple["Connection", "Connection"]]()
    try:
        for item in items:
            if len(workers) < cores:
                (theirs_in, to_them), (from_them, theirs_out) = forks.Pipe(duplex=False), forks.Pipe(duplex=False)
                own = [to_them, from_them, *(end for _, *ends in workers for end in ends)]
                workers.append((forks.Process(target=_serve, args=(work, theirs_in, theirs_out, own), daemon=True), to_them, from_them))
                workers[-1][0].start()
                theirs_in.close()
                theirs_out.close()
            else:
                to_them, from_them = waiting.popleft()
                result = _receive(from_them)
                _send(to_them, item)  # first: it works while this result is used
                waiting.append((to_them, from_them))
                yield result
                continue
            _send(to_them, item)
            waiting.append((to_them, from_them))
        while waiting:
            yield _receive(waiting.popleft()[1])
    finally:
        for process, *ends in workers:
            for end in ends:
                end.close()
            process.kill()
            process.join()


def _serve(work: Callable[[Item], Result], theirs_in: "Connection", theirs_out: "Connection", others: "list[Connection]") -> None:
    for end in others:
        end.close()  # else a process would hold what another waits to see closed
    while True:
        try:
            item = theirs_in.recv()
        except EOFError:
            return
        try:
            result: Result | Exception = work(item)
        except Exception as error:  # noqa: BLE001 - it is raised where the work was asked for
            result = error
        theirs_out.send(result)


def _send(to_them: "Connection", item: object) -> None:
    try:
        to_them.send(item)
    except ConnectionError:
        os.kill(os.getpid(), signal.SIGKILL)
        raise


def _receive(from_them: "Connection") -> Any:
    try:
        result = from_them.recv()
    except (EOFError, ConnectionError):
        os.kill(os.getpid(), signal.SIGKILL)
        raise
    if isinstance(result, Exception):
        raise result
    return result
