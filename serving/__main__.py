"""`python -m serving [serve]`: the container's start command, and the local server's."""

import os
import sys

# Before numpy is imported: its BLAS would start a thread a core, and a process with threads cannot be forked safely.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")

from serving.server import main

if __name__ == "__main__":
    if sys.argv[1:] not in ([], ["serve"]):
        sys.exit(f"this server takes no argument but 'serve', not {' '.join(sys.argv[1:])!r}")
    sys.exit(main())
