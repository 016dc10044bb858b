"""Programs that run beside each other are ended with who waits for them: Ctrl-C while a stack starts waited for the whole synthesis."""

import time
from concurrent.futures import Future
from pathlib import Path
from threading import Event, Timer

import pytest

from local import beside, bundles, cdk
from local.beside import run_beside
from local.bundles import BundlesFailed, build_bundles
from local.cdk import CdkFailed


def test_ends_what_runs_and_what_begins_then(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program, is_interrupted, runs = tmp_path / "sleep", Event(), list[Future[object]]()
    program.write_text("#!/bin/sh\nsleep 20\n")  # it would end well, and so does all that it starts
    program.chmod(0o700)
    monkeypatch.setattr(cdk, "CDK", program)
    monkeypatch.setattr(bundles, "PYTHON", program)

    def synthesize() -> None:
        is_interrupted.wait()
        cdk.synth(tmp_path / "cdk.out", {})

    def start() -> None:
        with run_beside() as pool:
            runs.extend((pool.submit(build_bundles, "dev", {}), pool.submit(synthesize)))
            while not beside._running:
                time.sleep(0.01)
            Timer(0.2, is_interrupted.set).start()
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        start()
    assert [type(run.exception()) for run in runs] == [BundlesFailed, CdkFailed]
