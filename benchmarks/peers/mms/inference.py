"""User code for sagemaker-inference with our engine, parser and renderer: only the server differs. (Its own decoders are slower.)"""

import os
from pathlib import Path

from recipes.media_types import JSON
from serving import artifact
from serving.answers import build_encoders
from serving.codecs import from_npy
from serving.engine import Engine


def model_fn(model_dir):  # noqa: ARG001  the toolkit passes it
    engine = Engine(artifact.load(Path(os.environ["INFERSTACK_MODEL_DIR"])), "cpu")
    engine.warm_up()
    return engine, build_encoders(engine.manifest)[JSON]


def input_fn(body, content_type):
    assert content_type == "application/x-npy"
    return from_npy(bytes(body), (28, 28))


def predict_fn(instances, model):
    engine, encode = model
    return encode((engine.predict(instances),))


def output_fn(answer, accept):  # noqa: ARG001  the toolkit passes it
    return answer, "application/json"
