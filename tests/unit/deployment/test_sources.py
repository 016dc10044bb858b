from pathlib import Path

import pytest

from deployment import image_context, jobs_zip
from deployment.paths import ROOT
from deployment.sources import LEFT_OUT, ONLY_FOR_TRAINING, digest, list_sources, name_below


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("recipe.py", "dataset.py", "data.csv", "README.md", ".env", ".idea/workspace.xml", "pretrained/model.onnx",
                 "golden/seven.png", "tests/test_recipe.py", "test_recipe.py", "__pycache__/recipe.pyc", "rules/__init__.py"):  # fmt: skip
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    return tmp_path


def test_it_should_list_what_functions_and_the_server_run(folder: Path) -> None:
    assert set(name_below(folder, list_sources(folder))) == {"recipe.py", "rules/__init__.py"}


def test_it_should_list_data_and_models_for_training_but_never_a_hidden_file(folder: Path) -> None:
    names = set(name_below(folder, list_sources(folder, for_training=True)))
    assert names == {"recipe.py", "rules/__init__.py", "dataset.py", "data.csv", "pretrained/model.onnx"}


def test_it_should_list_a_folder_whose_own_path_is_hidden(tmp_path: Path) -> None:
    hidden = tmp_path / ".build" / "tests"
    hidden.mkdir(parents=True)
    (hidden / "recipe.py").touch()
    assert list_sources(hidden) == [hidden / "recipe.py"]


def test_its_digest_should_change_with_a_name_a_content_or_a_fact_and_with_nothing_else(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    one.write_text("1")
    other.write_text("2")
    first = digest({"a": one, "b": other}, "3.13")
    assert first == digest({"b": other, "a": one}, "3.13")
    different = [digest({"a": other, "b": one}, "3.13"), digest({"a": one}, "3.13"), digest({"a": one, "b": other}, "3.12")]
    assert len({first, *different}) == 4


def test_the_images_context_should_hold_what_the_dockerfile_copies_and_nothing_that_only_training_reads() -> None:
    context = image_context.build()
    names = set(name_below(context, (path for path in context.rglob("*") if path.is_file())))
    assert {"serving/Dockerfile", "requirements/serving.txt", "requirements/serving-gpu.txt", "recipes/digits/recipe.py"} <= names
    assert {name.split("/")[0] for name in names} == {"serving", "requirements", "recipes"}
    assert not [name for name in names if name.endswith((".onnx", ".md", ".csv", "dataset.py"))]
    assert image_context.build() == context


def test_a_build_by_hand_should_leave_out_the_same() -> None:
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    assert {line.removeprefix("**/") for line in lines if line.startswith("**/")} == {*LEFT_OUT, *ONLY_FOR_TRAINING}


def test_the_jobs_zip_should_be_named_by_what_goes_into_it(tmp_path: Path) -> None:
    path = jobs_zip.build(tmp_path)
    before = path.stat().st_mtime_ns
    assert jobs_zip.build(tmp_path) == path
    assert path.stat().st_mtime_ns == before
