"""A local stack of this checkout or of another one, and uploads to it: what `benchmarks.uploads.compare` measures."""

import http.client
import io
import json
import os
import subprocess
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

import urllib3
from PIL import Image

from local.run_state import RunState
from recipes import npy
from tests.local.test_events import Socket

UP = "import json, sys; from dataclasses import asdict; from local.stack import up; {call}"
START = "print(json.dumps(asdict(up(port=int(sys.argv[1]), context=json.loads(sys.argv[2])))))"


@contextmanager
def run_stack(checkout: Path, folder: Path, port: int, context: dict[str, str]) -> Iterator[RunState]:
    """Give the stack of a checkout that has its environments; it is stopped afterwards."""
    environment = {**os.environ, "INFERSTACK_STATE_DIR": str(folder), "PYTHONPATH": f"{checkout}:{checkout}/lambda"}
    python = [str(checkout / ".venv/bin/python"), "-c"]
    command = [*python, UP.format(call=START), str(port), json.dumps(context)]
    done = subprocess.run(command, cwd=checkout, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    try:
        yield RunState(**json.loads(done.stdout.splitlines()[-1]))
    finally:
        subprocess.run([*python, "from local.stack import down; down()"], cwd=checkout, env=environment, check=False)


def find_server_url(state: RunState) -> str:
    """Return where the endpoint's model server listens: the one process of ours with its port in its environment."""
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            environment = dict(line.split("=", 1) for line in (folder / "environ").read_text().split("\0") if "=" in line)
            command = (folder / "cmdline").read_text()
            group = os.getpgid(int(folder.name))
        except (OSError, ValueError):
            continue
        if "serving" in command and "SAGEMAKER_BIND_TO_PORT" in environment and group == state.pid:
            return f"http://127.0.0.1:{environment['SAGEMAKER_BIND_TO_PORT']}"
    raise RuntimeError("no model server is running")


def build_uploads(rows: list[bytes]) -> dict[str, bytes]:
    """Return a file of each format that holds these digits, each of 784 bytes."""
    return {
        "npy": npy.write(b"".join(rows), (len(rows), 28, 28)),
        "csv": b"\n".join(b",".join(b"%d" % value for value in row) for row in rows),
        "jsonl": b"\n".join(json.dumps(list(row), separators=(",", ":")).encode() for row in rows),
        "zip": build_zip(rows),
    }


def build_zip(rows: list[bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for number, row in enumerate(rows):
            picture = io.BytesIO()
            Image.frombytes("L", (28, 28), row).save(picture, "PNG")
            archive.writestr(f"{number:05}.png", picture.getvalue())
    return out.getvalue()


def create_job(state: RunState, name: str) -> dict[str, Any]:
    request = Request(f"{state.api_url}/jobs", data=json.dumps({"name": name}).encode(), headers={"content-type": "application/json"})
    with urlopen(request) as answer:
        found: dict[str, Any] = json.load(answer)
    return found


def send_form(job: dict[str, Any], content: bytes) -> float:
    """Upload a job's file, and return when its last byte was sent, on the clock of time.perf_counter."""
    body, content_type = urllib3.encode_multipart_formdata({**job["upload"]["fields"], "file": ("x", content)})
    url = urlsplit(job["upload"]["url"])
    assert url.hostname
    connection = http.client.HTTPConnection(url.hostname, url.port)
    connection.putrequest("POST", url.path or "/")
    for header, value in {"content-type": content_type, "content-length": str(len(body))}.items():
        connection.putheader(header, value)
    connection.endheaders()
    connection.send(body)
    sent_at = time.perf_counter()
    response = connection.getresponse()
    assert response.status == 204, response.read()
    connection.close()
    return sent_at


def upload(state: RunState, name: str, content: bytes, *, every_s: float = 0.5) -> dict[str, Any]:
    """Return the finished job of an upload; whoever asks more often takes the processor's time from it."""
    job = create_job(state, name)
    send_form(job, content)
    deadline = time.monotonic() + 280
    while time.monotonic() < deadline:
        with urlopen(f"{state.api_url}/jobs/{job['id']}") as answer:
            found: dict[str, Any] = json.load(answer)
        if found["state"] in {"succeeded", "failed"}:
            return found
        time.sleep(every_s)
    raise TimeoutError(name)


def time_push(state: RunState, name: str, content: bytes) -> tuple[float, dict[str, Any]]:
    """Return the seconds from an upload's last byte until a page that has subscribed is told of its end, and what it is told."""
    with urlopen(f"{state.page_url}/config.json") as answer:
        config = json.load(answer)["events"]
    auth = {"host": "h", "x-api-key": config["auth"]["apiKey"]}
    job = create_job(state, name)
    port = urlsplit(config["url"]).port
    assert port
    with Socket(port, auth, origin=state.page_url) as page:
        page.ask(type="connection_init")
        page.subscribe(job["channel"], auth)
        sent_at = send_form(job, content)
        while True:
            said = page.next()
            if said.get("type") == "data":
                event = said["event"]
                told = json.loads(event[0] if isinstance(event, list) else event)
                if told["state"] in {"succeeded", "failed"}:
                    return time.perf_counter() - sent_at, told
