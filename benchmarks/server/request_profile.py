"""Where a request's processor time goes inside our server: its own classes without a socket, so that nothing else is in the picture.

.venvs/serving/bin/python -m benchmarks.server.request_profile --model recipes/digits/pretrained [--functions]
"""

import argparse
import cProfile
import pstats
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from recipes.models import artifact
from serving.api import Api, encode_error
from serving.bodies import npy
from serving.http import front
from serving.http.connection import Connection
from serving.inference import scheduler
from serving.inference.engine import Engine


class Loop:
    """An event loop's next step, done by hand."""

    def __init__(self) -> None:
        self.due: list[tuple[Callable[..., object], tuple[Any, ...]]] = []

    def call_soon(self, callback: Callable[..., object], *args: Any) -> None:
        self.due.append((callback, args))

    call_soon_threadsafe = call_soon

    def step(self) -> None:
        due, self.due = self.due, []
        for callback, args in due:
            callback(*args)


class Transport:
    """Counts what is written."""

    written = 0

    def write(self, data: bytes) -> None:
        self.written += data.startswith(b"HTTP/1.1 200")

    def get_write_buffer_size(self) -> int:
        return 0

    def is_closing(self) -> bool:
        return False


class Bench:
    """Connections of one worker that each send a request a tick.

    Args:    predict: instead of the model's, to leave the model out.
    """

    def __init__(self, engine: Engine, connections: int, predict: Callable[[Any], Any] | None = None) -> None:
        self.loop, manifest = Loop(), engine.manifest
        api = Api(workers=1, max_body_bytes=6 << 20)
        shared = front.Front(api.handle, encode_error, front.Limits())
        limits = scheduler.Limits.of(
            instance_bytes=manifest.instance_bytes, batch=engine.batch, waiting_instances=4096, waiting_bytes=128 << 20
        )
        api.open(manifest, scheduler.Scheduler(predict or engine.predict, self.loop, limits))
        self.transport = Transport()
        self.connections = [Connection(shared) for _ in range(connections)]
        for connection in self.connections:
            connection.connection_made(self.transport)  # type: ignore[arg-type]
        body = npy.write(np.ones((1, *manifest.input_shape), manifest.input_dtype))
        head = "POST /invocations HTTP/1.1\r\nHost: 127.0.0.1:8080\r\nContent-Type: application/x-npy\r\nContent-Length: %d\r\n\r\n"
        self.request = (head % len(body)).encode() + body

    def tick(self) -> None:
        for connection in self.connections:
            connection.data_received(self.request)
        while self.loop.due:
            self.loop.step()


def measure(work: Callable[[], object], count: int) -> float:
    """Return the least microseconds of processor time that one of `count` takes, of several tries."""
    tries = []
    for _ in range(5):
        began_s, done = time.process_time(), 0
        while time.process_time() - began_s < 0.1:
            work()
            done += count
        tries.append((time.process_time() - began_s) / done * 1e6)
    return min(tries)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", type=Path, default=Path("recipes/digits/pretrained"))
    parser.add_argument("--functions", action="store_true", help="print cProfile's functions, which it makes slower than they are")
    options = parser.parse_args()
    engine = Engine(artifact.load(options.model), "cpu")
    engine.warm_up()
    for connections in (1, 32):
        instances = np.ones((connections, *engine.manifest.input_shape), engine.manifest.input_dtype)
        known = engine.predict(instances)
        whole, rest = Bench(engine, connections), Bench(engine, connections, lambda _, known=known: known)
        figures = {"request": whole.tick, "without the model": rest.tick, "model": lambda instances=instances: engine.predict(instances)}
        print(connections, "connections:", {name: f"{measure(work, connections):.1f} µs" for name, work in figures.items()})
        assert rest.transport.written
        if options.functions:
            profile = cProfile.Profile()
            with profile:
                for _ in range(20000 // connections):
                    rest.tick()
            pstats.Stats(profile).sort_stats("tottime").print_stats(22)


if __name__ == "__main__":
    main()
