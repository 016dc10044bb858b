"""docs/http-api.md's commands, run on a running stack as they are printed."""

import csv
import json
import os
import re
import subprocess
from pathlib import Path

from local.run_state import RunState

ROOT = Path(__file__).resolve().parents[2]
BLOCKS = re.findall(r"(?:<!-- ci: ([^>]+?) -->\n)?```bash\n(.*?)```", (ROOT / "docs/http-api.md").read_text(), re.DOTALL)


def test_every_command_of_the_page_gets_predictions(stack: RunState, stack_dir: Path) -> None:
    assert {marked for marked, _ in BLOCKS} == {"this page, on a running stack"}
    script = "\n".join(block.replace('curl -s "$API', 'curl -sSf -w "\\n" "$API') for _, block in BLOCKS)
    environment = {**os.environ, "INFERSTACK_STATE_DIR": str(stack_dir)}
    command = ["bash", "-euo", "pipefail", "-c", script]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    lines = [line for line in done.stdout.splitlines() if line]
    at = next(at for at, line in enumerate(lines) if line.startswith("row,"))
    table = list(csv.DictReader(lines[at : at + 3]))
    assert [(each["row"], each["name"], each["error"]) for each in table] == [("1", "seven.png", ""), ("2", "photo.jpg", "")]
    *answers, page, form, told, job, label, labels, tensor, status = map(json.loads, [*lines[:at], *lines[at + 3 :]])
    assert [len(page["predictions"]), page["pictures"][0]["width"]] == [15, 1600]
    assert [each["name"] for each in form["predictions"]] == ["seven.png", "photo.jpg"]
    assert tensor["outputs"][0]["data"] == [7]
    assert (job["state"], job["summary"]["rows"]) == ("succeeded", 15)
    assert (label, len(labels)) == (7, 15)
    assert status["endpoint"]["state"] == "InService"
    assert (told["right"], told["wrong"]) == (1, 0)
    assert [len(answer["predictions"]) for answer in answers] == [1, 1, 1, 1, 1, 2]
    assert [answer["predictions"][0]["label"] for answer in answers[::2][:2]] == [7, 7]


def test_the_command_prints_one_table_of_csv(stack: RunState, stack_dir: Path) -> None:
    files = ["docs/seven.png", "docs/digits-photo.jpg", "LICENSE"]
    environment = {**os.environ, "INFERSTACK_STATE_DIR": str(stack_dir)}
    command = [str(ROOT / ".venv/bin/inferstack"), "predict", *files, "--csv"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120, check=False)
    seven, photo, license_ = csv.DictReader(done.stdout.splitlines())
    assert (done.returncode, seven["file"], seven["label"], seven["error"]) == (1, "docs/seven.png", "7", "")
    assert (photo["digits_found"] != "", photo["error"].split(":")[0]) == (True, "Several digits")
    assert license_["error"] != ""
