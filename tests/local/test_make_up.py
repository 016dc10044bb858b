"""`make up`, as a person runs it: it prints what to open and what to type; Ctrl-C leaves nothing but what the next one begins with."""

import json
import re
import shlex
import subprocess
import time
from http import HTTPStatus
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

from emulator.front.ports import Ports
from local.process import is_listening
from tests.local.foreground import ROOT, run_in_foreground


@pytest.mark.timeout(300)
def test_prints_what_works_leaves_nothing_after_ctrl_c_and_keeps_the_jobs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    subprocess.run(["make", "setup"], cwd=ROOT, capture_output=True, timeout=240, check=True)  # uv and npm leave files of their own
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    with run_in_foreground(tmp_path, "make", "up") as up:
        curl = up.wait_for(r"(?m)^\s*(curl .+)$").group(1)
        page = up.wait_for(r"(?m)page\s+(http://\S+)").group(1)
        with urlopen(page, timeout=60) as response:
            assert "<title>" in response.read().decode()

        done = subprocess.run(shlex.split(curl), cwd=ROOT, capture_output=True, text=True, timeout=60, check=True)
        answer = json.loads(done.stdout)
        assert answer["predictions"][0]["label"] in range(10)

        api = up.wait_for(r"(?m)^API\s+(http://\S+)").group(1)
        command = [ROOT / ".venv/bin/inferstack", "upload", "docs/seven.png", "--url", api, "--json"]
        uploaded = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=True).stdout
        up.interrupt()
        up.wait_for_end(r"kept for the next `up`: 1 job")
        assert not [port for port in Ports.starting_at(up.port) if is_listening(port)]
        left = subprocess.run(["pgrep", "-fa", re.escape(str(up.state_dir))], capture_output=True, text=True, check=False).stdout
        assert left == ""
        assert not list(temporary.iterdir())
        assert not (up.state_dir / "tmp").exists()

    with run_in_foreground(tmp_path, "make", "up") as again:
        api = again.wait_for(r"(?m)^API\s+(http://\S+)").group(1)
        id_ = json.loads(uploaded)[0]["job"]["id"]
        deadline = time.monotonic() + 60  # its message was lost, unless it was finished before
        while (state := read_job(api, id_)["state"]) != "succeeded":
            assert time.monotonic() < deadline, state
            time.sleep(0.2)
        given = json.dumps({"labels": [7]}).encode()  # the run before signed the id
        asked = Request(f"{api}/predictions/{answer['id']}/feedback", given, {"content-type": "application/json"})
        with urlopen(asked, timeout=60) as response:
            assert response.status == HTTPStatus.OK


def read_job(api: str, id_: str) -> dict[str, str]:
    with urlopen(f"{api}/jobs/{id_}", timeout=60) as response:
        job: dict[str, str] = json.load(response)
    return job
