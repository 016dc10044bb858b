"""A job as a process: what it finds in /opt/ml and in its variables, what it leaves, and what is said when it fails."""

import io
import json
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from deployment.paths import PYTHON
from pipeline.runner.job_arguments import describe_job, output_urls
from pipeline.runner.job_process import JobContext, JobFailedError, read_last_log_line
from pipeline.runner.jobs import run_job
from tests.unit.pipeline.small_pipelines import OUTPUT, Sandbox, processing, training

LOOK = """
folder = base / ('processing/output/made' if 'processing' in sys.argv[0] else 'model')
seen = {'files': {str(path.relative_to(base)): path.read_text() for path in base.rglob('*') if path.is_file() and path.suffix != '.zip'},
        'folders': sorted(str(path.relative_to(base)) for path in base.rglob('*') if path.is_dir()),
        'arguments': sys.argv, 'environment': dict(os.environ), 'python': sys.executable, 'stdin': sys.stdin.read()}
(folder / 'deep').mkdir()
(folder / 'deep/seen.json').write_text(json.dumps(seen))
print('one', file=sys.stderr)
print('two')
"""
FAILURE = "(base / 'output').mkdir(parents=True, exist_ok=True)\n(base / 'output/failure').write_text(' no such thing\\n')\n"
CODES = {
    "look": LOOK,
    "failure": f"{FAILURE}print('words')\nsys.exit(3)",
    "failure_but_fine": FAILURE,
    "words": "print('almost')\nprint('there')\nsys.exit(4)",
    "wordless": "sys.exit(5)",
    "killed": "import signal\nos.kill(os.getpid(), signal.SIGKILL)",
    "raises": "raise KeyError('what')",
}


@pytest.fixture
def sandbox(tmp_path: Path) -> Sandbox:
    sandbox = Sandbox(tmp_path, CODES)
    sandbox.write("s3://dump/data/rows.csv", b"1,2")
    sandbox.write("s3://dump/data/deep/more.csv", b"3,4")
    return sandbox


@pytest.fixture
def job(sandbox: Sandbox) -> Callable[..., dict[str, Path]]:
    """Return what runs a step's job in a folder of its own."""

    def job(step: dict[str, Any], environment: dict[str, str] | None = None, name: str = "any-abc") -> dict[str, Path]:
        context = JobContext(sandbox.store, environment or {})
        return run_job(step["Type"], name, step["Arguments"], sandbox.folder / "job", context)

    return job


def read_report(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "deep/seen.json").read_text())
    return found


def test_a_processing_job_finds_its_inputs_and_leaves_its_outputs(sandbox: Sandbox, job: Callable[..., dict[str, Path]]) -> None:
    step = processing("One", "look", inputs={"data": "s3://dump/data"}, outputs=("made", "nothing"))
    step["Arguments"]["AppSpecification"]["ContainerArguments"] = ["--limit", "7", "--where", f"{OUTPUT}/made", "/opt/mlops"]
    step["Arguments"]["Environment"] = {"ANY": "1", "WHERE": "/opt/ml/processing"}
    outputs = job(step)
    base = sandbox.folder / "job/ml"
    assert outputs == {"made": base / "processing/output/made", "nothing": base / "processing/output/nothing"}
    assert list(outputs["nothing"].iterdir()) == []
    found = read_report(outputs["made"])
    assert found["files"] == {"processing/input/data/rows.csv": "1,2", "processing/input/data/deep/more.csv": "3,4"}
    assert found["arguments"][1:] == ["--limit", "7", "--where", str(base / "processing/output/made"), "/opt/mlops"]
    assert (found["environment"]["ANY"], found["environment"]["WHERE"]) == ("1", str(base / "processing"))
    assert found["stdin"] == ""


def test_a_training_job_finds_what_sagemaker_gives_one(sandbox: Sandbox, job: Callable[..., dict[str, Path]]) -> None:
    step = training("Train", "look", channels={"train": "s3://dump/data"}, hyperparameters={"rate": 0.5, "deep": True, "name": "x"})
    outputs = job(step, name="Train-abc")
    base = sandbox.folder / "job/ml"
    with tarfile.open(outputs["model"] / "model.tar.gz") as packed:
        found = json.load(packed.extractfile("deep/seen.json") or io.BytesIO())
    given = {"rate": "0.5", "deep": "True", "name": "x"}
    assert {name: json.loads(text) for name, text in found["files"].items() if name.endswith(".json")} == {
        "input/config/hyperparameters.json": given,
        "input/config/inputdataconfig.json": {
            name: {"TrainingInputMode": "File", "S3DistributionType": "FullyReplicated"} for name in ("code", "train")
        },
        "input/config/resourceconfig.json": {"current_host": "algo-1", "hosts": ["algo-1"], "network_interface_name": "lo"},
    }
    assert found["files"]["input/data/train/deep/more.csv"] == "3,4"
    assert {"model", "checkpoints", "output/data"} <= set(found["folders"])
    environment = found["environment"]
    paths = {"SM_MODEL_DIR": "model", "SM_CHANNEL_TRAIN": "input/data/train", "SM_OUTPUT_DATA_DIR": "output/data", "SM_INPUT_DIR": "input"}
    assert {name: environment[name] for name in paths} == {name: str(base / path) for name, path in paths.items()}
    assert (json.loads(environment["SM_CHANNELS"]), json.loads(environment["SM_HPS"])) == (["code", "train"], given)
    assert (environment["SM_HP_RATE"], environment["SM_NUM_GPUS"]) == ("0.5", "0")
    assert (environment["TRAINING_JOB_NAME"], environment["SAGEMAKER_BASE_DIR"]) == ("Train-abc", str(base))
    assert found["arguments"][1:] == ["train"]


def test_packs_the_files_of_the_model_and_nothing_else(job: Callable[..., dict[str, Path]]) -> None:
    outputs = job(training("Train", "look"))
    assert [path.name for path in outputs["model"].iterdir()] == ["model.tar.gz"]
    with tarfile.open(outputs["model"] / "model.tar.gz", "r:gz") as packed:
        assert packed.getnames() == ["deep/seen.json"]


def test_runs_in_this_checkouts_python_with_no_variables_but_those_it_is_given(
    monkeypatch: pytest.MonkeyPatch, job: Callable[..., dict[str, Path]]
) -> None:
    monkeypatch.setenv("SECRET_OF_THIS_SHELL", "any")
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")  # with it each job would compile all that it imports
    found = read_report(job(processing("One", "look"), {"AWS_REGION": "eu-west-1"})["made"])
    assert found["python"] == str(PYTHON)
    assert not {"SECRET_OF_THIS_SHELL", "PYTHONDONTWRITEBYTECODE"} & set(found["environment"])
    assert found["environment"]["AWS_REGION"] == "eu-west-1"


def test_leaves_no_scratch_and_nothing_of_the_run_before(sandbox: Sandbox, job: Callable[..., dict[str, Path]]) -> None:
    for _ in range(2):
        found = read_report(job(processing("One", "look"))["made"])
        assert not Path(found["environment"]["TMPDIR"]).exists()
    assert not [name for name in found["files"] if "output" in name]


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("failure", "no such thing"),
        ("words", "the process ended with status 4. there"),
        ("wordless", "the process ended with status 5."),
        ("killed", "the process ended with status -9."),
        ("raises", "the process ended with status 1. KeyError: 'what'"),
    ],
)
@pytest.mark.parametrize("kind", [processing, training], ids=["processing", "training"])
def test_says_why_it_failed(job: Callable[..., dict[str, Path]], kind: Callable[..., dict[str, Any]], code: str, reason: str) -> None:
    with pytest.raises(JobFailedError) as failed:
        job(kind("One", code))
    assert str(failed.value) == reason


def test_what_ends_well_has_not_failed_whatever_it_left(job: Callable[..., dict[str, Path]]) -> None:
    assert set(job(training("Train", "failure_but_fine"))) == {"model"}


def test_keeps_all_that_a_job_says(sandbox: Sandbox, job: Callable[..., dict[str, Path]]) -> None:
    assert read_last_log_line(sandbox.folder / "job") == ""
    job(processing("One", "look"))
    assert (sandbox.folder / "job/log").read_text() == "one\ntwo\n"
    assert read_last_log_line(sandbox.folder / "job") == "two"


@pytest.mark.parametrize("kind", [processing, training], ids=["processing", "training"])
def test_begins_nothing_when_an_input_is_empty(sandbox: Sandbox, job: Callable[..., dict[str, Path]], kind: Callable[..., Any]) -> None:
    step = kind("One", "look", **{"inputs" if kind is processing else "channels": {"data": "s3://dump/nothing"}})
    with pytest.raises(JobFailedError, match="the input data is empty: there is nothing at s3://dump/nothing"):
        job(step)
    assert not (sandbox.folder / "job/log").exists()


@pytest.mark.parametrize("path", ["/etc", "/opt/mlops/made", f"{OUTPUT}/../../../made", "made", "/opt/ml"])
@pytest.mark.parametrize("where", ["input", "output"])
def test_mounts_nothing_but_below_opt_ml(sandbox: Sandbox, job: Callable[..., dict[str, Path]], where: str, path: str) -> None:
    step = processing("One", "look", inputs={"data": "s3://dump/data"})
    if where == "input":
        step["Arguments"]["ProcessingInputs"][1]["S3Input"]["LocalPath"] = path
    else:
        step["Arguments"]["ProcessingOutputConfig"]["Outputs"][0]["S3Output"]["LocalPath"] = path
    with pytest.raises(JobFailedError, match=f"{path} is not below /opt/ml"):
        job(step)
    assert not (sandbox.folder / "job/log").exists()


def test_tells_each_process_to_who_may_end_it(sandbox: Sandbox) -> None:
    processes: list[Any] = []
    step = processing("One", "wordless")
    with pytest.raises(JobFailedError):
        run_job(step["Type"], "any", step["Arguments"], sandbox.folder / "job", JobContext(sandbox.store, {}, processes.append))
    assert [process.returncode for process in processes] == [5]


def test_describes_a_job_as_later_steps_refer_to_it() -> None:
    step = training("Train", "look")
    assert output_urls("Training", "Train-abc", step["Arguments"]) == {"model": "s3://dump/models/Train-abc/output"}
    assert describe_job("Training", "Train-abc", step["Arguments"])["ModelArtifacts"] == {
        "S3ModelArtifacts": "s3://dump/models/Train-abc/output/model.tar.gz"
    }
    step = processing("One", "look", outputs=("a", "b"))
    assert output_urls("Processing", "One-abc", step["Arguments"]) == {"a": "s3://dump/One/a", "b": "s3://dump/One/b"}
    assert describe_job("Processing", "One-abc", step["Arguments"])["ProcessingOutputConfig"]["Outputs"]["b"]["S3Output"] == {
        "S3Uri": "s3://dump/One/b",
        "LocalPath": f"{OUTPUT}/b",
    }
