import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]


def test_imports_nothing_that_serving_does_not_need() -> None:
    """A start waits for each import: a container that is scaled out, and a cold serverless endpoint."""
    program = "import sys, serving.server; print(sorted({'email', 'tarfile', 'gzip', 'concurrent.futures.process'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
