"""The upload function beside the bare model server, without the emulator between them: python -m benchmarks.uploads.function.

The function's own handler, with S3 as a file and in memory, sends signed requests to a server on this machine; the bare server gets
the same rows in the same chunks. `--beside CHECKOUT` measures another checkout in the same rounds, as before a change. Needs MNIST's files.
"""

import argparse
import io
import json
import os
import random
import statistics
import subprocess
import sys
import time
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any
from urllib.request import urlopen

IN_FLIGHT = 2  # requests at once
KEY = "inbox/rows"


def run_child(url: str, file: Path, recipe: str = "digits") -> None:
    """Process the file as an upload; print seconds, processor seconds, the peak of memory in MB, a digest of what was written, and rows.

    Args:    url: of the model server; "" for an endpoint that answers at once.
    """
    import hashlib  # noqa: PLC0415 - this is run with another checkout's path

    from functions.process_upload.events import Upload  # noqa: PLC0415 - as above
    from functions.process_upload.reading.rows import count_rows_per_request  # noqa: PLC0415 - as above
    from functions.shared.aws.address import Address  # noqa: PLC0415 - as above
    from functions.shared.aws.connections import Connections  # noqa: PLC0415 - as above
    from functions.shared.aws.credentials import Credentials  # noqa: PLC0415 - as above
    from functions.shared.aws.signature_v4 import sign_headers  # noqa: PLC0415 - as above
    from functions.shared.endpoint.interface import EndpointResponse  # noqa: PLC0415 - as above
    from tests.fakes import FakeContext  # noqa: PLC0415 - as above
    from tests.fuzz.memory_s3 import MemoryS3  # noqa: PLC0415 - as above
    from tests.fuzz.upload_target import UniformEndpoint, load_recipe  # noqa: PLC0415 - as above
    from tests.upload_handler import UPLOADS, build_handler  # noqa: PLC0415 - as above
    from tests.upload_messages import make_message  # noqa: PLC0415 - as above

    port, loaded = int(url.rpartition(":")[2] or 0), load_recipe(recipe)
    connections = Connections(Address(is_secure=False, host="127.0.0.1", port=port), 1)

    class Server:
        def invoke(self, body: bytes, *, content_type: str, accept: str, **_: Any) -> EndpointResponse:
            headers = {"host": "any", "content-type": content_type, "accept": accept}
            keys = Credentials("x", "x")
            signed = sign_headers("POST", "/invocations", headers, body, keys, region="any", service="sagemaker", now_s=time.time())
            answer = connections.send("POST", "/invocations", signed, body, wait_s=60, most_bytes=5_000_000)
            assert answer.status == 200, answer.body
            return EndpointResponse(answer.body, "main")

    digest = hashlib.sha256()

    class S3(MemoryS3):
        def get_object(self, Bucket: str, Key: str, Range: str = "", **_: Any) -> dict[str, Any]:  # noqa: N803 - botocore's names
            if Bucket != UPLOADS:
                return super().get_object(Bucket, Key, Range)
            first, last = map(int, Range.removeprefix("bytes=").split("-"))
            with file.open("rb") as opened:
                opened.seek(first)
                return {"Body": io.BytesIO(opened.read(last + 1 - first)), "Metadata": {}}

        def upload_part(self, **request: Any) -> dict[str, str]:  # type: ignore[override]  # names alone
            digest.update(request["Body"])
            return {"ETag": "any"}

    class Nobody:
        def notify_progress(self, *_: Any) -> None:
            """Say nothing."""

        def notify_finished(self, *_: Any) -> None:
            """Say nothing."""

        def change_message_visibility(self, **_: Any) -> None:
            """Hide nothing."""

    s3 = S3()
    chunk_rows, endpoint = count_rows_per_request(loaded), Server() if url else UniformEndpoint(loaded)
    options = {
        "endpoint": endpoint,
        "chunk_rows": chunk_rows,
        "in_flight": IN_FLIGHT,
        "sqs": Nobody(),
        "clock": time.monotonic,
        "recipe": loaded,
    }
    handler = build_handler(s3, Nobody(), transform_over_bytes=1 << 40, **options)
    upload = Upload(KEY, "", "", file.stat().st_size, "")
    began_s, began_cpu_s = time.perf_counter(), sum(os.times()[:4])
    with Path(os.devnull).open("w") as nowhere, redirect_stdout(nowhere):
        assert handler({"Records": [make_message(upload)]}, FakeContext(800_000)) == {"batchItemFailures": []}
    seconds, cpu_s = time.perf_counter() - began_s, sum(os.times()[:4]) - began_cpu_s
    (summary,) = [json.loads(content) for (_, key), content in s3.objects.items() if key.endswith("summary.json")]
    assert summary["state"] == "succeeded", summary
    timeless = {name: value for name, value in summary.items() if not name.endswith(("_at", "_s"))}
    digest.update(json.dumps(timeless).encode())
    for (_, key), content in sorted(s3.objects.items()):
        if key.endswith("predictions.jsonl"):
            digest.update(content)
    (line,) = [line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM")]
    print(json.dumps([seconds, cpu_s, int(line.split()[1]) / 1024, digest.hexdigest(), summary["rows"]]))


def ask_child(checkout: Path, url: str, file: Path, cores: int = 1, recipe: str = "digits") -> tuple[float, float, float, str]:
    environment = {
        **os.environ,
        **{"PYTHONPATH": f"{checkout}:{checkout}/lambda", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(1769 * cores)},
        **{"PYTHONHASHSEED": "0", "AWS_DEFAULT_REGION": "us-east-1"},
    }
    command = [sys.executable, __file__, "--child", url, str(file), recipe]
    done = subprocess.run(command, cwd=checkout, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(done.stderr)
    seconds, cpu_s, peak_mb, digest, _ = json.loads(done.stdout.splitlines()[-1])
    return seconds, cpu_s, peak_mb, digest


def wait_until_ready(url: str) -> None:
    for _ in range(600):
        try:
            with urlopen(f"{url}/ping"):
                return
        except OSError:
            time.sleep(0.1)
    sys.exit("the server did not start")


def main() -> None:
    from benchmarks.harness import PRETRAINED, ROOT, describe_machine, make_scratch, write_record  # noqa: PLC0415 - as above
    from benchmarks.server.contenders import CONTENDERS  # noqa: PLC0415 - not of a child
    from benchmarks.uploads.compare import measure_bare  # noqa: PLC0415 - as above
    from benchmarks.uploads.stack import build_uploads  # noqa: PLC0415 - as above
    from recipes.digits.dataset import load  # noqa: PLC0415 - as above

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--beside", type=Path)
    parser.add_argument("--record", type=Path)
    options = parser.parse_args()
    pixels, count = load().test.inputs.tobytes(), options.rows
    rows = [pixels[at : at + 784] for at in range(0, count * 784, 784)]
    kinds = build_uploads(rows)
    checkouts = {"now": (ROOT, 1), "now, two cores": (ROOT, 2), **({"before": (options.beside.resolve(), 1)} if options.beside else {})}
    figures: dict[str, list[tuple[float, float, float, str]]] = {}
    with make_scratch() as folder:
        for kind, content in kinds.items():
            (folder / kind).write_bytes(content)
        server = CONTENDERS[0].make(PRETRAINED, 1, folder)
        url = f"http://127.0.0.1:{server.port}"
        server.process = subprocess.Popen(server.command, cwd=ROOT, env={**os.environ, **server.env}, start_new_session=True)
        try:
            wait_until_ready(url)
            for number in range(options.rounds + 1):
                contenders = [(kind, name) for kind in kinds for name in checkouts if kind == "zip" or "cores" not in name]
                before_s = server.measure_cpu_s()
                seconds = measure_bare(url, pixels, count)
                found = [("bare server", (seconds, server.measure_cpu_s() - before_s, 0.0, ""))]
                for kind, name in random.sample(contenders, len(contenders)):
                    checkout, cores = checkouts[name]
                    found.append((f"{kind} {name}", ask_child(checkout, url, folder / kind, cores)))
                for name, figure in found if number else []:
                    figures.setdefault(name, []).append(figure)
        finally:
            server.stop()
    for kind in kinds:
        digests = {digest for name, found in figures.items() if name.startswith(f"{kind} ") for *_, digest in found}
        print(f"{kind}: {'the same bytes' if len(digests) == 1 else 'OTHER BYTES'}")
    bare_s = statistics.median(seconds for seconds, *_ in figures["bare server"])
    table = {
        name: {
            "images_per_s": round(count / statistics.median(seconds for seconds, *_ in found)),
            "least": round(count / max(seconds for seconds, *_ in found)),
            "greatest": round(count / min(seconds for seconds, *_ in found)),
            "ratio": round(bare_s / statistics.median(seconds for seconds, *_ in found), 2),
            "cpu_s": round(statistics.median(cpu_s for _, cpu_s, *_ in found), 2),
        }
        for name, found in sorted(figures.items())
    }
    print("| | images/s (least-greatest) | to the bare server | processor s |\n|---|---|---|---|")
    for name, each in table.items():
        print(f"| {name} | {each['images_per_s']:,} ({each['least']:,}-{each['greatest']:,}) | {each['ratio']:.2f} | {each['cpu_s']:.2f} |")
    if options.record:
        write_record(options.record, {"machine": describe_machine(), "rounds": options.rounds, "rows": count, "table": table})


if __name__ == "__main__":
    if "--child" in sys.argv:
        run_child(sys.argv[2], Path(sys.argv[3]), sys.argv[4])
    else:
        main()
