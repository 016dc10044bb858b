"""A recipe of numbers, through the functions to the model that ships: requests and uploads in, values out."""

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from jsonschema import Draft202012Validator

from functions.predict.handler import Handler as PredictHandler
from functions.predict.reading.codecs import decode
from functions.predict.service import Service as PredictService
from functions.shared.answer_table import format_csv
from recipes.recipe import load
from tests.api_document import read_api
from tests.arrays import npy_of
from tests.events import ID_KEY, event
from tests.fakes import FakeContext
from tests.moto_aws import Bucket, empty_account
from tests.real_model import RealModel
from tests.upload_handler import RESULTS, UPLOADS, build_handler
from tests.upload_messages import make_message
from tests.uploads import RecordingNotifier, put_upload

ROOT = Path(__file__).resolve().parents[2]
SALARY = load("salary")
COMPONENTS = read_api()["components"]
YEARS = [3.1, 1.1, 10.5]


@pytest.fixture(scope="module")
def model() -> RealModel:
    return RealModel("salary")


def predict_values(model: RealModel, years: list[float]) -> list[float]:
    return [float(str(value)) for value in model.engine.predict(np.array(years, np.float32)[:, np.newaxis])]


@pytest.fixture
def predict(model: RealModel) -> PredictHandler:
    return PredictHandler(PredictService(SALARY, model, id_key=ID_KEY))


REQUESTS: dict[str, tuple[bytes | str, str, list[float]]] = {
    "instances": ('{"instances": [[3.1], [1.1], [10.5]]}', "application/json", YEARS),
    "a list of them": ("[[3.1], [1.1], [10.5]]", "application/json", YEARS),
    "one, bare": ("[3.1]", "application/json", [3.1]),
    "csv": ("3.1\n1.1\n10.5\n", "text/csv", YEARS),
    "npy": (npy_of(np.array(YEARS, np.float32)[:, None]), "application/x-npy", YEARS),
    "npy of doubles": (npy_of(np.array(YEARS)[:, None]), "application/x-npy", YEARS),
    "npy of one": (npy_of(np.array([3.1])), "application/x-npy", [3.1]),
    "npy of whole numbers": (npy_of(np.array([[3], [4]])), "application/x-npy", [3, 4]),
}


@pytest.mark.parametrize("request_", REQUESTS.values(), ids=REQUESTS)
def test_answers_a_value_for_each_instance(
    predict: PredictHandler, model: RealModel, request_: tuple[bytes | str, str, list[float]]
) -> None:
    body, content_type, years = request_
    response = predict(event("POST", "/predictions", body, content_type), FakeContext())
    answer = json.loads(response["body"])
    assert (response["statusCode"], answer["predictions"]) == (200, [{"value": value} for value in predict_values(model, years)])
    Draft202012Validator({"$ref": "#/components/schemas/Predictions", "components": COMPONENTS}).validate(answer)
    assert answer["model"] == {"name": "linear", "version": model.manifest.version, "variant": "main"}


@pytest.mark.parametrize("shown", ["pixels", "seen"])
def test_has_nothing_to_show_beside_the_numbers_that_are_sent(predict: PredictHandler, shown: str) -> None:
    response = predict(event("POST", "/predictions", "[[3.1]]", "application/json", query={"include": shown}), FakeContext())
    assert (response["statusCode"], "takes no pictures" in response["body"]) == (422, True)


def test_reads_fortran_order() -> None:
    """Two features: their columns lie one after the other in the file."""
    pair = SALARY._replace(features=SALARY.features * 2, instance_shape=(2,))
    table = np.asfortranarray(np.arange(6, dtype=np.float32).reshape(3, 2))
    assert decode(npy_of(table), "application/x-npy", pair).instances == np.ascontiguousarray(table).tobytes()


@pytest.mark.parametrize(
    ("body", "content_type", "status", "said"),
    [
        ((ROOT / "docs/seven.png").read_bytes(), "image/png", 415, "takes rows of a table, not pictures"),
        ((ROOT / "docs/seven.png").read_bytes(), "", 415, "takes rows of a table, not pictures"),
        ('{"image": "aGVsbG8="}', "application/json", 415, "takes rows of a table, not pictures"),
        ("x", "text/plain", 415, "content type is 'text/plain'"),
        ('{"instances": [[3.1, 4]]}', "application/json", 422, "instances[0] is 2 values; expected 1 value"),
        ("[[NaN]]", "application/json", 422, "is nan; expected a number"),
        ('[["three"]]', "application/json", 422, "is 'three'; expected a number"),
        ("years,size\n3.1,9", "text/csv", 422, "the header names 2 columns of values; expected 1"),
        (npy_of(np.array([[np.inf]])), "application/x-npy", 422, "value 0 is inf"),
        (npy_of(np.zeros((2, 3))), "application/x-npy", 422, "the array has shape [2, 3]; expected [N, 1]"),
    ],
)
def test_says_what_is_wrong(predict: PredictHandler, body: bytes | str, content_type: str, status: int, said: str) -> None:
    response = predict(event("POST", "/predictions", body, content_type), FakeContext())
    problem = json.loads(response["body"])
    assert response["statusCode"] == status
    assert said in problem["detail"]
    assert "image/png" not in problem.get("advice", "")


def test_tells_the_page_what_to_ask_for(predict: PredictHandler) -> None:
    found = json.loads(predict(event("GET", "/model"), FakeContext())["body"])
    assert found["input"]["features"] == [{"name": "experience", "unit": "years", "least": 0, "range": [1.5, 10.5]}]
    assert (found["output"]["kind"], found["output"]["target"], found["output"]["unit"]) == ("regression", "salary", "US$ a year")


def upload(model: RealModel, name: str, content: bytes) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Return the summary and the lines that an upload leaves."""
    with empty_account():
        results = [Bucket(bucket) for bucket in (UPLOADS, RESULTS)][1]
        handler = build_handler(results.client, RecordingNotifier(), endpoint=model, recipe=SALARY, chunk_rows=2)
        message = make_message(put_upload(f"inbox/{name}", content))
        assert handler({"Records": [message]}, FakeContext(120_000)) == {"batchItemFailures": []}
        files = {key.rsplit("/", 1)[1]: results.read(key) for key in results.list_keys()}
    lines = [json.loads(line) for line in files.get("predictions.jsonl", b"").splitlines()]
    return json.loads(files["summary.json"]), lines


UPLOADED = {
    "years.csv": b"3.1\n1.1\n10.5\n",
    "header.csv": b"id,YearsExperience,Salary\nA-1,3.1,60150\nA-2,1.1,39343\nA-3,10.5,121872\n",
    "years.jsonl": b'[3.1]\n{"instance": [1.1]}\n{"id": 7, "instance": [10.5]}\n',
    "years.npy": npy_of(np.array(YEARS)[:, None]),
}


@pytest.mark.parametrize("name", UPLOADED)
def test_an_upload_gets_a_value_for_each_row(model: RealModel, name: str) -> None:
    summary, lines = upload(model, name, UPLOADED[name])
    values = predict_values(model, YEARS)
    assert (summary["state"], summary["rows"], summary["failed"]) == ("succeeded", 3, 0)
    assert [line["value"] for line in lines] == values
    assert {line["model"] for line in lines} == {model.manifest.version}
    assert summary["values"] == {"min": values[1], "median": values[0], "max": values[2]}
    assert "labels" not in summary
    if name == "header.csv":
        assert [line["id"] for line in lines] == ["A-1", "A-2", "A-3"]


def test_a_bad_row_costs_that_row(model: RealModel) -> None:
    summary, lines = upload(model, "a.csv", b"3.1\nthree\n1,2\nnan\n1.1\n")
    assert (summary["succeeded"], summary["failed"]) == (2, 3)
    assert [line.get("error", {}).get("code") for line in lines] == [None, "not-a-number", "wrong-shape", "not-a-number", None]
    assert summary["values"]["median"] == pytest.approx(sum(predict_values(model, [3.1, 1.1])) / 2)


def pack_picture() -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("seven.png", (ROOT / "docs/seven.png").read_bytes())
    return content.getvalue()


@pytest.mark.parametrize(
    "content",
    [(ROOT / "docs/seven.png").read_bytes(), pack_picture(), b"\x00\x00\x08\x03" + bytes(100)],
    ids=["png", "zip", "idx"],
)
def test_pictures_are_refused_as_a_whole(model: RealModel, content: bytes) -> None:
    summary, lines = upload(model, "seven.png", content)
    assert (summary["state"], lines) == ("failed", [])
    assert summary["error"]["code"] == "unsupported-type"
    assert "takes rows of a table, not pictures" in summary["error"]["detail"]


def test_the_table_has_a_value_in_place_of_a_label(model: RealModel) -> None:
    _, lines = upload(model, "a.csv", b"3.1\nthree\n")
    table = b"".join(format_csv(lines, SALARY)).decode().splitlines()
    assert table[0] == "row,name,id,value,outside_range,model,expected,error"
    assert table[1] == f"1,,,{predict_values(model, [3.1])[0]},,{model.manifest.version},,"
    assert table[2].startswith('2,,,,,,,"not-a-number: ') or table[2].startswith("2,,,,,,,not-a-number: ")


def test_an_upload_s_numbers_unlike_the_training_s_are_told(model: RealModel) -> None:
    summary, lines = upload(model, "a.csv", b"3.1\n99\nthree\n-2\n")
    feature = SALARY.features[0].name
    assert [line.get("outside_range") for line in lines] == [None, [feature], None, [feature]]
    note = {"code": "outside-range", "detail": f"numbers outside of what the model was trained on are in {feature} (2 rows)"}
    assert [{name: text for name, text in each.items() if name != "advice"} for each in summary["notes"]] == [note]
