"""A recipe as unlike the digits as can be: colour, an odd size that is not square, few classes with names. With it, a tiny model."""

import hashlib
import json
from functools import cache

import numpy as np
from onnx import TensorProto, checker, helper, numpy_helper
from PIL import Image

from functions.shared.endpoint.interface import EndpointResponse
from recipes.media_types import MANIFEST
from recipes.models.artifact import Artifact, parse_manifest
from recipes.pictures.decode import decode_color
from recipes.recipe import Candidate, ImageInstance, Recipe
from serving.bodies.answers import build_encoders
from serving.bodies.codecs import choose_decoder
from serving.inference.engine import Engine
from tests.digits import encoded

HEIGHT, WIDTH = 24, 33
LABELS = ("boat", "cat", "fruit", "person", "tree")


def read_photo(image: bytes) -> ImageInstance:
    """Return a picture as 24 rows of 33 pixels, each red, green and blue."""
    return ImageInstance(decode_color(image, target_px=2 * WIDTH).resize((WIDTH, HEIGHT)).tobytes())


PHOTOS = Recipe(
    name="photos",
    title="Small photos",
    instance_shape=(HEIGHT, WIDTH, 3),
    candidates=(Candidate("tiny", "none"),),
    classes=LABELS,
    read_image=read_photo,
)


def any_photo(seed: int = 0, size: tuple[int, int] = (96, 72)) -> Image.Image:
    """Return a picture with other colours at each of its corners, so that every turn and every lost channel shows."""
    random = np.random.default_rng(seed)
    corners = Image.fromarray(random.integers(0, 256, (2, 2, 3), np.uint8))
    return corners.resize(size, Image.Resampling.BILINEAR)


def photo_png(seed: int = 0) -> bytes:
    """Return such a picture as PNG."""
    return encoded(any_photo(seed))


@cache
def build_artifact() -> Artifact:
    """Return a model of the recipe: the probabilities are a softmax over the mean of each channel, weighed at random."""
    random = np.random.default_rng(3)
    nodes = [
        helper.make_node("Cast", ["photo"], ["float"], to=TensorProto.FLOAT),
        helper.make_node("ReduceMean", ["float"], ["means"], axes=[1, 2], keepdims=0),
        helper.make_node("MatMul", ["means", "weights"], ["logits"]),
        helper.make_node("Softmax", ["logits"], ["probabilities"], axis=1),
    ]
    weights = numpy_helper.from_array(random.normal(0, 0.02, (3, len(LABELS))).astype(np.float32), "weights")
    photo = helper.make_tensor_value_info("photo", TensorProto.UINT8, ["N", HEIGHT, WIDTH, 3])
    probabilities = helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["N", len(LABELS)])
    graph = helper.make_graph(nodes, "tiny", [photo], [probabilities], [weights])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    checker.check_model(model)
    content = bytes(model.SerializeToString())
    sha256 = hashlib.sha256(content).hexdigest()
    manifest = {
        "schema": 1,
        "recipe": PHOTOS.name,
        "name": "tiny",
        "version": f"1.0.0+{sha256[:8]}",
        "labels": list(LABELS),
        "input": {"name": "photo", "dtype": "uint8", "shape": list(PHOTOS.instance_shape)},
        "output": {"name": "probabilities", "kind": "classification"},
        "sha256": sha256,
        "metrics": {},
        "provenance": {},
    }
    return Artifact(parse_manifest(json.dumps(manifest).encode()), content)


class PhotoModel:
    """The endpoint without its sockets, with that model."""

    def __init__(self) -> None:
        artifact = build_artifact()
        self.manifest, self.engine = artifact.manifest, Engine(artifact, "cpu")
        self.request_bytes: list[int] = []

    def invoke(self, body: bytes, *, content_type: str, accept: str, remaining_s: float, variant: str | None = None) -> EndpointResponse:
        """Answer as the endpoint does."""
        if accept == MANIFEST:
            return EndpointResponse(self.manifest.text, "main")
        self.request_bytes.append(len(body))
        instances = choose_decoder(content_type, self.manifest.input_shape, None, self.manifest.input_dtype)(body)
        return EndpointResponse(build_encoders(self.manifest)[accept]([self.engine.predict(instances)]), "main")
