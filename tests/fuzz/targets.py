"""What hostile input is given to, by room: a room's targets share a process, and so its imports."""

import gzip
import hashlib
import os
import signal
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

Target = Callable[[bytes], dict[str, Any]]


class ServerError(Exception):
    """A request was answered with a status of 500 or more."""


def load_functions() -> dict[str, Target]:
    """Return what the functions read: uploads, and requests for predictions."""
    from recipes.media_types import CSV, FORM, JSON, MULTIPART, NPY, NPZ, PICTURES
    from tests.fuzz.upload_target import load_recipe, process

    for name in ("digits", "salary", "stop_search", "natural_images"):
        load_recipe(name)
    kinds = (*PICTURES, JSON, CSV, NPY, NPZ, FORM, "")
    return {
        "upload": process,
        "upload-numbers": lambda content: process(content, recipe="salary"),
        "upload-colours": lambda content: process(content, recipe="natural_images"),
        "upload-categories": lambda content: process(content, recipe="stop_search"),
        **{f"request categories {kind}": _send_requests(kind, recipe="stop_search") for kind in (JSON, CSV, NPY, FORM)},
        "request categories tensors": _send_requests(JSON, "/v2/models/stop_search/infer", recipe="stop_search"),
        "request categories tensors, bytes": _send_requests(
            "", "/v2/models/stop_search/infer", recipe="stop_search", headers={"inference-header-content-length": "160"}
        ),
        **{f"request {kind}": _send_requests(kind) for kind in kinds},
        f"request {MULTIPART}": _send_requests(f"{MULTIPART}; boundary=x"),
        "request digits=all": _send_requests("", query={"digits": "all"}),
        "request tensors": _send_requests(JSON, "/v2/models/digits/infer"),
        "request tensors, bytes": _send_requests("", "/v2/models/digits/infer", headers={"inference-header-content-length": "160"}),
    }


def _send_requests(kind: str, path: str = "/predictions", recipe: str = "digits", **options: Any) -> Target:
    """Return what sends a body of a media type to POST /predictions, or to another path, of a recipe."""
    from functions.predict.handler import Handler
    from functions.predict.service import Service
    from recipes.recipe import load
    from tests.events import ID_KEY, event
    from tests.fakes import FakeContext, FakeEndpoint
    from tests.fuzz.upload_target import UniformEndpoint

    endpoint = FakeEndpoint() if recipe == "digits" else UniformEndpoint(load(recipe))
    handler = Handler(Service(load(recipe), endpoint, id_key=ID_KEY))

    def send(content: bytes) -> dict[str, Any]:
        status = handler(event("POST", path, content, kind, **options), FakeContext())["statusCode"]
        if status >= 500:
            raise ServerError(f"status {status}")
        return {"state": "succeeded" if status == 200 else "failed", "status": status}

    return send


def load_models() -> dict[str, Target]:
    """Return what the model server, training and the command read: archives, models, data sets."""
    from recipes import dataset
    from recipes.digits.dataset import load_pickle, parse_idx
    from recipes.models import archive, artifact
    from recipes.recipe import load
    from recipes.tables import recordio, tabular
    from serving.bodies import codecs
    from serving.inference.engine import Engine
    from tests import tiny_model

    digits, salary, stops = load("digits"), load("salary"), load("stop_search")

    def read_archive(content: bytes) -> dict[str, Any]:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "model.tar.gz")
            path.write_bytes(content)
            return {"bytes": len(artifact.load(archive.unpack(path, Path(folder, "model"))).model)}

    def read_onnx(content: bytes) -> dict[str, Any]:
        fields = {**tiny_model.manifest(b""), "sha256": hashlib.sha256(content).hexdigest()}
        manifest = artifact.parse_manifest(artifact.json.dumps(fields).encode())
        engine = Engine(artifact.Artifact(manifest, content), "cpu")
        engine.warm_up()
        return {"device": engine.device}

    def in_file(name: str, read: Callable[[Path], Any]) -> Target:
        def target(content: bytes) -> dict[str, Any]:
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder, name)
                path.write_bytes(content)
                read(path)
            return {}

        return target

    def read_split(path: Path) -> None:
        dataset.np.save(path.parent / "targets.npy", dataset.np.zeros(1, "u1"))
        dataset.read_split(path.parent)

    def decode(kind: str) -> Target:
        decoder = codecs.choose_decoder(kind, digits.instance_shape, digits.from_image)
        return lambda content: {"instances": len(decoder(content))}

    return {
        "archive": read_archive,
        "tar": lambda content: read_archive(gzip.compress(content, 1)),
        "manifest": lambda content: {"version": artifact.parse_manifest(content).version},
        "onnx": read_onnx,
        "pickle": in_file("mnist.pkl.gz", load_pickle),
        "plain pickle": lambda content: in_file("mnist.pkl.gz", load_pickle)(gzip.compress(content, 1)),
        "idx": lambda content: {"bytes": parse_idx(content).nbytes},
        "split": in_file("inputs.npy", read_split),
        "recordio": lambda content: {"rows": len(recordio.read(content))},
        "table": in_file("data.csv", lambda path: tabular.load(salary, path)),
        "table of categories": in_file("data.csv", lambda path: tabular.load(stops, path)),
        **{f"server {kind}": decode(kind) for kind in (*codecs.DECODERS, "image/png")},
    }


def load_broken() -> dict[str, Target]:
    """Return what shows that a probe sees what goes wrong."""

    def fail(_: bytes) -> dict[str, Any]:
        raise ZeroDivisionError

    return {"kill": lambda _: os.kill(os.getpid(), signal.SIGKILL) or {}, "raise": fail, "answer": lambda _: {}}


ROOMS: dict[str, Callable[[], dict[str, Target]]] = {"functions": load_functions, "models": load_models, "broken": load_broken}
