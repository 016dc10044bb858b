"""`make up`, as a person runs it: it prints what to open and what to type, and Ctrl-C leaves nothing behind."""

import json
import re
import shlex
import subprocess
from pathlib import Path
from urllib.request import urlopen

import pytest

from emulator.ports import Ports
from local.process import is_listening
from tests.local.foreground import ROOT, run_in_foreground


def test_prints_urls_and_a_curl_that_works_and_leaves_nothing_after_ctrl_c(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    subprocess.run(["make", "setup"], cwd=ROOT, capture_output=True, timeout=240, check=True)  # uv and npm leave files of their own
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    with run_in_foreground(tmp_path, "make", "up") as up:
        curl = up.wait_for(r"(?m)^\s*(curl .+)$").group(1)
        page = up.wait_for(r"(?m)page\s+(http://\S+)").group(1)
        with urlopen(page, timeout=10) as response:
            assert "<title>" in response.read().decode()

        done = subprocess.run(shlex.split(curl), cwd=ROOT, capture_output=True, text=True, timeout=60, check=True)
        assert json.loads(done.stdout)["predictions"][0]["label"] in range(10)

        up.interrupt()
        assert not [port for port in Ports.starting_at(up.port) if is_listening(port)]
        left = subprocess.run(["pgrep", "-fa", re.escape(str(up.state_dir))], capture_output=True, text=True, check=False).stdout
        assert left == ""
        assert not list(temporary.iterdir())
        assert not (up.state_dir / "tmp").exists()
