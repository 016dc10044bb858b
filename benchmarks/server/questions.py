"""Requests to a model server with their right answers: the same instances, in each form that a contender takes."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import orjson

from recipes.media_types import CSV, JSON, NPY
from recipes.models import artifact
from serving.bodies import npy
from serving.inference.engine import Engine

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class Question:
    """A request and what is right to answer.

    Args:    body, headers: of a POST.
             expected: [N, numbers of an answer]: probabilities, or a regression's value.
             read: an answer's body → such an array; what it raises says that the answer is none.
    """

    body: bytes
    headers: Mapping[str, str]
    expected: Array = field(repr=False)
    read: Callable[[bytes], Array] = field(repr=False)

    def describe_fault(self, answer: bytes) -> str:
        """Return what is wrong with an answer; nothing if it is right."""
        try:
            found = self.read(answer)
        except (ValueError, LookupError, TypeError) as error:
            return f"the answer cannot be read ({type(error).__name__}: {error}): {answer[:200]!r}"
        if found.shape != self.expected.shape:
            return f"the answer holds {list(found.shape)} numbers; expected {list(self.expected.shape)}"
        # A batch may be added up in another order than one instance: the last digits of a float32.
        if not np.allclose(found, self.expected, rtol=1e-4, atol=1e-5):
            return f"the answer is {found.ravel()[:10].tolist()}; expected {self.expected.ravel()[:10].tolist()}"
        return ""


class Asker:
    """Makes questions for one model, and knows the answers from ONNX Runtime itself."""

    def __init__(self, model: Path) -> None:
        self.engine = Engine(artifact.load(model), "cpu")
        self._random = np.random.default_rng(1)

    def draw(self, count: int) -> Array:
        """Return other instances each time, the same in every run."""
        manifest = self.engine.manifest
        shape = (count, *manifest.input_shape)
        if manifest.input_dtype == "float32":
            return self._random.uniform(1, 10, shape).astype(np.float32)
        return self._random.integers(0, 256, shape, np.uint8)

    def ask(self, instances: Array, form: str) -> Question:
        """Return the question in a form of FORMS."""
        step = self.engine.batch
        parts = [self.engine.predict(instances[start : start + step]) for start in range(0, len(instances), step)]
        manifest = self.engine.manifest
        expected = np.concatenate(parts).reshape(len(instances), -1)[:, : max(1, len(manifest.labels))]
        body, headers, read = FORMS[form](instances)
        return Question(body, headers, expected, lambda answer: read(answer)[:, : expected.shape[1]])


Read = Callable[[bytes], Array]
Form = tuple[bytes, dict[str, str], Read]


def _read_predictions(answer: bytes) -> Array:
    """Ours, or rows of numbers."""
    rows = json.loads(answer)["predictions"]
    return np.array([row if isinstance(row, list) else row.get("probabilities") or [row["value"]] for row in rows], np.float64)


def _write_json(instances: Array) -> bytes:
    return orjson.dumps({"instances": instances.reshape(len(instances), -1)}, option=orjson.OPT_SERIALIZE_NUMPY)


def _write_csv(instances: Array) -> bytes:
    rows = instances.reshape(len(instances), -1).tolist()
    return b"".join([orjson.dumps(row)[1:-1] + b"\n" for row in rows])


def _write_v2(instances: Array) -> Form:
    kind = {"uint8": "UINT8", "float32": "FP32"}[str(instances.dtype)]
    tensor = {"name": "instances", "shape": list(instances.shape), "datatype": kind, "data": instances.ravel()}
    body = orjson.dumps({"inputs": [tensor]}, option=orjson.OPT_SERIALIZE_NUMPY)
    return body, {"content-type": JSON}, _read_v2


def _read_v2(answer: bytes) -> Array:
    output = json.loads(answer)["outputs"][0]
    return np.array(output["data"], np.float64).reshape(output["shape"])


def _write_v2_binary(instances: Array) -> Form:
    """The protocol's binary tensors, which Triton's own client sends: JSON of a length that a header tells, then the values."""
    kind = {"uint8": "UINT8", "float32": "FP32"}[str(instances.dtype)]
    values = np.ascontiguousarray(instances).tobytes()
    tensor = {"name": "instances", "shape": list(instances.shape), "datatype": kind, "parameters": {"binary_data_size": len(values)}}
    head = orjson.dumps({"inputs": [tensor], "outputs": [{"name": "answers"}]})
    headers = {"content-type": "application/octet-stream", "inference-header-content-length": str(len(head))}
    return head + values, headers, _read_v2


FORMS: dict[str, Callable[[Array], Form]] = {
    "npy": lambda instances: (npy.write(instances), {"content-type": NPY}, _read_predictions),
    "csv": lambda instances: (_write_csv(instances), {"content-type": CSV}, _read_predictions),
    "json": lambda instances: (_write_json(instances), {"content-type": JSON}, _read_predictions),
    # BentoML answers the array alone.
    "rows": lambda instances: (_write_json(instances), {"content-type": JSON}, lambda answer: np.array(json.loads(answer), np.float64)),
    "v2": _write_v2,
    "v2 binary": _write_v2_binary,
}
