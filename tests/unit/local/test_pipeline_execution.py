"""Executions of small pipelines, their jobs real processes of a few lines."""

import io
import json
import tarfile
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from tests.unit.local.pipelines import OUTPUT, Place, condition, fail, processing, text, training

MAKE = "(base / 'processing/output/made').joinpath('a.txt').write_text('made')"
COPY = f"(base / 'processing/output/made/b.txt').write_text((base / 'processing/input/in/a.txt').read_text() + '!')\n{MAKE}"
TRAIN = """
assert sys.argv[1:] == ['train']
given = json.loads((base / 'input/config/hyperparameters.json').read_text())
(base / 'model/model.json').write_text(json.dumps([given, os.environ['SM_HP_RATE'], pathlib.Path(os.environ['SM_CHANNEL_DATA']).name]))
"""
LOOP = "print('looping', flush=True)\ntime.sleep(60)"
MADE_BY_ONE = {"Get": "Steps.One.ProcessingOutputConfig.Outputs['made'].S3Output.S3Uri"}


@pytest.fixture
def place(tmp_path: Path) -> Place:
    failing = "(base / 'output').mkdir(parents=True, exist_ok=True)\n(base / 'output/failure').write_text('no such thing')\nsys.exit(3)"
    wordless = "print('almost there')\nsys.exit(4)"
    figures = f"{MAKE}\n(base / 'processing/output/made/figures.json').write_text(json.dumps({{'score': 0.7}}))"
    meet = """
other = {'One': 'Two', 'Two': 'One'}[os.environ['TRAINING_JOB_NAME'].split('-')[0]]
mine = pathlib.Path(os.environ['MEET']) / os.environ['TRAINING_JOB_NAME'].split('-')[0]
mine.touch()
for _ in range(500):
    if (mine.parent / other).exists():
        break
    time.sleep(0.01)
else:
    sys.exit('the other never came')
"""
    codes = {
        "make": MAKE,
        "copy": COPY,
        "train": TRAIN,
        "loop": LOOP,
        "failing": failing,
        "wordless": wordless,
        "figures": figures,
        "meet": meet,
    }
    return Place(tmp_path, codes)


def test_hands_what_one_step_made_to_the_next_and_keeps_it(place: Place) -> None:
    execution = place.execution(text(processing("Two", "copy", inputs={"in": MADE_BY_ONE}), processing("One", "make")))
    assert execution.run() == "Succeeded", execution.reason
    assert place.read("s3://dump/Two/made/b.txt") == b"made!"
    assert [run.status for run in execution.steps.values()] == ["Succeeded", "Succeeded"]


def test_gives_a_training_job_its_contract_and_packs_its_model(place: Place) -> None:
    place.write("s3://dump/data/rows.csv", b"1,2")
    step = training("Train", "train", channels={"data": "s3://dump/data"}, hyperparameters={"rate": 0.5, "name": "x"})
    execution = place.execution(text(step))
    assert execution.run() == "Succeeded", execution.reason
    with tarfile.open(fileobj=io.BytesIO(place.read("s3://dump/models/Train-abc/output/model.tar.gz"))) as packed:
        file = packed.extractfile("model.json")
        assert file is not None
        assert json.load(file) == [{"rate": "0.5", "name": "x"}, "0.5", "data"]


def test_runs_branches_side_by_side(place: Place, tmp_path: Path) -> None:
    (tmp_path / "meet").mkdir()
    steps = [processing(name, "meet") for name in ("One", "Two")]
    for step in steps:
        step["Arguments"]["Environment"] = {"MEET": str(tmp_path / "meet")}
    execution = place.execution(text(*steps))
    assert execution.run() == "Succeeded", execution.reason


@pytest.mark.parametrize(
    ("threshold", "status", "reason"), [("0.5", "Succeeded", ""), ("0.8", "Failed", "step TooLow: 0.8 was not reached")]
)
def test_goes_where_a_figure_of_a_property_file_leads(place: Place, threshold: str, status: str, reason: str) -> None:
    figures = processing("One", "figures")
    figures["PropertyFiles"] = [{"PropertyFileName": "Figures", "OutputName": "made", "FilePath": "figures.json"}]
    score = {"Std:JsonGet": {"PropertyFile": {"Get": "Steps.One.PropertyFiles.Figures"}, "Path": "score"}}
    register = {"Name": "Register", "Type": "RegisterModel", "Arguments": {"ModelPackageGroupName": "any", "Score": score}}
    too_low = fail("TooLow", {"Std:Join": {"On": " ", "Values": [{"Get": "Parameters.Threshold"}, "was not reached"]}})
    check = condition("Check", score, {"Get": "Parameters.Threshold"}, [register], [too_low])
    parameter = {"Name": "Threshold", "Type": "Float", "DefaultValue": 0.5}
    execution = place.execution(text(figures, check, parameters=(parameter,)), given={"Threshold": threshold})
    assert (execution.run(), execution.reason) == (status, reason)
    assert place.registered == ([{"ModelPackageGroupName": "any", "Score": 0.7}] if status == "Succeeded" else [])


@pytest.mark.parametrize(
    ("code", "reason"),
    [("failing", "step One: no such thing"), ("wordless", "step One: the process ended with status 4. almost there")],
)
def test_ends_with_the_reason_a_job_left_and_runs_nothing_after_it(place: Place, code: str, reason: str) -> None:
    execution = place.execution(text(processing("One", code), processing("Two", "copy", inputs={"in": MADE_BY_ONE})))
    assert (execution.run(), execution.reason) == ("Failed", reason)
    assert list(execution.steps) == ["One"]


@pytest.mark.parametrize(
    ("step", "reason"),
    [
        (processing("One", "make", inputs={"in": "s3://dump/nothing"}), "the input in is empty: nothing is at s3://dump/nothing"),
        (processing("One", "make", inputs={"in": {"Get": "Parameters.X"}}), "the parameters have no X"),
    ],
)
def test_says_what_a_job_lacks(place: Place, step: dict[str, Any], reason: str) -> None:
    execution = place.execution(text(step))
    assert execution.run() == "Failed"
    assert reason in execution.reason


def test_lets_no_output_lie_outside_the_jobs_folder(place: Place) -> None:
    step = processing("One", "make")
    step["Arguments"]["ProcessingOutputConfig"]["Outputs"][0]["S3Output"]["LocalPath"] = f"{OUTPUT}/../../../../../elsewhere"
    execution = place.execution(text(step))
    assert execution.run() == "Failed"
    assert "is not below /opt/ml" in execution.reason


def test_stops_what_runs(place: Place) -> None:
    execution = place.execution(text(processing("One", "loop"), processing("Two", "copy", inputs={"in": MADE_BY_ONE})))
    thread = threading.Thread(target=execution.run)
    thread.start()
    deadline = time.monotonic() + 10
    while "looping" not in (execution.log_folder("One") / "log").read_text() if (execution.log_folder("One") / "log").exists() else True:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    execution.stop()
    thread.join(10)
    assert not thread.is_alive()
    assert (execution.status, execution.steps["One"].status, list(execution.steps)) == ("Stopped", "Stopped", ["One"])


def test_takes_up_what_is_known_by_its_content(place: Place) -> None:
    place.write("s3://dump/raw/a.txt", b"one")

    def run(id_: str, name: str = "ml.m5.large", **more: Any) -> list[bool]:
        made = f"s3://dump/{id_}/made"
        one = processing("One", "copy", inputs={"in": "s3://dump/raw"}, **more)
        one["Arguments"]["ProcessingOutputConfig"]["Outputs"][0]["S3Output"]["S3Uri"] = made
        one["Arguments"]["ProcessingResources"]["ClusterConfig"]["InstanceType"] = name
        execution = place.execution(text(one), id_, cached=True)
        assert execution.run() == "Succeeded", execution.reason
        assert place.read(f"{made}/b.txt") == place.read("s3://dump/raw/a.txt") + b"!"
        return [step.from_cache for step in execution.steps.values()]

    assert run("first") == [False]
    assert run("second", "ml.c7i.xlarge") == [True]  # where it runs and which execution it is of decide nothing
    assert run("third", CacheConfig={"Enabled": False}) == [False]
    place.write("s3://dump/raw/a.txt", b"two")
    assert run("fourth") == [False]
    (complete,) = [mark for mark in (place.folder / "cache").glob("*/complete") if (mark.parent / "made/b.txt").read_bytes() == b"two!"]
    complete.unlink()  # as a crash would leave it
    assert run("fifth") == [False]
