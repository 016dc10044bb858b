"""Executions of small pipelines, their jobs real processes of a few lines."""

import io
import json
import tarfile
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from tests.unit.pipeline.small_pipelines import OUTPUT, Sandbox, condition, fail, processing, text, training

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
def sandbox(tmp_path: Path) -> Sandbox:
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
        "deaf": f"import signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\nprint('deaf', flush=True)\n{LOOP}",
        "failing": failing,
        "wordless": wordless,
        "figures": figures,
        "meet": meet,
        "patient": f"while not os.path.exists(os.environ['WAIT_FOR']):\n    time.sleep(0.01)\n{MAKE}",
    }
    return Sandbox(tmp_path, codes)


def test_hands_what_one_step_made_to_the_next_and_keeps_it(sandbox: Sandbox) -> None:
    execution = sandbox.execution(text(processing("Two", "copy", inputs={"in": MADE_BY_ONE}), processing("One", "make")))
    assert execution.run() == "Succeeded", execution.reason
    assert sandbox.read("s3://dump/Two/made/b.txt") == b"made!"
    assert [run.status for run in execution.steps.values()] == ["Succeeded", "Succeeded"]


def test_gives_a_training_job_its_contract_and_packs_its_model(sandbox: Sandbox) -> None:
    sandbox.write("s3://dump/data/rows.csv", b"1,2")
    step = training("Train", "train", channels={"data": "s3://dump/data"}, hyperparameters={"rate": 0.5, "name": "x"})
    execution = sandbox.execution(text(step))
    assert execution.run() == "Succeeded", execution.reason
    with tarfile.open(fileobj=io.BytesIO(sandbox.read("s3://dump/models/Train-abc/output/model.tar.gz"))) as packed:
        file = packed.extractfile("model.json")
        assert file is not None
        assert json.load(file) == [{"rate": "0.5", "name": "x"}, "0.5", "data"]


def test_lets_what_runs_beside_a_failing_step_end_and_starts_nothing_more(sandbox: Sandbox, tmp_path: Path) -> None:
    two = processing("Two", "patient")
    two["Arguments"]["Environment"] = {"WAIT_FOR": str(tmp_path / "one-failed")}
    three = processing("Three", "copy", inputs={"in": {"Get": "Steps.Two.ProcessingOutputConfig.Outputs['made'].S3Output.S3Uri"}})

    def changed() -> None:
        if "One" in execution.steps and execution.steps["One"].status == "Failed":
            (tmp_path / "one-failed").touch()

    execution = sandbox.execution(text(processing("One", "failing"), two, three), on_change=changed)
    assert (execution.run(), execution.reason) == ("Failed", "step One: no such thing")
    assert {name: run.status for name, run in execution.steps.items()} == {"One": "Failed", "Two": "Succeeded"}
    assert sandbox.read("s3://dump/Two/made/a.txt") == b"made"
    assert all(run.ended_at for run in execution.steps.values())


def test_tells_of_every_beginning_and_end(sandbox: Sandbox) -> None:
    seen: list[dict[str, str]] = []
    execution = sandbox.execution(
        text(processing("One", "make")), on_change=lambda: seen.append({name: run.status for name, run in execution.steps.items()})
    )
    execution.run()
    assert seen == [{"One": "Executing"}, {"One": "Succeeded"}, {"One": "Succeeded"}]


def test_says_which_steps_can_never_run(sandbox: Sandbox) -> None:
    circle = [
        {**processing("One", "make"), "DependsOn": ["Two"]},
        {**processing("Two", "make"), "DependsOn": ["One"]},
        processing("Three", "make"),
    ]
    execution = sandbox.execution(text(*circle))
    assert (execution.run(), execution.reason) == ("Failed", "One, Two cannot run: a step that they need did not run")
    assert {name: run.status for name, run in execution.steps.items()} == {"Three": "Succeeded"}


@pytest.mark.parametrize(
    ("comparison", "left", "holds"),
    [
        ("GreaterThanOrEqualTo", 1, True),
        ("GreaterThan", 1, False),
        ("LessThanOrEqualTo", 1, True),
        ("LessThan", 1, False),
        ("Equals", 1, True),
        ("LessThan", 0, True),
        ("LessThanOrEqualTo", 2, False),
        ("GreaterThan", 2, True),
        ("GreaterThanOrEqualTo", 0, False),
        ("Equals", 2, False),
    ],
)
def test_compares_as_its_name_says(sandbox: Sandbox, comparison: str, left: int, holds: bool) -> None:
    branches = [fail("Held", "held")], [fail("HeldNot", "held not")]
    execution = sandbox.execution(text(condition("Check", left, 1, *branches, comparison=comparison)))
    assert execution.run() == "Failed"
    assert list(execution.steps) == ["Check", "Held" if holds else "HeldNot"]
    assert execution.steps["Check"].outcome == str(holds)


@pytest.mark.parametrize(("second", "ran"), [(1, "Held"), (2, "HeldNot")])
def test_a_condition_holds_when_all_of_it_does(sandbox: Sandbox, second: int, ran: str) -> None:
    check = condition("Check", 1, 1, [fail("Held", "any")], [fail("HeldNot", "any")])
    check["Arguments"]["Conditions"].append({"Type": "Equals", "LeftValue": second, "RightValue": 1})
    execution = sandbox.execution(text(check))
    execution.run()
    assert list(execution.steps) == ["Check", ran]


def test_a_branch_that_was_not_chosen_holds_nothing_up(sandbox: Sandbox) -> None:
    execution = sandbox.execution(text(condition("Check", 1, 2, [fail("TooLow", "any")], [])))
    assert (execution.run(), list(execution.steps)) == ("Succeeded", ["Check"])


def test_leaves_a_succeeded_jobs_log_and_not_its_data(sandbox: Sandbox) -> None:
    execution = sandbox.execution(text(processing("One", "make")))
    assert execution.run() == "Succeeded", execution.reason
    assert [path.name for path in execution.job_folder("One").iterdir()] == ["log"]
    assert sandbox.read("s3://dump/One/made/a.txt") == b"made"


def test_what_is_chosen_waits_for_what_it_needs(sandbox: Sandbox) -> None:
    chosen = processing("Two", "copy", inputs={"in": MADE_BY_ONE})
    execution = sandbox.execution(text(condition("Check", 1, 1, [chosen], []), processing("One", "make")))
    assert execution.run() == "Succeeded", execution.reason
    assert sandbox.read("s3://dump/Two/made/b.txt") == b"made!"


def test_fails_when_a_property_file_is_not_there(sandbox: Sandbox) -> None:
    step = processing("One", "make")
    step["PropertyFiles"] = [{"PropertyFileName": "Figures", "OutputName": "made", "FilePath": "figures.json"}]
    execution = sandbox.execution(text(step))
    assert execution.run() == "Failed"
    assert execution.steps["One"].status == "Failed"
    assert "figures.json" in execution.reason


def test_ends_when_a_parameter_is_wrong(sandbox: Sandbox) -> None:
    execution = sandbox.execution(text(processing("One", "make")), given={"Unknown": "1"})
    assert execution.run() == "Failed"
    assert "no parameter Unknown" in execution.reason
    assert execution.steps == {}


def test_runs_branches_side_by_side(sandbox: Sandbox, tmp_path: Path) -> None:
    (tmp_path / "meet").mkdir()
    steps = [processing(name, "meet") for name in ("One", "Two")]
    for step in steps:
        step["Arguments"]["Environment"] = {"MEET": str(tmp_path / "meet")}
    execution = sandbox.execution(text(*steps))
    assert execution.run() == "Succeeded", execution.reason


@pytest.mark.parametrize(
    ("threshold", "status", "reason"), [("0.5", "Succeeded", ""), ("0.8", "Failed", "step TooLow: 0.8 was not reached")]
)
def test_goes_where_a_figure_of_a_property_file_leads(sandbox: Sandbox, threshold: str, status: str, reason: str) -> None:
    figures = processing("One", "figures")
    figures["PropertyFiles"] = [{"PropertyFileName": "Figures", "OutputName": "made", "FilePath": "figures.json"}]
    score = {"Std:JsonGet": {"PropertyFile": {"Get": "Steps.One.PropertyFiles.Figures"}, "Path": "score"}}
    register = {"Name": "Register", "Type": "RegisterModel", "Arguments": {"ModelPackageGroupName": "any", "Score": score}}
    too_low = fail("TooLow", {"Std:Join": {"On": " ", "Values": [{"Get": "Parameters.Threshold"}, "was not reached"]}})
    check = condition("Check", score, {"Get": "Parameters.Threshold"}, [register], [too_low])
    parameter = {"Name": "Threshold", "Type": "Float", "DefaultValue": 0.5}
    execution = sandbox.execution(text(figures, check, parameters=(parameter,)), given={"Threshold": threshold})
    assert (execution.run(), execution.reason) == (status, reason)
    assert sandbox.registered == ([{"ModelPackageGroupName": "any", "Score": 0.7}] if status == "Succeeded" else [])


@pytest.mark.parametrize(
    ("code", "reason"),
    [("failing", "step One: no such thing"), ("wordless", "step One: the process ended with status 4. almost there")],
)
def test_ends_with_the_reason_a_job_left_and_runs_nothing_after_it(sandbox: Sandbox, code: str, reason: str) -> None:
    execution = sandbox.execution(text(processing("One", code), processing("Two", "copy", inputs={"in": MADE_BY_ONE})))
    assert (execution.run(), execution.reason) == ("Failed", reason)
    assert list(execution.steps) == ["One"]


@pytest.mark.parametrize(
    ("step", "reason"),
    [
        (processing("One", "make", inputs={"in": "s3://dump/nothing"}), "the input in is empty: there is nothing at s3://dump/nothing"),
        (processing("One", "make", inputs={"in": {"Get": "Parameters.X"}}), "the parameters have no X"),
    ],
)
def test_says_what_a_job_lacks(sandbox: Sandbox, step: dict[str, Any], reason: str) -> None:
    execution = sandbox.execution(text(step))
    assert execution.run() == "Failed"
    assert reason in execution.reason


def test_lets_no_output_lie_outside_the_jobs_folder(sandbox: Sandbox) -> None:
    step = processing("One", "make")
    step["Arguments"]["ProcessingOutputConfig"]["Outputs"][0]["S3Output"]["LocalPath"] = f"{OUTPUT}/../../../../../elsewhere"
    execution = sandbox.execution(text(step))
    assert execution.run() == "Failed"
    assert "is not below /opt/ml" in execution.reason


def stop_after(execution: Any, word: str) -> None:
    """Run the execution on a thread of its own, and stop it once step One has said the word."""
    thread, log = threading.Thread(target=execution.run), execution.job_folder("One") / "log"
    thread.start()
    deadline = time.monotonic() + 10
    while not log.exists() or word not in log.read_text():
        assert time.monotonic() < deadline
        time.sleep(0.01)
    execution.stop()
    thread.join(5)
    assert not thread.is_alive()


def test_stops_what_runs(sandbox: Sandbox) -> None:
    execution = sandbox.execution(text(processing("One", "loop"), processing("Two", "copy", inputs={"in": MADE_BY_ONE})))
    stop_after(execution, "looping")
    assert (execution.status, execution.steps["One"].status, list(execution.steps)) == ("Stopped", "Stopped", ["One"])
    assert "-15" in execution.steps["One"].reason


def test_ends_even_what_does_not_listen(sandbox: Sandbox) -> None:
    execution = sandbox.execution(text(processing("One", "deaf")))
    execution.grace_s = 0.05
    stop_after(execution, "deaf")
    assert execution.status == "Stopped"
    assert "-9" in execution.steps["One"].reason


def test_starts_nothing_once_it_is_stopped(sandbox: Sandbox) -> None:
    execution = sandbox.execution(text(processing("One", "make")))
    execution.stop()
    assert (execution.run(), execution.steps) == ("Stopped", {})


def test_takes_up_what_is_known_by_its_content(sandbox: Sandbox) -> None:
    sandbox.write("s3://dump/raw/a.txt", b"one")

    def run(id_: str, name: str = "ml.m5.large", **more: Any) -> list[bool]:
        made = f"s3://dump/{id_}/made"
        one = processing("One", "copy", inputs={"in": "s3://dump/raw"}, **more)
        one["Arguments"]["ProcessingOutputConfig"]["Outputs"][0]["S3Output"]["S3Uri"] = made
        one["Arguments"]["ProcessingResources"]["ClusterConfig"]["InstanceType"] = name
        execution = sandbox.execution(text(one), id_, cached=True)
        assert execution.run() == "Succeeded", execution.reason
        assert sandbox.read(f"{made}/b.txt") == sandbox.read("s3://dump/raw/a.txt") + b"!"
        return [step.from_cache for step in execution.steps.values()]

    assert run("first") == [False]
    assert run("second", "ml.c7i.xlarge") == [True]  # where it runs and which execution it is of decide nothing
    assert run("third", CacheConfig={"Enabled": False}) == [False]
    sandbox.write("s3://dump/raw/a.txt", b"two")
    assert run("fourth") == [False]
    (complete,) = [mark for mark in (sandbox.folder / "cache").glob("*/complete") if (mark.parent / "made/b.txt").read_bytes() == b"two!"]
    complete.unlink()  # as a crash would leave it
    assert run("fifth") == [False]
