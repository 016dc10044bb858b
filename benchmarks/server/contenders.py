"""Who is measured, and how each is started: as its own documentation recommends for production; the address is in its file in peers/."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.harness import ROOT, find_free_port
from benchmarks.server.process import Server


@dataclass(frozen=True)
class Start:
    """With what a contender is started.

    Args:    scratch: a folder of its own.
             environment: its Python's folder.
    """

    port: int
    workers: int
    scratch: Path
    environment: Path

    def find(self, program: str) -> str:
        """Return a program of its environment."""
        return str(self.environment / "bin" / program)


@dataclass(frozen=True)
class Contender:
    """A server to measure.

    Args:    environment: below .venvs/.
             forms: of questions.FORMS: of one instance, then those of many that it reads.
             build: its command.
             package: whose version a record tells.
             limit: it serves no model; it shows what is possible.
    """

    name: str
    environment: str
    package: str
    forms: Sequence[str]
    build: Callable[[Start], list[str]] = field(repr=False)
    path: str = "/invocations"
    limit: bool = False

    @property
    def is_installed(self) -> bool:
        """Whether its environment is there."""
        return (ROOT / ".venvs" / self.environment / "bin/python").exists()

    def make(self, model: Path, workers: int, scratch: Path) -> Server:
        """Return its server, not yet started."""
        folder = scratch / f"{self.name.replace(' ', '-')}-{workers}"
        folder.mkdir()
        start = Start(find_free_port(), workers, folder, ROOT / ".venvs" / self.environment)
        env = {
            **{"PORT": str(start.port), "WORKERS": str(workers), "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"},
            **{"INFERSTACK_MODEL_DIR": str(model), "INFERSTACK_WORKERS": str(workers)},
            **{"INFERSTACK_HOST": "127.0.0.1", "SAGEMAKER_BIND_TO_PORT": str(start.port), "BENTOML_DO_NOT_TRACK": "true"},
        }
        return Server(self.name, self.build(start), start.port, env, folder / "log", path=self.path)


def _build_ours(start: Start) -> list[str]:
    return [start.find("python"), "-m", "serving"]


def _build_mms(start: Start) -> list[str]:
    script = ROOT / "benchmarks/peers/mms/start.sh"
    return [str(script), str(start.port), str(start.workers), str(start.scratch), str(start.environment)]


def _build_gunicorn(start: Start) -> list[str]:
    address = f"127.0.0.1:{start.port}"
    return [start.find("gunicorn"), "-k", "gevent", "-w", str(start.workers), "-b", address, "benchmarks.peers.flask_app:app"]


def _build_uvicorn(module: str) -> Callable[[Start], list[str]]:
    def build(start: Start) -> list[str]:
        options = ["--host", "127.0.0.1", "--port", str(start.port), "--workers", str(start.workers), "--no-access-log"]
        return [start.find("uvicorn"), *options, f"benchmarks.peers.{module}:app"]

    return build


def _build_bentoml(start: Start) -> list[str]:
    options = ["--host", "127.0.0.1", "--port", str(start.port)]
    return [start.find("bentoml"), "serve", "benchmarks.peers.bentoml_service:Model", *options]


def _build_script(module: str) -> Callable[[Start], list[str]]:
    return lambda start: [start.find("python"), "-m", f"benchmarks.peers.{module}"]


def _build_mlserver(start: Start) -> list[str]:
    ports = {"http_port": start.port, "grpc_port": start.port + 1, "metrics_port": start.port + 2}
    settings = {"host": "127.0.0.1", **ports, "parallel_workers": start.workers, "debug": False}
    settings["metrics_dir"] = str(start.scratch / "metrics")  # else a folder of them is left in the checkout
    model = {"name": "model", "implementation": "benchmarks.peers.mlserver_runtime.Model", "max_batch_size": 64, "max_batch_time": 0.002}
    (start.scratch / "settings.json").write_text(json.dumps(settings))
    (start.scratch / "model-settings.json").write_text(json.dumps(model))
    return [start.find("mlserver"), "start", str(start.scratch)]


INFERSTACK, LIMIT = "Inferstack", "HTTP alone"
CONTENDERS = (
    Contender(INFERSTACK, "serving", "onnxruntime", ("npy", "csv", "json"), _build_ours),
    Contender("Inferstack, JSON", "serving", "onnxruntime", ("json",), _build_ours),
    Contender("multi-model-server", "peer-mms", "multi-model-server", ("npy", "csv", "json"), _build_mms),
    Contender("Flask + gunicorn", "peer-frameworks", "flask", ("npy", "csv", "json"), _build_gunicorn),
    Contender("FastAPI, raw", "peer-frameworks", "fastapi", ("npy", "csv", "json"), _build_uvicorn("fastapi_raw")),
    Contender("FastAPI, typed", "peer-frameworks", "fastapi", ("json",), _build_uvicorn("fastapi_typed")),
    Contender("BentoML", "peer-bentoml", "bentoml", ("rows",), _build_bentoml),
    Contender("LitServe", "peer-litserve", "litserve", ("json",), _build_script("litserve_server")),
    Contender("MLServer", "peer-mlserver", "mlserver", ("v2",), _build_mlserver, "/v2/models/model/infer"),
    Contender("Triton", "peer-triton", "nvidia-pytriton", ("v2 binary",), _build_script("triton_server"), "/v2/models/model/infer"),
    Contender(LIMIT, "serving", "httptools", ("npy",), _build_script("constant"), limit=True),
)
