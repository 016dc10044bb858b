"""What the pipeline's jobs do with what SageMaker mounts, and what they leave there."""

import gzip
import hashlib
import io
import json
import pickle
import shutil
import sys
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from recipes.dataset import Dataset, Split, read_split
from recipes.dataset import load as load_data
from recipes.errors import InvalidSettings
from recipes.models.archive import pack
from recipes.recipe import load, parse_names
from tests import tiny_model
from training.metrics import statistics
from training.steps import layout, prepare
from training.steps.__main__ import main
from training.steps.evaluate import summarize, unpack_candidates
from training.steps.prepare import describe, name_splits
from training.steps.train import Log

DIGITS, SALARY = load("digits"), load("salary")
Step = Callable[..., int]
ARCHIVE = ("--archive-url", "s3://dump/best/model.tar.gz", "--call", "inferstack pipeline run digits --folder 'my models'")


@pytest.fixture
def base(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that stands for /opt/ml."""
    monkeypatch.setenv("SAGEMAKER_BASE_DIR", str(tmp_path / "ml"))
    monkeypatch.setenv("INFERSTACK_BUCKETS_DIR", str(tmp_path))
    monkeypatch.delenv("INFERSTACK_CHECKPOINT_DIR", raising=False)
    return tmp_path / "ml"


@pytest.fixture
def step(base: Path, monkeypatch: pytest.MonkeyPatch) -> Step:
    """Return what runs a step as its job does, and gives its exit status."""

    def step(*words: str) -> int:
        monkeypatch.setattr(sys, "argv", ["training.steps", *words])
        return main()

    return step


def pack_link(name: str, target: str) -> bytes:
    """Return an archive whose member is a link."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as tar:
        entry = tarfile.TarInfo(name)
        entry.type, entry.linkname = tarfile.SYMTYPE, target
        tar.addfile(entry)
    return out.getvalue()


def pack_long_name(length: int) -> bytes:
    """Return an archive whose member's name is that long."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz", format=tarfile.GNU_FORMAT) as tar:
        tar.addfile(tarfile.TarInfo("a" * length))
    return out.getvalue()


def raw_digits(base: Path, brightest: int = 255) -> None:
    """Mount a few images as the tutorial's file has them."""

    def pair(count: int) -> tuple[np.ndarray, np.ndarray]:
        images = np.random.default_rng(count).integers(0, 255, (count, 784))
        images[0, 0] = brightest
        return (images / np.float32(256)).astype(np.float32), np.arange(count) % 10

    folder = base / "processing/input/raw"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "mnist.pkl.gz").write_bytes(gzip.compress(pickle.dumps((pair(12), pair(5), pair(4)))))
    (folder / "_READY").touch()


def raw_salary(base: Path) -> None:
    folder = base / "processing/input/raw"
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(Path(layout.__file__).parents[2] / "recipes/salary/data.csv", folder / "data.csv")


def output(base: Path, name: str) -> Path:
    return base / "processing/output" / name


def about(base: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((output(base, "about") / "dataset.json").read_text())
    return found


def failure(base: Path) -> str:
    return (base / "output/failure").read_text()


def test_prepares_each_split_where_its_output_is_taken_from(base: Path, step: Step) -> None:
    raw_digits(base)
    assert step("prepare", "--recipe", "digits") == 0
    sizes = {}
    for name in ("train", "validation", "test"):
        split = layout.read_split(DIGITS, output(base, name))
        assert (split.inputs.shape[1:], split.inputs.dtype) == ((28, 28), np.uint8)
        sizes[name] = len(split)
    raw = (base / "processing/input/raw/mnist.pkl.gz").read_bytes()
    assert sizes == {"train": 12, "validation": 5, "test": 4}
    assert about(base)["instances"] == sizes
    assert about(base)["raw_sha256"] == {"mnist.pkl.gz": hashlib.sha256(raw).hexdigest()}
    assert not (base / "output").exists()


def test_prepares_nothing_of_a_delivery_that_another_execution_trains(base: Path, step: Step, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*told: str) -> None:
        raise InvalidSettings(f"another trains {' '.join(told)}")

    monkeypatch.setattr(prepare, "claim_delivery", refuse)
    raw_digits(base)
    told = ("--marker", "s3://dump/raw/digits/_READY", "--deliveries", "s3://dump/datasets/digits/deliveries", "--execution", "two")
    assert step("prepare", "--recipe", "digits", "--started-by", "event", *told) == 1
    assert "another trains s3://dump/raw/digits/_READY s3://dump/datasets/digits/deliveries two" in failure(base)
    assert not output(base, "train").exists()
    assert step("prepare", "--recipe", "digits", "--started-by", "hand", *told) == 0


def test_the_digest_is_of_what_the_splits_hold(base: Path, step: Step) -> None:
    def digest(*words: str, brightest: int = 255) -> str:
        raw_digits(base, brightest)
        assert step("prepare", "--recipe", "digits", *words) == 0
        return str(about(base)["sha256"])

    first = digest()
    assert digest() == first
    assert digest(brightest=254) != first  # one pixel
    assert digest("--limit", "3") != first


def test_the_digest_is_of_the_data_and_of_nothing_else() -> None:
    data = load_data("salary")
    again = Dataset(data.train, data.validation, data.test, {"another": "file"})
    moved = Dataset(data.train, data.test, data.validation, data.sha256)
    digests = [describe("salary", each)["sha256"] for each in (data, again, moved)]
    assert digests[0] == digests[1] != digests[2]


def test_pictures_are_kept_as_npy(base: Path, few: Dataset) -> None:
    layout.write_split(DIGITS, few.test, base / "test")
    np.testing.assert_array_equal(read_split(base / "test").inputs, few.test.inputs)


def test_prepares_no_more_than_it_is_told_to(base: Path, step: Step) -> None:
    raw_digits(base)
    assert step("prepare", "--recipe", "digits", "--limit", "3") == 0
    assert about(base)["instances"] == {"train": 3, "validation": 3, "test": 3}
    assert step("prepare", "--recipe", "digits", "--limit", "0") == 0
    assert about(base)["instances"] == {"train": 12, "validation": 5, "test": 4}


def test_writes_a_table_as_sagemakers_own_algorithms_read_it(base: Path, step: Step) -> None:
    raw_salary(base)
    assert step("prepare", "--recipe", "salary") == 0
    assert [path.name for path in output(base, "train").iterdir()] == ["data.rec"]
    assert layout.read_split(SALARY, output(base, "train")).inputs.shape == (18, 1)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--recipe", "digits", "--candidates", "cnn, hal"), "digits has no candidate 'hal'; it has"),
        (("--recipe", "weather"), "no recipe 'weather'; there are"),
        (("--recipe", "digits"), "mnist.pkl.gz is not the tutorial's"),
        (("--recipe", "salary"), "data.csv"),
    ],
)
def test_leaves_the_reason_where_sagemaker_looks_for_it(base: Path, step: Step, words: tuple[str, ...], said: str) -> None:
    raw_digits(base)
    (base / "processing/input/raw/mnist.pkl.gz").write_bytes(b"no gzip")
    assert step("prepare", *words) == 1
    assert said in failure(base)
    assert (base / "output/message").read_text() == failure(base)
    assert not (base / "processing/output").exists()


def test_a_reason_is_no_longer_than_sagemaker_takes(base: Path) -> None:
    layout.leave_failure("x" * 5000)
    assert failure(base) == "x" * 1024


def test_a_fault_of_ours_leaves_its_reason_and_its_traceback(base: Path, step: Step, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise TypeError("a fault")

    monkeypatch.setattr("training.steps.evaluate.unpack_candidates", fail)
    with pytest.raises(TypeError):
        step("evaluate", "--recipe", "digits", *ARCHIVE)
    assert failure(base) == "TypeError: a fault"


HOSTILE: dict[str, Callable[[], bytes]] = {  # made by the tests: each process names all tests, and one of these takes a second
    "no archive": lambda: b"no archive",
    "a model that is a link": lambda: pack_link("model.onnx", "/etc/passwd"),
    "a name of 2 MB": lambda: pack_long_name(2 << 20),
    "20,000 members": lambda: pack({f"{number}": b"" for number in range(20_000)}),
    "no manifest": lambda: pack({"model.onnx": b"model"}),
}


@pytest.mark.parametrize("make", HOSTILE.values(), ids=HOSTILE)
def test_refuses_a_hostile_archive_of_a_candidate(base: Path, step: Step, make: Callable[[], bytes]) -> None:
    candidate(base, "cnn", make())
    assert step("evaluate", "--recipe", "digits", *ARCHIVE) == 1
    assert failure(base).startswith("InvalidArtifact: ")


@pytest.mark.parametrize("words", [(), ("deploy",)])
def test_refuses_what_is_no_step(base: Path, step: Step, words: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    assert step(*words) == 2
    assert "expected one of prepare, train, evaluate" in capsys.readouterr().err


def given(base: Path, recipe: str = "salary", **hyperparameters: str) -> None:
    """Write the hyperparameters of a training job, all of them text."""
    path = base / "input/config/hyperparameters.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    fixed = {"recipe": recipe, "candidate": "linear", "trainer": "linear", "candidates": "linear", "seed": "3"}
    path.write_text(json.dumps({**fixed, **hyperparameters}))


def channels(base: Path) -> None:
    """Mount splits of a line that a regression finds."""
    inputs = np.linspace(1, 20, 40, dtype=np.float32).reshape(-1, 1)
    for name in ("train", "validation"):
        layout.write_split(SALARY, Split(inputs, 3 * inputs[:, 0] + 2), base / "input/data" / name)


def test_ends_at_once_when_its_candidate_is_not_wanted(base: Path, step: Step) -> None:
    given(base, "digits", candidate="cnn", trainer="cnn", candidates="xgboost, xgboost_tuned")  # no channel is mounted
    assert step("train") == 0
    assert [path.name for path in (base / "model").iterdir()] == ["skipped.json"]
    assert json.loads((base / "model/skipped.json").read_text()) == {"candidate": "cnn", "reason": "not among xgboost, xgboost_tuned"}


def test_trains_with_hyperparameters_of_the_types_they_had(
    base: Path, step: Step, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("INFERSTACK_CODE", "0a1b")
    channels(base)
    wanted = {"num_models": 2, "loss": "absolute_loss", "epochs": 40, "any_rate": 0.5, "any_switch": True}
    given(base, **{name: json.dumps(value) for name, value in wanted.items()})
    assert step("train") == 0
    assert sorted(path.name for path in (base / "model").iterdir()) == ["manifest.json", "model.onnx"]
    manifest = json.loads((base / "model/manifest.json").read_text())
    provenance = manifest["provenance"]
    assert provenance["hyperparameters"] == wanted
    assert {name: type(value) for name, value in provenance["hyperparameters"].items()} == {n: type(v) for n, v in wanted.items()}
    assert (manifest["name"], provenance["seed"], provenance["code"]) == ("linear", 3, "0a1b")
    content = {f"{name}/data.rec": (base / "input/data" / name / "data.rec").read_bytes() for name in ("train", "validation")}
    assert provenance["data_sha256"] == {name: hashlib.sha256(each).hexdigest() for name, each in content.items()}
    assert f"linear is version {manifest['version']}" in capsys.readouterr().out


def test_says_which_hyperparameter_is_missing(base: Path, step: Step) -> None:
    given(base)
    path = base / "input/config/hyperparameters.json"
    path.write_text(json.dumps({name: value for name, value in json.loads(path.read_text()).items() if name != "candidate"}))
    assert step("train") == 1
    assert failure(base) == "KeyError: candidate"


@pytest.mark.parametrize(("text", "names"), [("cnn, xgboost", ["cnn", "xgboost"]), (" cnn ,", ["cnn"]), ("", []), (" , ", [])])
def test_reads_the_names_of_a_list(text: str, names: list[str]) -> None:
    assert parse_names(text) == names


def test_logs_no_more_than_a_line_a_second_but_always_the_last(capsys: pytest.CaptureFixture[str]) -> None:
    log = Log("cnn")
    for done in range(1, 101):
        log(done, 100, f"loss {done}")
    lines = capsys.readouterr().out.splitlines()
    assert (lines[0], lines[-1]) == ("cnn 1/100 loss 1", "cnn 100/100 loss 100")
    assert len(lines) < 20


def candidate(base: Path, name: str, archive: bytes) -> None:
    path = base / "processing/input/candidates" / name / "model.tar.gz"
    path.parent.mkdir(parents=True)
    path.write_bytes(archive)


def test_compares_those_that_made_a_model(base: Path, tmp_path: Path) -> None:
    candidate(base, "cnn", pack({"skipped.json": b"{}"}))
    candidate(base, "xgboost", pack({"model.onnx": b"model", "manifest.json": b"{}"}))
    found = unpack_candidates(base / "processing/input/candidates", tmp_path / "scratch")
    assert {name: sorted(path.name for path in folder.iterdir()) for name, folder in found.items()} == {
        "xgboost": ["manifest.json", "model.onnx"]
    }


MODEL = {"model.onnx": b"model", "manifest.json": b"{}"}


def test_takes_nothing_from_an_archive_but_the_model(base: Path, tmp_path: Path) -> None:
    candidate(base, "cnn", pack({"../../../escaped": b"any", **MODEL, "deep/manifest.json": b"{}", "notes": b"any"}))
    unpack_candidates(base / "processing/input/candidates", tmp_path / "deep/deep/scratch")
    assert sorted(path.name for path in (tmp_path / "deep").rglob("*") if path.is_file()) == ["manifest.json", "model.onnx"]


def test_fails_when_no_candidate_made_a_model(base: Path, step: Step) -> None:
    candidate(base, "cnn", pack({"skipped.json": b"{}"}))
    assert step("evaluate", "--recipe", "digits", *ARCHIVE) == 1
    assert "no candidate was trained; name at least one" in failure(base)


def evaluation(score: float, name: str = "any") -> dict[str, Any]:
    return {"accuracy": score, "model": {"name": name, "version": f"1.0.0+{name}"}, "latency_ms": {"1": 0.5}}


def test_says_which_candidate_is_best_and_by_how_much() -> None:
    found = summarize(
        DIGITS,
        {"cnn": evaluation(0.996, "a"), "xgboost": evaluation(0.98, "b"), "champion": evaluation(0.999, "c")},
    )
    assert found == {
        "schema": 1,
        "recipe": "digits",
        "metric": "accuracy",
        "best": {"name": "cnn", "score": 0.996, "version": "1.0.0+a"},
        "champion": {"score": 0.999, "version": "1.0.0+c"},
        "improvement": -0.003,
        "candidates": {"cnn": {"score": 0.996, "latency_ms": {"1": 0.5}}, "xgboost": {"score": 0.98, "latency_ms": {"1": 0.5}}},
    }


@pytest.mark.parametrize(
    ("score", "champion", "improvement"), [(0.996, 0.996, 0.0), (0.1 + 0.2, 0.3, 0.0), (0.3, 0.1, 0.2), (0.9, 0.95, -0.05)]
)
def test_an_improvement_is_as_exact_as_the_scores_are(score: float, champion: float, improvement: float) -> None:
    assert summarize(DIGITS, {"cnn": evaluation(score), "champion": evaluation(champion)})["improvement"] == improvement


def test_is_better_than_nothing_where_there_is_no_champion() -> None:
    found = summarize(DIGITS, {"cnn": evaluation(0.5)})
    assert (found["champion"], found["improvement"]) == (None, 0.5)


def test_statistics_have_the_form_that_the_registry_draws() -> None:
    matrix = [[row * 10 + column for column in range(10)] for row in range(10)]
    found = statistics.describe_model_quality(DIGITS, {"accuracy": 0.97, "confusion_matrix": matrix})["multiclass_classification_metrics"]
    assert found["accuracy"] == found["weighted_recall"] == {"value": 0.97, "standard_deviation": "NaN"}
    assert found["confusion_matrix"]["3"] == {str(column): 30 + column for column in range(10)}
    figures = {"r2": 0.9, "mae": 1.0, "rmse": 2.0, "rows": 6}
    assert statistics.describe_model_quality(SALARY, figures) == {
        "regression_metrics": {name: {"value": figures[name], "standard_deviation": "NaN"} for name in ("mae", "rmse", "r2")}
    }


def test_a_model_that_is_not_its_manifests_is_not_compared(base: Path, step: Step) -> None:
    raw_digits(base)
    assert step("prepare", "--recipe", "digits") == 0
    for name in ("validation", "test"):
        shutil.copytree(output(base, name), base / "processing/input" / name)
    content = tiny_model.onnx_bytes()
    manifest = json.dumps(tiny_model.manifest(content)).encode()
    candidate(base, "cnn", pack({"model.onnx": content + b"!", "manifest.json": manifest}))
    assert step("evaluate", "--recipe", "digits", *ARCHIVE) == 1
    assert "manifest.json says" in failure(base)
    assert not (base.parent / "dump").exists()


def test_splits_are_called_as_the_definition_calls_them() -> None:
    from pipeline.steps import SPLITS

    nothing = Split(np.zeros((0, 1)), np.zeros(0))
    assert tuple(name_splits(Dataset(nothing, nothing, nothing, {}))) == SPLITS
