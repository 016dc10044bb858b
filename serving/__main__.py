"""`python -m serving [serve]`: the container's start command, and the local server's."""

import os
import signal
import sys

# Before numpy is imported: its BLAS would start one thread per core, and a process with threads cannot be forked safely.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")

# Before ONNX Runtime is imported: it starts a thread, which inherits this. A thread that does not hold these back takes them from the
# supervisor: SIGCHLD is lost in it, and SIGTERM ends the process without a drain.
HELD_BACK = frozenset({signal.SIGTERM, signal.SIGINT, signal.SIGCHLD})
signal.pthread_sigmask(signal.SIG_BLOCK, HELD_BACK)

from serving.server import main  # noqa: E402 - after the mask, for the reason above

if __name__ == "__main__":
    if sys.argv[1:] not in ([], ["serve"]):
        sys.exit(f"this server takes no argument but 'serve', not {' '.join(sys.argv[1:])!r}")
    sys.exit(main())
