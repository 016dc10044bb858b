"""One picture, three ways to the model: the function, the server's own decoder and the recipe see the same 28×28, and answer the same."""

import base64
import json
from typing import Any

import numpy as np
import pytest

from functions.predict.handler import Handler
from functions.predict.service import Service
from functions.shared.endpoint.interface import EndpointResponse
from recipes.media_types import JPEG, JSON, NPY, PNG
from recipes.models.artifact import Artifact
from recipes.models.artifact import load as load_artifact
from recipes.recipe import load
from serving.bodies.answers import build_encoders
from serving.bodies.codecs import choose_decoder
from serving.inference.engine import Engine
from tests.arrays import npy_of
from tests.digits import GOLDEN, distance
from tests.events import ID_KEY, event
from tests.fakes import FakeContext

DIGITS = load("digits")
CASES: list[dict[str, Any]] = json.loads((GOLDEN / "cases.json").read_text())
EACH = pytest.mark.parametrize("case", CASES, ids=lambda case: case["file"])
TYPES = {".png": PNG, ".jpg": JPEG}


class RealModel:
    """The endpoint without its sockets: the server's decoder, engine and answers, with the model that ships."""

    def __init__(self) -> None:
        self.artifact: Artifact = load_artifact(GOLDEN.parent / "pretrained")
        self.engine = Engine(self.artifact, "cpu")
        self.got: list[bytes] = []

    def invoke(self, body: bytes, *, content_type: str, accept: str, remaining_s: float, variant: str | None = None) -> EndpointResponse:
        instances = choose_decoder(content_type, DIGITS.instance_shape, DIGITS.from_image)(body)
        self.got.append(instances.tobytes())
        return EndpointResponse(build_encoders(self.artifact.manifest)[accept]([self.engine.predict(instances)]), "main")


@pytest.fixture(scope="module")
def model() -> RealModel:
    return RealModel()


@pytest.fixture(scope="module")
def handler(model: RealModel) -> Handler:
    return Handler(Service(DIGITS, model, id_key=ID_KEY))


def ask(handler: Handler, body: bytes | str, content_type: str) -> dict[str, Any]:
    response = handler(event("POST", "/predictions", body, content_type, query={"include": "pixels"}), FakeContext())
    assert response["statusCode"] == 200, response["body"]
    (prediction,) = json.loads(response["body"])["predictions"]
    return dict(prediction)


def picture(case: dict[str, Any]) -> tuple[bytes, str]:
    path = GOLDEN / case["file"]
    return path.read_bytes(), TYPES[path.suffix]


@EACH
def test_function_server_and_recipe_see_the_same(handler: Handler, model: RealModel, case: dict[str, Any]) -> None:
    body, content_type = picture(case)
    seen = DIGITS.from_image(body)
    assert choose_decoder(content_type, DIGITS.instance_shape, DIGITS.from_image)(body).tobytes() == seen
    model.got.clear()
    assert bytes(ask(handler, body, content_type)["pixels"]) == model.got[0] == seen  # what is doubted is shown once more, cut
    assert distance(seen, base64.b64decode(case["pixels_base64"])) < 2  # JPEG decoders differ by a level


@EACH
def test_the_shipped_model_answers_the_same_whichever_way(handler: Handler, model: RealModel, case: dict[str, Any]) -> None:
    body, content_type = picture(case)
    seen = DIGITS.from_image(body)
    *probabilities, trust = model.engine.predict(np.frombuffer(seen, np.uint8).reshape(1, 28, 28))[0].tolist()
    ways: list[tuple[bytes | str, str]] = [
        (body, content_type),
        (json.dumps({"instances": [list(seen)]}), JSON),
        (json.dumps({"image": base64.b64encode(body).decode()}), JSON),
        (",".join(map(str, seen)), "text/csv"),
        (npy_of(np.frombuffer(seen, np.uint8).reshape(28, 28)), NPY),
    ]
    for way in ways:
        prediction = ask(handler, *way)
        assert prediction["label"] == case["label"] == DIGITS.labels[probabilities.index(max(probabilities))]
        assert prediction["probabilities"] == pytest.approx(probabilities, abs=1e-6)
        assert prediction["probability"] == pytest.approx(max(probabilities), abs=1e-6)
        assert prediction["trust"] == pytest.approx(trust, abs=1e-6)
        assert prediction["verdict"] != "not a digit"
