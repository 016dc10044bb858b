"""Whatever the kind of model: each recipe's shipped model is served, and one instance gets one answer by every way in and out."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from functions.process_upload.reading.rows import MAX_REQUEST_BYTES, MAX_REQUEST_ROWS, count_rows_per_request
from recipes.errors import InvalidInput, NotANumber, UnsupportedType, WrongShape
from recipes.media_types import CSV, JSON, NPY, PNG
from recipes.models.artifact import load as load_artifact
from recipes.recipe import Recipe, list_names, load
from recipes.trust import VERDICTS
from serving.bodies.answers import build_encoders
from serving.bodies.codecs import choose_decoder
from serving.inference.engine import Engine
from tests.arrays import npy_of

ROOT = Path(__file__).resolve().parents[2]
ROWS = 3
SERVERLESS_BYTES = 4_000_000


class Served:
    """A recipe's shipped model in the server, without its sockets."""

    def __init__(self, recipe: Recipe) -> None:
        artifact = load_artifact(ROOT / "recipes" / recipe.name / "pretrained")
        self.recipe, self.manifest = recipe, artifact.manifest
        self.engine = Engine(artifact, "cpu")
        self.engine.warm_up()
        self.instances = instances(recipe)
        columns = self.engine.predict(self.instances)
        self.answers = columns[:, : len(recipe.labels)] if recipe.labels else columns
        self.trust = columns[:, -1] if self.manifest.trust else None

    def ask(self, body: bytes, content_type: str, accept: str) -> bytes:
        from_image = self.recipe.from_image if self.recipe.takes_pictures else None
        read = choose_decoder(content_type, self.manifest.input_shape, from_image, self.manifest.input_dtype)
        return build_encoders(self.manifest)[accept]([self.engine.predict(read(body))])


def instances(recipe: Recipe) -> Any:
    random = np.random.default_rng(5)
    shape = (ROWS, *recipe.instance_shape)
    return random.integers(0, 256, shape, np.uint8) if recipe.dtype == "uint8" else random.uniform(1, 9, shape).astype(np.float32)


@pytest.mark.parametrize("name", list_names())
def test_a_request_of_the_upload_path_and_its_response_are_below_what_a_serverless_endpoint_takes_and_answers(name: str) -> None:
    recipe, limit_bytes = load(name), MAX_REQUEST_BYTES
    rows = count_rows_per_request(recipe)
    assert rows * recipe.instance_bytes <= limit_bytes < SERVERLESS_BYTES
    manifest = load_artifact(ROOT / "recipes" / name / "pretrained").manifest
    columns = max(1, len(recipe.labels)) + (manifest.trust is not None)
    response = build_encoders(manifest)[JSON]([np.full((rows, columns), -np.finfo(np.float32).tiny, np.float32)])
    assert len(response) <= limit_bytes * 1.01  # and the model's name
    assert rows == MAX_REQUEST_ROWS or limit_bytes // 2 < max(rows * recipe.instance_bytes, len(response))  # no smaller than it has to be


def body_of(found: Any, content_type: str) -> bytes:
    if content_type == NPY:
        return npy_of(found)
    if content_type == JSON:
        return json.dumps({"instances": found.tolist()}).encode()
    return "\n".join(",".join(map(str, row)) for row in found.reshape(ROWS, -1).tolist()).encode()


@pytest.fixture(scope="module", params=list_names())
def served(request: pytest.FixtureRequest) -> Served:
    return Served(load(request.param))


def test_the_manifest_and_the_recipe_agree(served: Served) -> None:
    manifest, recipe = served.manifest, served.recipe
    assert (manifest.recipe, manifest.kind, manifest.labels) == (recipe.name, recipe.kind, recipe.labels)
    assert (manifest.input_shape, manifest.input_dtype) == (recipe.instance_shape, recipe.dtype)


@pytest.mark.parametrize("content_type", [JSON, CSV, NPY])
def test_the_same_instances_get_the_same_answers_from_every_type(served: Served, content_type: str) -> None:
    body = body_of(served.instances, content_type)
    assert np.array_equal(np.load(io.BytesIO(served.ask(body, content_type, NPY))), served.answers)
    answer = json.loads(served.ask(body, content_type, JSON))
    assert answer["model"] == {"name": served.manifest.name, "version": served.manifest.version}
    lines = list(csv.reader(io.StringIO(served.ask(body, content_type, CSV).decode())))
    for place, (prediction, line, row) in enumerate(zip(answer["predictions"], lines, served.answers, strict=True)):
        if served.recipe.kind == "regression":
            assert set(prediction) == {"value"}
            assert np.float32(prediction["value"]) == np.float32(line[0]) == row
        else:
            assert prediction["label"] == served.recipe.labels[row.argmax()]
            assert np.array_equal(np.array(prediction["probabilities"], np.float32), row)
            assert np.array_equal(np.array(line[2 : 2 + len(row)], np.float32), row)
            if served.trust is not None:
                assert np.float32(prediction["trust"]) == np.float32(line[-2]) == served.trust[place]
                assert prediction["verdict"] == line[-1] in VERDICTS


def test_no_instances_get_no_answers(served: Served) -> None:
    body = json.dumps({"instances": []}).encode()
    assert json.loads(served.ask(body, JSON, JSON))["predictions"] == []
    assert served.ask(body, JSON, CSV) == b""


def test_refuses_an_array_of_another_type(served: Served) -> None:
    with pytest.raises(WrongShape, match=f"dtype is '<f8'; expected.*{served.recipe.dtype}"):
        served.ask(npy_of(served.instances.astype(np.float64)), NPY, JSON)


def test_refuses_instances_of_another_shape(served: Served) -> None:
    wider = np.zeros((2, *served.recipe.instance_shape, 2), served.recipe.dtype)
    with pytest.raises(WrongShape, match="expected"):
        served.ask(npy_of(wider), NPY, JSON)
    size = served.recipe.instance_size
    with pytest.raises(WrongShape, match=f"line 1 has {size + 1} values; expected {size}"):
        served.ask(",".join(["1"] * (size + 1)).encode(), CSV, JSON)


@pytest.mark.parametrize("value", ["nan", "-inf"])
def test_refuses_what_is_no_finite_number(served: Served, value: str) -> None:
    size = served.recipe.instance_size
    with pytest.raises(InvalidInput, match=f"line 1, value {size} is {value}"):
        served.ask(",".join(["1"] * (size - 1) + [value]).encode(), CSV, JSON)
    if served.recipe.dtype == "float32":
        broken = served.instances.copy()
        broken.flat[1] = float(value)
        with pytest.raises(NotANumber, match=f"value 1 is {value}; expected a number"):
            served.ask(npy_of(broken), NPY, JSON)


def test_takes_a_picture_if_the_recipe_does_and_says_so_if_not(served: Served) -> None:
    picture = (ROOT / "docs/seven.png").read_bytes()
    if served.recipe.takes_pictures:
        assert len(json.loads(served.ask(picture, PNG, JSON))["predictions"]) == 1
    else:
        with pytest.raises(UnsupportedType, match="content type is 'image/png'") as refused:
            served.ask(picture, PNG, JSON)
        assert refused.value.advice == "Send application/x-npy, text/csv, application/json."


def test_floats_may_begin_anywhere_in_the_body() -> None:
    """A .npy header of odd length is as good as another, and a runtime may count on aligned floats."""
    served = Served(load("salary"))
    text = b"{'descr': '<f4', 'fortran_order': False, 'shape': (3, 1), }\n"
    for padding in range(4):
        head = text[:-1] + b" " * padding + b"\n"
        body = b"\x93NUMPY\x01\x00" + len(head).to_bytes(2, "little") + head + served.instances.tobytes()
        assert np.array_equal(np.load(io.BytesIO(served.ask(body, NPY, NPY))), served.answers)
