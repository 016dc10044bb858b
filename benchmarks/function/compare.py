"""A function beside the frameworks that functions are usually written with, and its client beside AWS's: cold and warm, to an endpoint.

One process for each contender in each round, in another order each time. Cold is the processor time of importing and of the first request,
beyond what Python took to start; warm is that of a request afterwards. The endpoint answers a constant at once, in a process of its own, by
HTTP without TLS, unless --tls is given. What a contender imports is compiled, and it finds nothing else.

.venv/bin/python -m benchmarks.function.compare [--rounds 15] [--requests 300] [--tls] [--only NAME …] [--before BUNDLE] [--record FILE]
"""

import argparse
import http.server
import json
import multiprocessing
import random
import ssl
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.harness import ROOT, describe_machine, find_free_port, make_scratch, summarize, write_record
from deployment.bundle import find_bundle
from deployment.bundle.build import build_bundle
from deployment.stages import settings_for
from tests.events import ID_KEY, event

PEERS = ROOT / "benchmarks/peers/functions"
PACKAGES = ROOT / ".venvs/peer-functions/lib" / f"python{sys.version_info.major}.{sys.version_info.minor}" / "site-packages"
ANSWER = {
    "predictions": [{"label": 7, "probability": 0.91, "probabilities": [0.01] * 7 + [0.91] + [0.01] * 2}],
    "model": {"name": "cnn", "version": "1.0.0+00000000"},
}
PROGRAM = """
import time; began = time.process_time()
import json, os, sys
{load}
assert ask()
cold = time.process_time() - began
sys.stdout = open(os.devnull, "w")
for _ in range(20): ask()
began = time.process_time()
for _ in range({requests}): ask()
print(cold * 1e3, (time.process_time() - began) / {requests} * 1e6, file=sys.stderr)
"""
HANDLER = """
from {module} import handler
event = json.load(open(os.environ["EVENT"]))
class Context:
    aws_request_id = function_name = invoked_function_arn = "any"
    memory_limit_in_mb = "1024"
    def get_remaining_time_in_millis(self): return 29_000
def ask():
    response = handler(event, Context())
    return response["statusCode"] == 200 and json.loads(response["body"])["predictions"][0]["label"] == 7
"""
FLOOR = """
import base64, io
from PIL.PngImagePlugin import PngImageFile
from functions.shared.endpoint.runtime import open_runtime
event, runtime = json.load(open(os.environ["EVENT"])), open_runtime(os.environ)
def ask():
    pixels = PngImageFile(io.BytesIO(base64.b64decode(event["body"]))).tobytes()
    invoke = dict(content_type="application/x-npy", accept="application/json", variant=None, wait_s=26)
    answer = json.loads(runtime.invoke("e", bytes(128) + pixels, **invoke).body)
    return json.loads(json.dumps(answer))["predictions"][0]["label"] == 7
"""  # the least that such a function can do: it decodes, calls and answers, and checks, reads, signs and logs nothing
CLIENT = """
from botocore.config import Config
config = Config(connect_timeout=1, read_timeout=26, retries={"total_max_attempts": 1})
client = getattr(session, "create_client", None) or session.client
client = client("sagemaker-runtime", config=config)
def ask():
    answer = client.invoke_endpoint(EndpointName="e", Body=bytes(912), ContentType="application/x-npy", Accept="application/json")
    return answer["Body"].read()
"""
CLIENTS = {
    "ours": """
from functions.shared.endpoint.runtime import open_runtime
runtime = open_runtime(os.environ)
def ask(): return runtime.invoke("e", bytes(912), content_type="application/x-npy", accept="application/json", variant=None, wait_s=26).body
""",
    "botocore's signer and session": """
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.httpsession import URLLib3Session
session, keys = URLLib3Session(timeout=(1, 26), verify=os.environ.get("AWS_CA_BUNDLE", True)), Credentials("x", "x", "x")
def ask():
    headers = {"content-type": "application/x-npy", "accept": "application/json"}
    request = AWSRequest("POST", os.environ["AWS_ENDPOINT_URL"] + "/endpoints/e/invocations", data=bytes(912), headers=headers)
    SigV4Auth(keys, "sagemaker", "us-east-1").add_auth(request)
    return session.send(request.prepare()).content
""",
    "botocore": f"import botocore.session\nsession = botocore.session.get_session()\n{CLIENT}",
    "boto3": f"import boto3 as session\n{CLIENT}",
}
FRAMEWORKS = {
    "bare boto3": "bare_boto3",
    "Powertools": "powertools",
    "Chalice": "chalice_app",
    "FastAPI + Mangum": "mangum_fastapi",
    "Flask + serverless-wsgi": "wsgi_flask",
}


@dataclass(frozen=True)
class Contender:
    """What is measured.

    Args:    load: Python that defines `ask`.
             path: where it may import from, beside the standard library.
    """

    load: str
    path: tuple[Path, ...]

    def measure(self, environment: Mapping[str, str], requests: int) -> tuple[float, float]:
        """Return the cold time in ms and the warm one in µs."""
        variables = {**environment, "PYTHONPATH": ":".join(map(str, self.path)), "PYTHONDONTWRITEBYTECODE": "1"}
        command = [sys.executable, "-S", "-c", PROGRAM.format(load=self.load, requests=requests)]
        done = subprocess.run(command, env=variables, cwd="/", capture_output=True, text=True, check=False)
        if done.returncode:
            sys.exit(done.stderr)
        cold_ms, warm_us = done.stderr.splitlines()[-1].split()
        return float(cold_ms), float(warm_us)


class Endpoint(http.server.BaseHTTPRequestHandler):
    """Answers a constant."""

    protocol_version, wbufsize = "HTTP/1.1", -1
    body = json.dumps(ANSWER).encode()

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        self.send_response(200)
        for name, value in {"content-type": "application/json", "x-amzn-invoked-production-variant": "main"}.items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(self.body)))
        self.end_headers()
        self.wfile.write(self.body)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


def serve(port: int, certificate: str) -> None:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Endpoint)
    if certificate:
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(certificate)
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    server.serve_forever()


def write_certificate(folder: Path) -> tuple[Path, Path]:
    """Return a certificate of localhost with its key, and what trusts it: as many authorities as the system has, and this one."""
    path = folder / "localhost.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    command += ["-addext", "subjectAltName=DNS:localhost", "-keyout", str(path), "-out", f"{path}.crt"]
    subprocess.run(command, check=True, capture_output=True)
    own, system = Path(f"{path}.crt").read_text(), Path(ssl.get_default_verify_paths().cafile or "/etc/ssl/certs/ca-certificates.crt")
    path.write_text(path.read_text() + own)
    (trust := folder / "trust.pem").write_text(system.read_text() + own)
    return path, trust


def list_contenders() -> dict[str, Contender]:
    bundle = build_bundle(find_bundle(settings_for("local"), "predict"))
    ours = {"Inferstack": Contender(HANDLER.format(module="functions.predict.function"), (bundle,))}
    frameworks = {name: Contender(HANDLER.format(module=module), (PEERS, PACKAGES)) for name, module in FRAMEWORKS.items()}
    clients = {f"client: {name}": Contender(load, (bundle if name == "ours" else PACKAGES,)) for name, load in CLIENTS.items()}
    return {**ours, "floor: decode and call": Contender(FLOOR, (bundle,)), **frameworks, **clients}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--requests", type=int, default=300)
    parser.add_argument("--tls", action="store_true")
    parser.add_argument("--only", nargs="+", help="contenders, by the beginning of their names")
    parser.add_argument("--before", type=Path, help="a predict function's bundle of another commit, a contender too")
    parser.add_argument("--record", type=Path)
    options = parser.parse_args()
    if not PACKAGES.is_dir() and not options.only:
        parser.error("the frameworks to compare with are not installed: run `make setup-bench`, or choose contenders with --only")
    contenders = {name: each for name, each in list_contenders().items() if not options.only or name.startswith(tuple(options.only))}
    if options.before:
        contenders["before"] = Contender(HANDLER.format(module="functions.predict.function"), (options.before.resolve(),))
    subprocess.run([sys.executable, "-m", "compileall", "-q", str(PEERS)], check=True)
    measured: dict[str, dict[str, list[float]]] = {name: {"cold_ms": [], "warm_us": []} for name in contenders}
    with make_scratch() as folder:
        port, certificate, trust = find_free_port(), "", ""
        if options.tls:
            certificate, trust = map(str, write_certificate(folder))
        request = event("POST", "/predictions", (ROOT / "recipes/digits/golden/7.png").read_bytes(), "image/png")
        request["requestContext"]["http"] |= {"sourceIp": "192.0.2.1", "userAgent": "any"}
        (folder / "event.json").write_text(json.dumps(request))
        environment = {
            **{"EVENT": str(folder / "event.json"), "AWS_ENDPOINT_URL": f"http{'s' * options.tls}://localhost:{port}"},
            **{"ENDPOINT_NAME": "e", "ENDPOINT_NAMES": "e", "ENDPOINT_KIND": "serverless", "RECIPES": "digits", "ID_KEY": ID_KEY},
            **{"AWS_DEFAULT_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x", "AWS_SESSION_TOKEN": "x"},
            **({"AWS_CA_BUNDLE": trust} if trust else {}),
        }
        server = multiprocessing.Process(target=serve, args=(port, certificate), daemon=True)
        server.start()
        for number in range(options.rounds + 1):
            for name in random.sample(list(contenders), len(contenders)):
                cold_ms, warm_us = contenders[name].measure(environment, options.requests)
                if number:  # the first one reads the files from the disk
                    measured[name]["cold_ms"].append(cold_ms)
                    measured[name]["warm_us"].append(warm_us)
        server.terminate()
    record = {"machine": describe_machine(), "rounds": options.rounds, "requests": options.requests}
    record["contenders"] = {name: {kind: summarize(each) for kind, each in figures.items()} for name, figures in measured.items()}
    print("| contender | cold, ms | times | warm, µs | times |\n|---|---|---|---|---|")
    for name, figures in record["contenders"].items():
        base = record["contenders"].get("client: ours" if name.startswith("client") else "Inferstack", figures)
        cells = [name]
        for kind, digits in (("cold_ms", 0), ("warm_us", 0)):
            median = figures[kind]["median"]
            cells.append(f"{median:.{digits}f} ({figures[kind]['min']:.{digits}f}-{figures[kind]['max']:.{digits}f})")
            cells.append(f"{median / base[kind]['median']:.1f}")
        print("| " + " | ".join(cells) + " |")
    if options.record:
        write_record(options.record, record)


if __name__ == "__main__":
    main()
