"""The emulator's process, on four loopback ports.

Run as `.venvs/local/bin/python -m emulator PORT STATE_DIR`, PORT the first of the four. `inferstack up` passes on four sockets that
listen there already, as the numbers of their file descriptors after that, and holds the other end of stdin: when it is closed the
emulator stops (emulator/caller.py). What INFERSTACK_KEPT names is the file that outlives the run.
"""

import asyncio
import logging
import os
import signal
import sys
from importlib.metadata import version
from pathlib import Path

from hypercorn.asyncio import serve
from hypercorn.config import Config
from hypercorn.protocol.h11 import H11Protocol

from deployment.this_machine import HOST
from emulator.caller import watch_caller
from emulator.front.http_1 import ignore_offer
from emulator.front.loopback import refuse_other_listeners
from emulator.front.ports import Ports
from emulator.kept import KEPT_FILE, KeptState, read_kept, write_kept
from emulator.ministack.process import PINNED_VERSION, require_pinned_version, set_environment

KEEP_ALIVE_S = 75


def main() -> None:
    """Serve until SIGTERM or SIGINT."""
    ports, state_dir = Ports.starting_at(int(sys.argv[1])), Path(sys.argv[2])
    binds = [f"fd://{descriptor}" for descriptor in sys.argv[3:]] or [f"{HOST}:{port}" for port in ports]
    refuse_other_listeners()
    require_pinned_version(version("ministack"))
    set_environment(ports)
    H11Protocol._check_protocol = ignore_offer
    asyncio.run(_serve(ports, state_dir, binds, is_watched=bool(sys.argv[3:])))


async def _serve(ports: Ports, state_dir: Path, binds: list[str], *, is_watched: bool) -> None:
    from emulator.application import build_application  # noqa: PLC0415 - ministack reads its environment when it is imported

    kept_file = Path(os.environ[KEPT_FILE]) if KEPT_FILE in os.environ else None
    kept = read_kept(kept_file, PINNED_VERSION) if kept_file else KeptState()
    application, sagemaker, collect_state = build_application(ports, state_dir, kept)
    config = Config()
    config.bind = binds
    config.keep_alive_timeout = KEEP_ALIVE_S
    config.loglevel = "WARNING"
    loop, stopping = asyncio.get_running_loop(), asyncio.Event()
    for signal_ in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(signal_, stopping.set)
    if is_watched:
        watch_caller(loop, sys.stdin.fileno(), stopping.set)
    try:
        await serve(application, config, shutdown_trigger=stopping.wait)
        if kept_file:
            write_kept(kept_file, collect_state(), PINNED_VERSION)
    finally:
        await asyncio.to_thread(sagemaker.close)
        logging.shutdown()


if __name__ == "__main__":
    main()
