"""A recipe of numbers and categories, through the functions to the model that ships: requests and uploads in, classes out."""

import csv
import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from jsonschema import Draft202012Validator

from functions.predict.handler import Handler as PredictHandler
from functions.predict.service import Service as PredictService
from functions.shared.answer_table import format_csv
from recipes.columns import Category
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
STOPS = load("stop_search")
COMPONENTS = read_api()["components"]
with (ROOT / "recipes/stop_search/data.csv").open() as file:
    REAL = [row for row, _ in zip(csv.DictReader(file), range(3), strict=False)]
NAMES = [column.name for column in STOPS.features]
RECORDS: list[dict[str, Any]] = [{name: row[name] for name in NAMES} for row in REAL]
for record in RECORDS:
    record["Latitude"], record["Longitude"] = float(record["Latitude"]), float(record["Longitude"])
CODES = np.array(
    [[each.find_code(row[each.name]) if isinstance(each, Category) else row[each.name] for each in STOPS.features] for row in REAL],
    np.float32,
)


@pytest.fixture(scope="module")
def model() -> RealModel:
    return RealModel("stop_search")


@pytest.fixture(scope="module")
def expected(model: RealModel) -> list[list[float]]:
    return [[float(str(value)) for value in row] for row in model.engine.predict(CODES)]


@pytest.fixture
def predict(model: RealModel) -> PredictHandler:
    return PredictHandler(PredictService(STOPS, model, id_key=ID_KEY))


def write_csv(rows: list[Mapping[str, Any]], names: list[str], delimiter: str = ",") -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, names, extrasaction="ignore", delimiter=delimiter)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def as_json(document: object) -> tuple[bytes, str]:
    return json.dumps(document).encode(), "application/json"


def as_columns(rows: list[dict[str, Any]]) -> dict[str, list[Any]]:
    return {name: [row[name] for row in rows] for name in NAMES}


REQUESTS: dict[str, tuple[bytes, str]] = {
    "objects": as_json({"instances": RECORDS}),
    "objects in another order": as_json({"instances": [dict(reversed(row.items())) for row in RECORDS]}),
    "objects of another case and with more": as_json(
        [{name.upper(): value for name, value in row.items()} | {"age": 3} for row in RECORDS]
    ),
    "objects a line": ("\n".join(map(json.dumps, RECORDS)).encode(), "application/jsonl"),
    "columns": as_json(as_columns(RECORDS)),
    **{f"{name} beside fields called as columns": as_json({**RECORDS[0], name: RECORDS}) for name in ("instances", "data")},
    "a split": as_json({"dataframe_split": {"columns": NAMES, "data": [[row[name] for name in NAMES] for row in RECORDS]}}),
    "csv": (write_csv(RECORDS, NAMES), "text/csv"),
    "csv in another order": (write_csv(RECORDS, NAMES[::-1]), "text/csv"),
    "csv of the published columns": (write_csv(REAL, list(REAL[0])), "text/csv"),
    "csv with semicolons": (write_csv(RECORDS, NAMES, ";"), "text/csv"),
    "npy of codes": (npy_of(CODES), "application/x-npy"),
}


@pytest.mark.parametrize("request_", REQUESTS.values(), ids=REQUESTS)
def test_answers_a_class_for_each_instance(predict: PredictHandler, expected: list[list[float]], request_: tuple[bytes, str]) -> None:
    response = predict(event("POST", "/predictions", *request_), FakeContext())
    answer = json.loads(response["body"])
    assert response["statusCode"] == 200, answer
    assert [each["probabilities"] for each in answer["predictions"]] == expected
    assert all(each["label"] in STOPS.labels and "unknown_categories" not in each for each in answer["predictions"])
    Draft202012Validator({"$ref": "#/components/schemas/Predictions", "components": COMPONENTS}).validate(answer)


def test_as_many_objects_as_columns_are_instances(predict: PredictHandler) -> None:
    records = (RECORDS * 4)[: len(NAMES)]
    for document in (records, {"instances": records}, {"inputs": {str(at): each for at, each in enumerate(records)}}):
        answer = json.loads(predict(event("POST", "/predictions", *as_json(document)), FakeContext())["body"])
        assert len(answer.get("predictions", [])) == len(NAMES), answer


def test_takes_no_codes_in_a_text(predict: PredictHandler) -> None:
    response = predict(event("POST", "/predictions", *as_json([" ".join(map(str, CODES[0].tolist()))])), FakeContext())
    assert response["statusCode"] == 400


def test_one_object_is_one_instance(predict: PredictHandler, expected: list[list[float]]) -> None:
    answer = json.loads(predict(event("POST", "/predictions", *as_json(RECORDS[0])), FakeContext())["body"])
    assert answer["predictions"][0]["probabilities"] == pytest.approx(expected[0], abs=1e-6)  # a sum's order is the batch's


@pytest.mark.parametrize("place", [(51.5, 51.5), (-0.12, -0.12), (-33.9, 151.2), (51.5, -0.12), (0.0, 0.0)])
def test_a_place_that_is_not_surely_swapped_is_answered(predict: PredictHandler, place: tuple[float, float]) -> None:
    row = {**RECORDS[0], "Latitude": place[0], "Longitude": place[1]}
    assert predict(event("POST", "/predictions", *as_json([row])), FakeContext())["statusCode"] == 200


def drop(name: str) -> list[dict[str, Any]]:
    return [{key: value for key, value in row.items() if key != name} for row in RECORDS]


SWAPPED = [{**RECORDS[0], "Gender": "18-24", "Age range": "Male"}]
MIRRORED = [{**RECORDS[0], "Latitude": -0.12, "Longitude": 51.5}]
MIRRORED_CODES = np.concatenate([CODES[:1, :2], np.float32([[-0.12, 51.5]]), CODES[:1, 4:]], axis=1)


@pytest.mark.parametrize(
    ("request_", "said"),
    [
        (as_json({"instances": drop("Gender")}), "no column, or more than one, is called Gender"),
        ((write_csv(drop("Gender"), [name for name in NAMES if name != "Gender"]), "text/csv"), "is called Gender"),
        ((write_csv(RECORDS, NAMES).partition(b"\n")[2], "text/csv"), "is called Type"),
        # As the police's API has a stop: of it other columns are missing.
        (as_json({**drop("Latitude")[0], "location": {"latitude": "51.5"}}), "no column, or more than one, is called Latitude in degrees"),
        (as_json({"instances": [list(row.values()) for row in RECORDS]}), "instances[0] does not name its values"),
        (as_json({"instances": CODES.tolist()}), "instances[0] does not name its values"),
        (as_json([{**RECORDS[0], "Latitude": "north"}]), "Latitude is 'north'; expected a number"),
        ((write_csv([{**RECORDS[0], "Latitude": ""}], NAMES), "text/csv"), "line 2, Latitude is empty; expected a number"),
        # Two columns' cells in each other's place.
        ((write_csv([{**RECORDS[0], "Latitude": "Male", "Gender": "51.5"}], NAMES), "text/csv"), "line 2, Latitude is 'Male'"),
        ((write_csv(SWAPPED, NAMES), "text/csv"), "line 2: Gender is '18-24', a value of Age range, and Age range is 'Male', a value of"),
        (as_json({"instances": SWAPPED}), "instances[0]: Gender is '18-24', a value of Age range"),
        (
            (write_csv(MIRRORED, NAMES), "text/csv"),
            "line 2: Latitude is -0.12, a value of Longitude, and Longitude is 51.5, a value of Lat",
        ),
        (as_json({"instances": MIRRORED}), "instances[0]: Latitude is -0.12, a value of Longitude"),
        ((npy_of(MIRRORED_CODES), "application/x-npy"), "the array: Latitude is -0.12, a value of Longitude"),
    ],
)
def test_refuses_by_the_column_s_name(predict: PredictHandler, request_: tuple[bytes, str], said: str) -> None:
    response = predict(event("POST", "/predictions", *request_), FakeContext())
    problem = json.loads(response["body"])
    assert (response["statusCode"], said in problem["detail"]) == (422, True), problem


def test_refuses_a_picture_as_what_is_no_row(predict: PredictHandler) -> None:
    problem = json.loads(predict(event("POST", "/predictions", (ROOT / "docs/seven.png").read_bytes(), "image/png"), FakeContext())["body"])
    assert problem["detail"] == "this model takes rows of a table, not pictures"


def test_a_category_that_is_not_known_is_answered_and_flagged(predict: PredictHandler) -> None:
    strange = [RECORDS[0], {**RECORDS[1], "Gender": "Robot", "Type": "Boat search"}]
    answer = json.loads(predict(event("POST", "/predictions", *as_json({"instances": strange})), FakeContext())["body"])
    assert [each.get("unknown_categories") for each in answer["predictions"]] == [None, ["Type", "Gender"]]
    (note,) = answer["notes"]
    assert (note["code"], "Gender (1 row)" in note["detail"]) == ("unknown-categories", True)
    Draft202012Validator({"$ref": "#/components/schemas/Predictions", "components": COMPONENTS}).validate(answer)


def test_tells_the_page_what_to_ask_for(predict: PredictHandler) -> None:
    found = json.loads(predict(event("GET", "/model"), FakeContext())["body"])
    assert [each["name"] for each in found["input"]["features"]] == NAMES
    assert found["input"]["features"][4] == {"name": "Gender", "values": ["Male", "Female", "Other", ""]}
    assert (found["output"]["target"], found["labels"]) == ("Outcome", ["No arrest", "Arrest"])


def upload(model: RealModel, name: str, content: bytes) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Return the summary and the lines that an upload leaves."""
    with empty_account():
        results = [Bucket(bucket) for bucket in (UPLOADS, RESULTS)][1]
        handler = build_handler(results.client, RecordingNotifier(), endpoint=model, recipe=STOPS, chunk_rows=2)
        message = make_message(put_upload(f"inbox/{name}", content))
        assert handler({"Records": [message]}, FakeContext(120_000)) == {"batchItemFailures": []}
        files = {key.rsplit("/", 1)[1]: results.read(key) for key in results.list_keys()}
    return json.loads(files["summary.json"]), [json.loads(line) for line in files.get("predictions.jsonl", b"").splitlines()]


@pytest.mark.parametrize("name", ["stops.csv", "stops.jsonl", "stops.npy"])
def test_an_upload_gets_a_class_for_each_row(model: RealModel, expected: list[list[float]], name: str) -> None:
    content = {"csv": REQUESTS["csv of the published columns"], "jsonl": REQUESTS["objects a line"], "npy": REQUESTS["npy of codes"]}
    summary, lines = upload(model, name, content[name.split(".")[1]][0])
    assert (summary["state"], summary["rows"], summary["failed"]) == ("succeeded", 3, 0)
    assert [line["probabilities"] for line in lines] == expected


def test_an_upload_s_rows_of_swapped_columns_are_refused_by_name(model: RealModel) -> None:
    summary, lines = upload(model, "stops.csv", write_csv([*RECORDS[:2], *SWAPPED, *MIRRORED], NAMES))
    assert (summary["succeeded"], summary["failed"]) == (2, 2)
    assert lines[3]["error"]["detail"].startswith("line 5: Latitude is -0.12, a value of Longitude")
    assert lines[2]["error"]["detail"].startswith("line 4: Gender is '18-24', a value of Age range")


def test_an_upload_s_outcomes_are_scored_and_its_strange_values_counted(model: RealModel) -> None:
    rows = [
        {**REAL[0], "Outcome": "Arrest"},
        {**REAL[1], "Outcome": "Community resolution", "Gender": "Robot"},
        {**REAL[2], "Latitude": ""},
    ]
    summary, lines = upload(model, "stops.csv", write_csv(rows, list(REAL[0])))
    assert (summary["succeeded"], summary["failed"], summary["score"]["labelled"], summary["score"]["scored"]) == (2, 1, 3, 2)
    assert set(summary["score"]["confusion"]) == {"Arrest", "No arrest"}
    assert lines[1]["unknown_categories"] == ["Gender"]
    assert [note["code"] for note in summary["notes"]] == ["unknown-categories"]
    table = list(csv.reader(io.StringIO(b"".join(format_csv(lines, STOPS)).decode())))
    assert table[0][3:8] == ["label", "probability", "p(No arrest)", "p(Arrest)", "unknown_categories"]
    assert table[2][5:8] == [*map(str, lines[1]["probabilities"]), "Gender"]
    assert table[3][-1].startswith("not-a-number: line 4, Latitude is empty")
