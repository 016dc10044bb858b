"""The supervisor: one listening socket, and one worker process per core, started again when it crashes.

Decided:     a model that cannot be served ends the server with status 78 and the reason in its log, instead of answering /ping with 503 for
             ever. SageMaker fails the deployment either way; a container that ends says so within a second, to `docker run` and to the
             local service as well. A model that breaks under a running server (a worker crashed and cannot load it again) ends nothing:
             the other workers answer on.
"""

import gc
import logging
import os
import signal
import socket
import time

from recipes.errors import InferstackError
from serving import logs, worker
from serving.inference.engine import has_gpu
from serving.logs import fields
from serving.settings import Settings, count_cores

log = logging.getLogger(__name__)
SIGNALS = {signal.SIGTERM, signal.SIGINT, signal.SIGCHLD}
SHORTEST_PAUSE_S, LONGEST_PAUSE_S = 0.1, 5.0
HEALTHY_AFTER_S = 10.0
KILL_AFTER_S = 2.0  # beyond what a worker may take to drain


def main() -> int:
    """Serve until SIGTERM or SIGINT, and return the exit status: 0 if every answer that was due was given."""
    logs.configure("INFO")
    try:
        settings = Settings.from_env(os.environ)
    except InferstackError as error:
        log.error("%s", error, extra=fields(code=error.code))  # noqa: TRY400  the message says it all
        return worker.UNUSABLE_MODEL
    logging.getLogger().setLevel(settings.log_level)
    return Supervisor(settings).run()


class Supervisor:
    """Starts workers, starts them again when they crash, and stops them."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        on_gpu = settings.device == "cuda" or (settings.device == "auto" and has_gpu())
        self.count = settings.workers or (1 if on_gpu else count_cores())
        self.workers: dict[int, tuple[int, float]] = {}  # pid → (slot, when it started)
        self.crashes = [0] * self.count
        self.due: dict[int, float] = {}  # slot → when its next worker starts
        self.stopping = False
        self.status = worker.OK

    def run(self) -> int:
        """Supervise until told to stop."""
        # Held back and taken one at a time with sigtimedwait: no handler runs in the middle of anything.
        signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
        self.listener = _listen(self.settings.host, self.settings.port)
        self.alive_read, self.alive_write = os.pipe()
        gc.collect()
        gc.freeze()  # what is loaded now is shared with the workers, not copied by their collections
        host, port = self.listener.getsockname()[:2]
        log.info("listening", extra=fields(host=host, port=port, workers=self.count))
        self.due = dict.fromkeys(range(self.count), 0.0)
        kill_at_s = float("inf")
        while self.workers or self.due:
            now_s = time.monotonic()
            for slot in [slot for slot, at_s in self.due.items() if at_s <= now_s]:
                del self.due[slot]
                self._start(slot)
            if now_s > kill_at_s:
                log.error("workers did not drain in time", extra=fields(workers=len(self.workers)))
                self._signal(signal.SIGKILL)
                kill_at_s = float("inf")
            wake_s = min([kill_at_s, *self.due.values()], default=float("inf"))
            got = signal.sigtimedwait(SIGNALS, min(max(wake_s - now_s, 0.0), 3600.0))
            if got is not None and got.si_signo != signal.SIGCHLD and not self.stopping:
                kill_at_s = time.monotonic() + self.settings.drain_s + KILL_AFTER_S
                self._stop()
            self._reap()
        return self.status

    def _start(self, slot: int) -> None:
        again = self.crashes[slot] > 0
        pid = os.fork()
        if pid:
            self.workers[pid] = (slot, time.monotonic())
            return
        os.close(self.alive_write)
        for number in SIGNALS:
            signal.signal(number, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
        worker.main(self.settings, self.listener, self.alive_read, self.count, accept_at_once=not again)

    def _reap(self) -> None:
        while self.workers:
            pid, wait_status = os.waitpid(-1, os.WNOHANG)
            if not pid:
                return
            slot, started_s = self.workers.pop(pid)
            status = os.waitstatus_to_exitcode(wait_status)
            if self.stopping:
                if status != worker.OK and self.status == worker.OK:
                    self.status = worker.FAILED
            elif status == worker.UNUSABLE_MODEL and not self.crashes[slot]:
                self.status = worker.UNUSABLE_MODEL
                self._stop()
            else:
                self._start_again(slot, status, lived_s=time.monotonic() - started_s)

    def _start_again(self, slot: int, status: int, *, lived_s: float) -> None:
        self.crashes[slot] = 1 if lived_s > HEALTHY_AFTER_S else self.crashes[slot] + 1
        pause_s = min(SHORTEST_PAUSE_S * 2 ** (self.crashes[slot] - 1), LONGEST_PAUSE_S)
        self.due[slot] = time.monotonic() + pause_s
        ended = signal.Signals(-status).name if status < 0 else f"status {status}"
        log.error("a worker ended with %s; the next starts in %.1f s", ended, pause_s, extra=fields(slot=slot, crashes=self.crashes[slot]))

    def _stop(self) -> None:
        self.stopping = True
        self.due.clear()
        self._signal(signal.SIGTERM)

    def _signal(self, number: int) -> None:
        for pid in self.workers:
            os.kill(pid, number)


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((host, port))
    listener.listen(1024)
    listener.setblocking(False)
    return listener
