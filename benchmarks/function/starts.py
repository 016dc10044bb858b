"""Cold starts of the functions beside predict that a page needs.

python -m benchmarks.function.starts [--rounds N] [--before NAME=BUNDLE ...].

Processor time of importing a function and of its first request, beyond Python's own start, in a fresh interpreter each; AWS is a process
beside it that answers at once. `--before` names another bundle of a function, as .build/lambda/jobs-…, measured in the same rounds.
"""

import argparse
import http.server
import json
import multiprocessing
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import botocore

from benchmarks.harness import describe_machine, find_free_port, make_scratch, summarize, write_record
from deployment.bundle import find_bundle
from deployment.bundle.build import build_bundle
from deployment.stages import settings_for
from tests.events import ID_KEY, event

PACKAGES = Path(botocore.__file__).parents[1]
PROGRAM = """
import time; began = time.process_time()
import json, os, sys
from functions.{function}.function import handler
event = json.load(open(os.environ["EVENT"]))
class Context:
    aws_request_id = function_name = invoked_function_arn = "any"
    memory_limit_in_mb = "1024"
    def get_remaining_time_in_millis(self): return 29_000
sys.stdout = open(os.devnull, "w")
answer = handler(event, Context())
cold = time.process_time() - began
assert answer in ({{"batchItemFailures": []}},) or answer["statusCode"] == 201, answer
print(cold * 1e3, len(sys.modules), file=sys.stderr)
"""
ENVIRONMENT = {
    **{"ENDPOINT_NAMES": "e", "ENDPOINT_KIND": "serverless", "RECIPES": "digits", "ID_KEY": ID_KEY},
    **{"UPLOADS_BUCKET": "uploads", "RESULTS_BUCKET": "results", "MAX_UPLOAD_BYTES": "1000000", "UPLOAD_DAYS": "7"},
    **{"UPLOAD_QUEUE_URL": "https://sqs.us-east-1.amazonaws.com/1/q", "UPLOAD_ATTEMPTS": "5", "IN_FLIGHT": "2"},
    **{"TRANSFORM_OVER_BYTES": "1000000", "TRANSFORM_INSTANCE_TYPE": "ml.m5.large", "TRANSFORM_PREFIX": "any"},
    **{"AWS_DEFAULT_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x", "AWS_SESSION_TOKEN": "x"},
}


class Aws(http.server.BaseHTTPRequestHandler):
    """Answers whatever is asked: an object is written, a message is hidden."""

    protocol_version, wbufsize = "HTTP/1.1", -1

    def do_PUT(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        self._answer(b"", {"etag": '"e"'})

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        self._answer(b"{}", {"content-type": "application/x-amz-json-1.0"})

    def _answer(self, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(200)
        for name, value in {**headers, "content-length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def handle_expect_100(self) -> bool:
        self.send_response_only(100)
        self.end_headers()
        self.wfile.flush()
        return True

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


def serve(port: int) -> None:
    http.server.ThreadingHTTPServer(("127.0.0.1", port), Aws).serve_forever()


def measure(function: str, bundle: Path, environment: dict[str, str]) -> tuple[float, int]:
    """Return the cold time in ms, and how many modules it takes."""
    variables = {**environment, "PYTHONPATH": f"{bundle}:{PACKAGES}", "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-S", "-c", PROGRAM.format(function=function)]
    done = subprocess.run(command, env=variables, cwd="/", capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(done.stderr)
    cold_ms, modules = done.stderr.splitlines()[-1].split()
    return float(cold_ms), int(modules)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--before", action="append", default=[])
    parser.add_argument("--record", type=Path)
    options = parser.parse_args()
    settings = settings_for("local")
    bundles = {(name, "now"): build_bundle(find_bundle(settings, name)) for name in ("jobs", "process_upload")}
    bundles |= {(each.partition("=")[0], "before"): Path(each.partition("=")[2]).resolve() for each in options.before}
    for bundle in bundles.values():
        subprocess.run([sys.executable, "-m", "compileall", "-q", str(bundle)], check=True)
    figures: dict[tuple[str, str], list[tuple[float, int]]] = {each: [] for each in bundles}
    with make_scratch() as folder:
        port = find_free_port()
        events = {
            "jobs": event("POST", "/jobs", b'{"name": "a.png"}', "application/json"),
            "process_upload": {
                "Records": [{"messageId": "m", "receiptHandle": "r", "body": '{"Event": "s3:TestEvent"}', "attributes": {}}],
            },
        }
        server = multiprocessing.Process(target=serve, args=(port,), daemon=True)
        server.start()
        for number in range(options.rounds + 1):
            for function, state in random.sample(list(bundles), len(bundles)):
                (folder / "event.json").write_text(json.dumps(events[function]))
                aws = {"AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}", "EVENTS_URL": f"http://127.0.0.1:{port}/event"}
                found = measure(function, bundles[function, state], {**ENVIRONMENT, **aws, "EVENT": str(folder / "event.json")})
                if number:  # the first one reads the files from the disk
                    figures[function, state].append(found)
        server.terminate()
    print("| function | | cold, ms | modules |\n|---|---|---|---|")
    rows = {}
    for (function, state), found in sorted(figures.items()):
        cold = summarize([ms for ms, _ in found])
        rows[f"{function} {state}"] = {"cold_ms": cold, "modules": found[0][1]}
        print(f"| {function} | {state} | {cold['median']:.0f} ({cold['min']:.0f}-{cold['max']:.0f}) | {found[0][1]} |")
    if options.record:
        write_record(options.record, {"machine": describe_machine(), "rounds": options.rounds, "starts": rows})


if __name__ == "__main__":
    main()
