"""What every peer serves: our engine, so that only the server differs; and our parser and renderer where a peer takes the body as it is."""

import os
from collections.abc import Callable
from functools import cache
from pathlib import Path

from serving import artifact
from serving.answers import Encoder, build_encoders
from serving.codecs import choose_decoder
from serving.engine import Engine


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
    encode: Encoder = build_encoders(manifest)["application/json"]

    def answer(body: bytes, content_type: str) -> bytes:
        instances = choose_decoder(content_type, manifest.input_shape, None, manifest.input_dtype)(body)
        step = engine.batch
        return encode([engine.predict(instances[start : start + step]) for start in range(0, len(instances), step)])

    return answer
