"""What every peer serves: our engine, so that only the server differs, and our npy parser and renderer where it takes a body as it is.

CSV and JSON are read as one writes it with numpy.
"""

import io
import os
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import orjson

from recipes.media_types import CSV, JSON
from recipes.models import artifact
from recipes.models.artifact import Manifest
from serving.bodies.answers import Encoder, build_encoders
from serving.bodies.codecs import from_npy
from serving.inference.engine import Engine


@cache
def load() -> Engine:
    """Return the model of INFERSTACK_MODEL_DIR, warm."""
    engine = Engine(artifact.load(Path(os.environ["INFERSTACK_MODEL_DIR"])), "cpu")
    engine.warm_up()
    return engine


def build_answer() -> Callable[[bytes, str], bytes]:
    """Return what turns a body and its content type into the JSON that our server answers with."""
    engine = load()
    manifest = engine.manifest
    encode: Encoder = build_encoders(manifest)[JSON]

    def answer(body: bytes, content_type: str) -> bytes:
        instances = _read(body, content_type, manifest)
        step = engine.batch
        return encode([engine.predict(instances[start : start + step]) for start in range(0, len(instances), step)])

    return answer


def _read(body: bytes, content_type: str, manifest: Manifest) -> npt.NDArray[Any]:
    shape, dtype = manifest.input_shape, manifest.input_dtype
    if content_type == CSV:
        return np.loadtxt(io.BytesIO(body), dtype, delimiter=",", ndmin=2).reshape(-1, *shape)
    if content_type == JSON:
        return np.array(orjson.loads(body)["instances"], dtype).reshape(-1, *shape)
    return from_npy(body, shape, dtype)
