"""What the functions that a person waits for import when they start."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import PIL
import pytest

from deployment.stages import settings_for
from functions.feedback.handler import build as build_feedback
from functions.jobs.handler import build as build_jobs
from functions.predict.handler import build as build_predict
from functions.process_upload.wiring import build as build_process_upload
from functions.shared.aws import s3
from functions.shared.endpoint.client import _open_own_runtime
from recipes.errors import InvalidSettings
from tests.fakes import FakeClock

ROOT = Path(__file__).resolve().parents[3]
PATH = f"{ROOT}:{ROOT / 'lambda'}:{Path(PIL.__file__).parents[1]}"
ENVIRONMENT = {
    **{"AWS_DEFAULT_REGION": "eu-west-1", "AWS_ACCESS_KEY_ID": "any", "AWS_SECRET_ACCESS_KEY": "any"},
    **{"ENDPOINT_NAMES": "any", "ENDPOINT_KIND": "serverless", "RECIPES": "digits", "ID_KEY": "any", "ID_KEYS": "any"},
    **{"UPLOADS_BUCKET": "uploads", "RESULTS_BUCKET": "results", "MAX_UPLOAD_BYTES": "1", "UPLOAD_DAYS": "1", "LABELS_PER_HOUR": "1"},
    **{"UPLOAD_QUEUE_URL": "any", "UPLOAD_ATTEMPTS": "1", "EVENTS_URL": "https://events.example.test/event"},
    **{"IN_FLIGHT": "1", "TRANSFORM_OVER_BYTES": "1", "TRANSFORM_INSTANCE_TYPE": "any", "TRANSFORM_PREFIX": "any"},
}
# With `inspect` and what it imports, data classes were a third of a start. `pkgutil` imports it to list modules.
DEAR = {"dataclasses", "inspect", "ast", "pkgutil", "email", "http.client", "botocore", "numpy", "zlib_ng"}


@pytest.mark.parametrize(("function", "others"), [("predict", {"logging", "datetime"}), ("jobs", {"logging"}), ("feedback", set())])
def test_starts_without_what_is_dear_to_import(function: str, others: set[str]) -> None:
    program = f"import sys; before = set(sys.modules); import functions.{function}.function; print(*(set(sys.modules) - before))"
    command = [sys.executable, "-S", "-c", program]
    done = subprocess.run(command, env={**ENVIRONMENT, "PYTHONPATH": PATH}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    imported = set(done.stdout.split())
    assert f"functions.{function}.handler" in imported
    assert imported.isdisjoint(DEAR | others)


BUILDS: dict[str, Any] = {"predict": build_predict, "jobs": build_jobs, "feedback": build_feedback, "process_upload": build_process_upload}
RUNTIME, S3, SQS, EVENTS = (f"{name}.eu-west-1.amazonaws.com" for name in ("runtime.sagemaker", "s3", "sqs", "events"))
HOSTS = {
    "predict": [RUNTIME],
    "jobs": [S3],
    "feedback": [S3],
    "process_upload": [S3, SQS, EVENTS, "events.example.test", RUNTIME],
}


def build(monkeypatch: pytest.MonkeyPatch, function: str, exempt: list[str]) -> object:
    """Return a function's handler where a proxy is set for all hosts but these."""
    _open_own_runtime.cache_clear()
    environment = {**ENVIRONMENT, "HTTPS_PROXY": "http://proxy.example.test:3128", "NO_PROXY": ",".join(exempt)}
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return BUILDS[function](environment)


@pytest.mark.parametrize("function", HOSTS)
def test_starts_beside_a_proxy_that_none_of_its_hosts_needs(monkeypatch: pytest.MonkeyPatch, function: str) -> None:
    assert build(monkeypatch, function, HOSTS[function])


@pytest.mark.parametrize(("function", "host"), [(function, host) for function, hosts in HOSTS.items() for host in hosts])
def test_refuses_a_proxy_when_it_starts_and_not_at_the_first_request(monkeypatch: pytest.MonkeyPatch, function: str, host: str) -> None:
    with pytest.raises(InvalidSettings, match=f"add {host} to NO_PROXY"):
        build(monkeypatch, function, [each for each in HOSTS[function] if each != host])


@pytest.mark.parametrize("function", ["jobs", "feedback"])
def test_ends_its_attempts_at_s3_before_lambda_ends_the_function(monkeypatch: pytest.MonkeyPatch, function: str) -> None:
    """Else the API would answer in words of its own."""
    clock = FakeClock()

    class Hanging:
        def send(self, *_: object, wait_s: float, **__: object) -> None:
            clock.now_s += wait_s
            raise TimeoutError

    monkeypatch.setattr(s3, "Connections", lambda *_: Hanging())
    client = BUILDS[function](ENVIRONMENT)._service._results.client
    client._sleep = clock.sleep
    with pytest.raises(TimeoutError):
        client.get_object(Bucket="results", Key="any")
    assert clock.now_s - 1000 < settings_for("prod").function_timeout_s - 1
