"""One worker process: an event loop with the HTTP front, the scheduler and the engine, from start to drained."""

import asyncio
import logging
import os
import signal
import socket
import sys
import time

import uvloop

from recipes.errors import InferstackError
from recipes.models import artifact
from serving.api import Api, encode_error
from serving.http import front
from serving.http.connection import Connection
from serving.http.listener import Listener
from serving.inference import scheduler
from serving.inference.engine import Engine
from serving.logs import fields
from serving.settings import Settings

log = logging.getLogger(__name__)
OK, FAILED, UNUSABLE_MODEL = 0, 1, 78  # 78 is EX_CONFIG: starting again would not help
LAME_DUCK_S = 0.2  # how long SIGTERM still lets connections in, so that those the kernel has already accepted are answered


def run(settings: Settings, listener: socket.socket, alive: int, workers: int, *, accept_at_once: bool) -> int:
    """Serve until SIGTERM, and return the exit status.

    Args:    listener: a listening socket, shared with the other workers.
             alive: a pipe's reading end whose writing end only the supervisor holds: when it closes, the supervisor has gone.
             workers: how many serve side by side.
             accept_at_once: answer 503 while the model loads; else take connections only when there is something to answer with.
    """
    # Python's threads hand over every 5 ms by default: that is how long a large body's parsing could hold up the event loop.
    sys.setswitchinterval(0.0005)
    return uvloop.run(_Worker(settings, listener, workers).serve(alive, accept_at_once=accept_at_once))


class _Worker:
    def __init__(self, settings: Settings, listener: socket.socket, workers: int) -> None:
        self.settings = settings
        self.listener = listener
        self.api = Api(workers=workers, max_body_bytes=settings.max_body_bytes)
        limits = front.Limits(
            body_bytes=settings.max_body_bytes,
            held_bytes=2 * settings.max_waiting_bytes,
            connections=settings.max_connections,
        )
        self.front = front.Front(self.api.handle, encode_error, limits)

    async def serve(self, alive: int, *, accept_at_once: bool) -> int:
        loop = asyncio.get_running_loop()
        stop = asyncio.Event()
        loop.add_signal_handler(signal.SIGTERM, stop.set)
        loop.add_signal_handler(signal.SIGINT, lambda: None)  # Ctrl-C reaches the whole group; the supervisor turns it into SIGTERM
        loop.add_reader(alive, stop.set)
        listener = self._listen() if accept_at_once else None
        sweeper = asyncio.ensure_future(self._sweep())
        began_s = time.perf_counter()
        try:
            engine = await loop.run_in_executor(None, self._load)
        except InferstackError as error:
            log.error("the model cannot be served: %s", error, extra=fields(code=error.code, advice=error.advice))  # noqa: TRY400  the message says it all
            return UNUSABLE_MODEL
        queue_limits = scheduler.Limits.of(
            instance_bytes=engine.manifest.instance_bytes,
            batch=engine.batch,
            waiting_instances=self.settings.max_waiting_instances,
            waiting_bytes=self.settings.max_waiting_bytes,
            joins_bodies=engine.joins_bodies,
        )
        jobs = scheduler.Scheduler(engine.predict, loop, queue_limits)
        self.api.open(engine.manifest, jobs)
        if listener is None:
            listener = self._listen()
        ready = fields(
            model=engine.manifest.name,
            version=engine.manifest.version,
            device=engine.device,
            load_s=round(time.perf_counter() - began_s, 3),
        )
        log.info("worker ready", extra=ready)
        await stop.wait()
        loop.remove_reader(alive)
        drained = await self._drain(listener)
        sweeper.cancel()
        if drained:
            jobs.close()
        return OK if drained else FAILED

    def _listen(self) -> Listener:
        return Listener(self.listener, lambda: Connection(self.front), asyncio.get_running_loop())

    def _load(self) -> Engine:
        engine = Engine(artifact.load(self.settings.model_dir, self.settings.manifest_sha256), self.settings.device)
        engine.warm_up()
        return engine

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(1)
            self.front.sweep()

    async def _drain(self, listener: Listener) -> bool:
        """Stop taking connections, answer what is due, and return whether that was done in time."""
        log.info("draining", extra=fields(connections=len(self.front.connections)))
        deadline_s = time.monotonic() + self.settings.drain_s
        self.api.drain()
        self.front.drain()
        await asyncio.sleep(LAME_DUCK_S)
        listener.close()
        while self.front.connections and time.monotonic() < deadline_s:
            await asyncio.sleep(0.02)
        left = len(self.front.connections)
        log.log(logging.WARNING if left else logging.INFO, "drained", extra=fields(connections_cut=left))
        return not left


def main(settings: Settings, listener: socket.socket, alive: int, workers: int, *, accept_at_once: bool) -> None:
    """Be a worker, and end this process with its status."""
    status = FAILED
    try:
        status = run(settings, listener, alive, workers, accept_at_once=accept_at_once)
    except BaseException:
        log.exception("worker failed")
    finally:
        logging.shutdown()
        os._exit(status)  # a forked copy of the supervisor must not run the supervisor's clean-up
