"""The zip that every job runs, run as SageMaker runs it: with nothing of this checkout on the path."""

import subprocess
import sys
from pathlib import Path

from deployment import jobs_zip


def run(folder: Path, *words: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": "/usr/bin:/bin", "TMPDIR": str(folder), "MPLCONFIGDIR": str(folder), "PYTHONSAFEPATH": "1", **environment}
    return subprocess.run([sys.executable, *words], cwd=folder, env=environment, capture_output=True, text=True, timeout=120, check=False)


def test_runs_wherever_it_is_put_down(tmp_path: Path) -> None:
    code = tmp_path / "code.zip"
    code.write_bytes(jobs_zip.build().read_bytes())
    job = run(tmp_path, code, "deploy", SAGEMAKER_BASE_DIR=str(tmp_path / "ml"))
    assert (job.returncode, job.stderr) == (2, "got deploy; expected one of prepare, train, evaluate first\n")


def test_has_the_templates_of_the_pages_that_a_job_writes(tmp_path: Path) -> None:
    render = "from pathlib import Path; from training.reports import page; page.write_page(Path('out.html'), 'page'); print(page.__file__)"
    code = jobs_zip.build()
    job = run(tmp_path, "-c", render, PYTHONPATH=str(code))
    assert (job.stderr, job.stdout.strip()) == ("", str(code / "training/reports/page.py"))
    assert "<!doctype html>" in (tmp_path / "out.html").read_text()
