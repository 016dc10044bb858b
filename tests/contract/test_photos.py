"""A recipe of small colour photos through the functions: one picture gets one answer by every way in, and a value is what it is."""

import base64
import csv
import io
import json
import zipfile
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from PIL import Image

from functions.predict.handler import Handler as PredictHandler
from functions.predict.service import Service as PredictService
from functions.process_upload.events import Upload
from functions.process_upload.lines import Line
from functions.shared.answer_table import format_csv, list_columns
from functions.shared.endpoint.interface import EndpointResponse
from functions.shared.reading.drafts.draft import Draft
from functions.shared.reading.drafts.settle import settle
from recipes import npy
from recipes.recipe import ImageInstance, Recipe
from tests.arrays import npy_of
from tests.asking import ask_handler
from tests.digits import encoded
from tests.events import ID_KEY, event
from tests.fakes import FakeContext
from tests.fuzz.memory_s3 import MemoryS3
from tests.photos import HEIGHT, LABELS, PHOTOS, WIDTH, PhotoModel, any_photo, photo_png, read_photo
from tests.upload_handler import RESULTS, UPLOADS, build_handler
from tests.upload_messages import make_message
from tests.uploads import RecordingNotifier

PICTURE = photo_png()
LEVELS = np.frombuffer(read_photo(PICTURE).values, np.uint8).reshape(PHOTOS.instance_shape)
BRIGHT = LEVELS // 4 + 190  # its border is bright, as a drawing's that is to be turned
DARK = LEVELS // 8  # no value over 31


@pytest.fixture(scope="module")
def model() -> PhotoModel:
    return PhotoModel()


@pytest.fixture(scope="module")
def predict(model: PhotoModel) -> PredictHandler:
    return PredictHandler(PredictService(PHOTOS, model, id_key=ID_KEY))


def ask(predict: PredictHandler, body: bytes, content_type: str = "", **options: Any) -> tuple[int, dict[str, Any]]:
    return ask_handler(predict, event("POST", "/predictions", body, content_type, **options))


def upload(model: PhotoModel, content: bytes) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Return the summary of an upload's job, and its lines."""
    s3 = MemoryS3()
    s3.objects[UPLOADS, "inbox/batch"] = content
    handler = build_handler(s3, RecordingNotifier(), endpoint=model, recipe=PHOTOS, chunk_rows=2)
    handler({"Records": [make_message(Upload("inbox/batch", "", "", len(content), "2026-11-21T08:00:00Z"))]}, FakeContext(120_000))
    documents = {key.rpartition("/")[2]: body for (bucket, key), body in s3.objects.items() if bucket == RESULTS}
    return json.loads(documents["summary.json"]), [json.loads(line) for line in documents.get("predictions.jsonl", b"").splitlines()]


def probabilities(model: PhotoModel, levels: Any) -> list[float]:
    return [float(str(value)) for value in model.engine.predict(levels[np.newaxis])[0]]


def bodies(levels: Any) -> dict[str, tuple[bytes, str]]:
    nested, flat = levels.tolist(), levels.ravel().tolist()
    return {
        "npy of one": (npy_of(levels), ""),
        "npy of several": (npy_of(levels[np.newaxis]), ""),
        "npy, flat": (npy_of(levels.reshape(1, -1)), ""),
        "npy by columns": (npy_of(np.asfortranarray(levels)), ""),
        "JSON, nested": (json.dumps({"instances": [nested]}).encode(), "application/json"),
        "JSON, flat": (json.dumps({"instances": [flat]}).encode(), "application/json"),
        "JSON, one instance": (json.dumps(nested).encode(), "application/json"),
        "CSV": (",".join(map(str, flat)).encode(), "text/csv"),
        "CSV under a header": (f"{','.join(f'pixel{n}' for n in range(len(flat)))}\n{','.join(map(str, flat))}\n".encode(), "text/csv"),
        "tensor": (json.dumps({"inputs": [{"name": "x", "shape": [1, *levels.shape], "datatype": "UINT8", "data": flat}]}).encode(), ""),
    }


@pytest.mark.parametrize("levels", [LEVELS, BRIGHT, DARK], ids=["any", "bright", "dark"])
@pytest.mark.parametrize("way", bodies(LEVELS))
def test_a_value_of_a_photo_is_what_it_is(predict: PredictHandler, model: PhotoModel, way: str, levels: Any) -> None:
    status, answer = ask(predict, *bodies(levels)[way])
    assert status == 200, answer
    assert answer["predictions"][0]["probabilities"] == probabilities(model, levels)
    assert "notes" not in answer


@pytest.mark.parametrize("way", ["npy of several", "JSON, nested", "CSV"])
def test_both_doors_read_alike(model: PhotoModel, way: str) -> None:
    summary, lines = upload(model, bodies(BRIGHT)[way][0])
    assert summary["state"] == "succeeded"
    assert lines[0]["probabilities"] == probabilities(model, BRIGHT)
    assert "notes" not in summary


def test_a_picture_gets_the_answer_of_its_instance(predict: PredictHandler, model: PhotoModel) -> None:
    expected = probabilities(model, LEVELS)
    text = base64.b64encode(PICTURE).decode()
    for body, kind in ((PICTURE, "image/png"), (PICTURE, ""), (json.dumps({"image": text}).encode(), "application/json")):
        status, answer = ask(predict, body, kind)
        assert (status, answer["predictions"][0]["probabilities"]) == (200, expected)
        assert answer["predictions"][0]["label"] == LABELS[int(np.argmax(expected))]


def test_shares_of_255_are_scaled_with_a_note(predict: PredictHandler, model: PhotoModel) -> None:
    _, answer = ask(predict, npy_of(LEVELS[np.newaxis] / np.float32(255)))
    assert answer["predictions"][0]["probabilities"] == probabilities(model, LEVELS)
    assert [note["code"] for note in answer["notes"]] == ["scaled"]
    summary, lines = upload(model, npy_of(LEVELS[np.newaxis] / np.float32(255)))
    assert lines[0]["probabilities"] == probabilities(model, LEVELS)
    assert [note["code"] for note in summary["notes"]] == ["scaled"]


@pytest.mark.parametrize(
    ("values", "advice"),
    [
        (LEVELS / np.float32(127.5) - 1, "normalised"),
        ((LEVELS / np.float32(255) - 0.45) / 0.225, "normalised"),
        (LEVELS - np.float32(110.5), "(x + mean)"),
        (LEVELS.astype(np.float32) + 0.5, "Round the values"),
        (LEVELS.astype(np.int32) * 16, "12 bits"),
    ],
    ids=["from -1 to 1", "normalised", "without their mean", "halves", "12 bits"],
)
def test_another_scale_is_refused_with_what_mends_it(predict: PredictHandler, values: Any, advice: str) -> None:
    status, problem = ask(predict, npy_of(values[np.newaxis]))
    assert status == 422
    assert advice in problem["advice"]
    assert "MNIST" not in problem["advice"]


def test_a_photo_that_is_nearly_black_is_read_and_told(predict: PredictHandler, model: PhotoModel) -> None:
    black = LEVELS // 32
    _, answer = ask(predict, npy_of(np.stack([LEVELS, black])))
    assert answer["predictions"][1]["probabilities"] == probabilities(model, black)
    assert [note["code"] for note in answer["notes"]] == ["dark"]


@pytest.mark.parametrize(
    ("levels", "advice"),
    [
        (np.moveaxis(LEVELS, -1, 0), "numpy.moveaxis(x, -3, -1)"),
        (np.moveaxis(LEVELS, -1, 0)[np.newaxis], "numpy.moveaxis(x, -3, -1)"),
        (LEVELS[..., 0], "numpy.stack([x] * 3, axis=-1)"),
        (LEVELS[np.newaxis, ..., 0], "numpy.stack([x] * 3, axis=-1)"),
        (np.concatenate([LEVELS, LEVELS[..., :1]], axis=-1), "x[..., :3]"),
        (np.zeros((2, 48, 66, 3), np.uint8), "as PNG or JPEG"),
    ],
    ids=["channels first", "batch, channels first", "grey", "batch of grey", "with alpha", "another size"],
)
def test_another_shape_is_refused_with_what_mends_it(predict: PredictHandler, model: PhotoModel, levels: Any, advice: str) -> None:
    status, problem = ask(predict, npy_of(levels))
    assert status == 422
    assert f"[N, {HEIGHT}, {WIDTH}, 3]" in problem["detail"]
    assert advice in problem["advice"]
    summary, _ = upload(model, npy_of(levels))
    assert advice in summary["error"]["advice"]


def test_a_zip_of_photos_is_a_row_each(model: PhotoModel) -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for seed in range(3):
            archive.writestr(f"photos/{seed}.jpg", encoded(any_photo(seed), "JPEG"))
        archive.writestr("photos/broken.png", PICTURE[:100])
    summary, lines = upload(model, file.getvalue())
    assert (summary["succeeded"], summary["failed"]) == (3, 1)
    assert [line["name"] for line in lines] == ["photos/0.jpg", "photos/1.jpg", "photos/2.jpg", "photos/broken.png"]
    for seed, line in enumerate(lines[:3]):
        levels = np.frombuffer(read_photo(encoded(any_photo(seed), "JPEG")).values, np.uint8).reshape(PHOTOS.instance_shape)
        assert line["probabilities"] == probabilities(model, levels)


def test_idx_of_colour_pictures_is_read(model: PhotoModel) -> None:
    head = bytes((0, 0, 8, 4)) + b"".join(length.to_bytes(4, "big") for length in (2, *PHOTOS.instance_shape))
    _, lines = upload(model, head + LEVELS.tobytes() + BRIGHT.tobytes())
    assert [line["probabilities"] for line in lines] == [probabilities(model, LEVELS), probabilities(model, BRIGHT)]


LARGE = PHOTOS._replace(instance_shape=(224, 224, 3), read_image=lambda _: ImageInstance(bytes(224 * 224 * 3)))
MANY_CLASSES = PHOTOS._replace(classes=tuple(f"class {number}" for number in range(2000)))


class Counting:
    """An endpoint that answers with the first label, and remembers how many bytes it was sent and answered."""

    def __init__(self, recipe: Recipe) -> None:
        self.labels, self.request_bytes, self.response_bytes = recipe.labels, 0, 0

    def invoke(self, body: bytes, **_: Any) -> EndpointResponse:
        shares = [0.123456789] * len(self.labels)
        prediction = {"label": self.labels[0], "probability": shares[0], "probabilities": shares}
        answer = json.dumps({"predictions": [prediction] * npy.read_header(body).shape[0], "model": {"version": "1"}}).encode()
        self.request_bytes, self.response_bytes = len(body), len(answer)
        return EndpointResponse(answer, "main")


@pytest.mark.parametrize(("recipe", "most"), [(LARGE, 26), (MANY_CLASSES, 132)], ids=["large pictures", "many classes"])
def test_a_request_holds_no_more_than_a_serverless_endpoint_takes_and_answers(recipe: Recipe, most: int) -> None:
    endpoint = Counting(recipe)
    handler = PredictHandler(PredictService(recipe, endpoint, id_key=ID_KEY))
    text = base64.b64encode(PICTURE).decode()
    status, answer = ask(handler, json.dumps({"instances": [{"image": text}] * most}).encode(), "application/json")
    assert status == 200, answer
    assert max(endpoint.request_bytes, endpoint.response_bytes) <= 4_194_304  # 4 MB
    status, problem = ask(handler, json.dumps({"instances": [{"image": text}] * (most + 1)}).encode(), "application/json")
    assert (status, problem["detail"]) == (413, f"the request holds more than {most} instances")
    assert "job" in problem["advice"]


@pytest.mark.parametrize("seed", [0, 1])
def test_shows_what_the_model_saw_as_a_picture(predict: PredictHandler, seed: int) -> None:
    _, answer = ask(predict, photo_png(seed), query={"include": "seen"})
    head, _, text = answer["predictions"][0]["seen"].partition(",")
    shown = Image.open(io.BytesIO(base64.b64decode(text)))
    assert (head, shown.size, shown.mode) == ("data:image/png;base64", (WIDTH, HEIGHT), "RGB")
    assert shown.tobytes() == read_photo(photo_png(seed)).values


def test_shows_pixels_until_an_answer_would_be_too_long(predict: PredictHandler) -> None:
    _, answer = ask(predict, PICTURE, query={"include": "pixels"})
    assert bytes(answer["predictions"][0]["pixels"]) == LEVELS.tobytes()
    status, problem = ask(predict, npy_of(np.stack([LEVELS] * 500)), query={"include": "pixels"})
    assert (status, "include=seen" in problem["advice"]) == (413, True)
    status, answer = ask(predict, npy_of(np.stack([LEVELS] * 500)), query={"include": "seen"})
    assert (status, len(answer["predictions"])) == (200, 500)


@pytest.mark.parametrize(("recipe", "most"), [(PHOTOS, 200), (LARGE, 13)], ids=["small photos", "large photos"])
def test_looks_at_no_more_rows_than_memory_holds_before_the_first_is_given(recipe: Recipe, most: int) -> None:
    """The values of a row that are no levels take thirty times its bytes."""
    asked: list[int] = []

    def draft() -> Iterator[Draft]:
        for number in range(1, 1000):
            asked.append(number)
            yield Draft(number, bytes(recipe.instance_bytes))

    settle(draft(), recipe)
    assert len(asked) == most


def test_a_table_of_photos_has_the_probability_of_each_name_and_nothing_of_digits() -> None:
    assert list_columns(PHOTOS) == (
        "row",
        "name",
        "id",
        "label",
        "probability",
        *(f"p({label})" for label in LABELS),
        "model",
        "expected",
        "error",
    )
    assert list_columns(MANY_CLASSES) == ("row", "name", "id", "label", "probability", "model", "expected", "error")
    shares = dict(zip(LABELS, [0.1, 0.6, 0.1, 0.1, 0.1], strict=True))
    line = Line(1, {"name": "a.jpg"}, {"label": "cat", "probability": 0.6, "probabilities": list(shares.values())}, "1")
    (row,) = csv.DictReader(io.StringIO(b"".join(format_csv([line.to_json()], PHOTOS)).decode()))
    assert {label: float(row[f"p({label})"]) for label in LABELS} == shares
