"""What a second `up` takes for the same as the first, and what it synthesizes anew."""

import os
import shutil
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

import pytest

from local.assembly import KEPT, replace_by_kept
from local.assembly_key import CLI_CONTEXT, SOURCES, find_key, merge_context
from local.cdk import CdkFailed

PACKAGES = ".venv/lib/python3.11/site-packages"
ENVIRONMENT = {"PATH": "/bin", "CDK_DEFAULT_REGION": "us-east-1", "TMPDIR": "/tmp/one"}


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout with a file wherever something is read, and with packages."""
    for name in SOURCES:
        path = tmp_path / name if "." in name.rpartition("/")[2] else tmp_path / name / "part/any.txt"
        write(path, "any")
    write(tmp_path / PACKAGES / "aws_cdk_lib-2.1.dist-info/METADATA", "any")
    write(tmp_path / "models/1/model.onnx", "any")
    write(tmp_path / "models/shared.json", "any")
    (tmp_path / "models/1/manifest.json").symlink_to("../shared.json")
    (tmp_path / "model").symlink_to("models/1")
    write(tmp_path / "bundle.zip", "any")
    write(tmp_path / "home/.cdk.json", "{}")
    (tmp_path / "web/client").symlink_to("../clients/js")
    write(tmp_path / "own/recipe.py", "any")
    (tmp_path / "recipes/own").symlink_to("../own")
    (tmp_path / "own/itself").symlink_to(".")
    return tmp_path


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def key_of(checkout: Path, context: Mapping[str, object] | None = None, **environment: str) -> str:
    environment = {**ENVIRONMENT, "HOME": str(checkout / "home"), **environment}
    return find_key({"model_dir": "model", **(context or {})}, environment, [checkout / "bundle.zip"], checkout)


def change(path: str, text: str = "changed") -> Callable[[Path], object]:
    return lambda checkout: write(checkout / path, text)


EDITS: dict[str, Callable[[Path], object]] = {
    "the app": change("app.py"),
    "flags of CDK": change("cdk.json"),
    "values that were looked up": change("cdk.context.json"),
    "versions of the CLI": change("node_modules/.package-lock.json"),
    "a lock": change("requirements/part/any.txt"),
    "a stack": change("stacks/part/any.txt"),
    "a function": change("lambda/part/any.txt"),
    "a recipe": change("recipes/part/any.txt"),
    "the page": change("web/part/any.txt"),
    "the contract": change("docs/openapi.yaml"),
    "what runs the CLI": change("local/cdk.py"),
    "the given model": change("models/1/model.onnx"),
    "what a link in the given model's folder leads to": change("models/shared.json"),
    "a recipe's folder that is a link": change("own/recipe.py"),
    "a bundle that was built anew": change("bundle.zip"),
    "a person's defaults for CDK": change("home/.cdk.json"),
    "a new file": change("serving/new.py", ""),
    "a file that is gone": lambda checkout: (checkout / "pipeline/part/any.txt").unlink(),
    "a file with another name": lambda checkout: (checkout / "training/part/any.txt").rename(checkout / "training/part/other.txt"),
    "a file that may be run": lambda checkout: (checkout / "deployment/part/any.txt").chmod(0o755),
    "where a link leads": lambda checkout: ((checkout / "web/client").unlink(), (checkout / "web/client").symlink_to("../clients")),
    "a version of CDK": lambda checkout: (checkout / PACKAGES / "aws_cdk_lib-2.1.dist-info").rename(
        checkout / PACKAGES / "aws_cdk_lib-2.2.dist-info"
    ),
}


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
def test_synthesizes_anew_after_any_change(checkout: Path, edit: Callable[[Path], object]) -> None:
    before = key_of(checkout)
    edit(checkout)
    assert key_of(checkout) != before


@pytest.mark.parametrize("name", SOURCES)
def test_looks_at_every_source(checkout: Path, name: str) -> None:
    before = key_of(checkout)
    path = checkout / name
    write(path if path.is_file() else path / "part/any.txt", "changed")
    assert key_of(checkout) != before


def test_synthesizes_anew_for_other_settings_and_another_environment(checkout: Path) -> None:
    keys = [
        key_of(checkout),
        key_of(checkout, {"recipe": "salary"}),
        key_of(checkout, {"recipe": "digits"}),
        key_of(checkout, {"recipe": "digits", "auth": "jwt"}),
        key_of(checkout, {"model_dir": ""}),
        key_of(checkout, {"stage": "dev"}),
        key_of(checkout, {"aws:cdk:enable-path-metadata": True}),
        key_of(checkout, {"availability-zones:account=1:region=eu-west-1": ["eu-west-1a"]}),
        key_of(checkout, CDK_DEFAULT_REGION="eu-west-1"),
        key_of(checkout, CDK_DEFAULT_ACCOUNT="123456789012"),
        key_of(checkout, CDK_VALIDATION="false"),
        key_of(checkout, CDK_OF_LATER="1"),
        key_of(checkout, JSII_RUNTIME="other.js"),
        key_of(checkout, NODE_OPTIONS="--require other.js"),
        key_of(checkout, CONTEXT_OVERFLOW_LOCATION_ENV="/tmp/more.json"),
    ]
    assert len(set(keys)) == len(keys)


def test_does_not_look_at_what_is_no_part_of_it(checkout: Path) -> None:
    before = key_of(checkout)
    write(checkout / "tests/test_any.py", "changed")
    (checkout / "models/1/more").symlink_to("/")
    write(checkout / "stacks/__pycache__/any.pyc", "changed")
    os.utime(checkout / "app.py", (0, 0))
    shell = {"TMPDIR": "/tmp/other", "PATH": "/usr/bin", "CDK_OUTDIR": "other", "CDK_CLI_VERSION": "2.1", "JSII_NODE": "node"}
    assert key_of(checkout, **shell) == before


def test_takes_settings_from_where_the_cli_takes_them(checkout: Path) -> None:
    """So that `inferstack synth` finds what `npx cdk synth` has kept; and the model that cdk.json names is looked at."""
    write(checkout / "home/.cdk.json", '{"context": {"recipe": "a person\'s", "auth": "jwt", "tracing": "true"}, "output": "out"}')
    write(checkout / "cdk.context.json", '{"recipe": "looked up", "auth": "none"}')
    write(checkout / "cdk.json", '{"app": "python", "context": {"recipe": "digits", "model_dir": "models/1"}}')
    merged = merge_context({"stage": "dev", "recipe": "salary"}, checkout / "home", checkout)
    settings = {"stage": "dev", "recipe": "salary", "model_dir": "models/1", "auth": "none", "tracing": "true"}
    assert merged == {**settings, **CLI_CONTEXT}
    before = key_of(checkout, merged)
    write(checkout / "models/1/model.onnx", "changed")
    assert key_of(checkout, merged) != before


@pytest.mark.parametrize("content", ["", "{", None], ids=["empty", "broken", "missing"])
def test_leaves_it_to_the_cli_to_refuse_a_file_of_settings(checkout: Path, content: str | None) -> None:
    for name in ("home/.cdk.json", "cdk.context.json", "cdk.json"):
        (checkout / name).unlink(missing_ok=True)
        if content is not None:
            write(checkout / name, content)
    assert merge_context({"stage": "dev"}, checkout / "home", checkout) == {"stage": "dev", **CLI_CONTEXT}


class Maker:
    """Writes assemblies that tell their number."""

    def __init__(self, during: Callable[[], object] = lambda: None) -> None:
        self.during, self.count = during, 0

    def __call__(self, folder: Path) -> None:
        self.count += 1
        self.during()
        write(folder / "manifest.json", f"{self.count}")


def replace(checkout: Path, assembly: str, make: Callable[[Path], None], context: Mapping[str, str] | None = None) -> None:
    replace_by_kept(checkout / assembly, checkout / "store", partial(key_of, checkout, context), make)


def test_makes_an_assembly_once_and_copies_it_whole(checkout: Path) -> None:
    make = Maker()
    for name in ("first", "second", "first"):
        write(checkout / "state" / name / "of-the-run-before.json", "{}")
        replace(checkout, f"state/{name}", make)
        assert {path.name: path.read_text() for path in (checkout / "state" / name).iterdir()} == {"manifest.json": "1"}


def test_keeps_none_that_an_edit_met_while_it_was_made(checkout: Path) -> None:
    make = Maker()
    make.during = lambda: write(checkout / "app.py", f"edit {make.count}")
    for count in (1, 2):
        replace(checkout, "state", make)
        assert (checkout / "state/manifest.json").read_text() == str(count)
    assert list((checkout / "store").iterdir()) == []


def test_keeps_none_that_failed_and_leaves_what_was_there(checkout: Path) -> None:
    def fail(folder: Path) -> None:
        write(folder / "half.json", "")
        raise RuntimeError("no")

    write(checkout / "state/manifest.json", "before")
    with pytest.raises(RuntimeError, match="no"):
        replace(checkout, "state", fail)
    assert (checkout / "state/manifest.json").read_text() == "before"
    assert list((checkout / "store").iterdir()) == []


def test_leaves_what_was_there_when_it_is_interrupted(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def copy_half(_: Path, target: Path) -> None:
        write(target / "half.json", "")
        raise KeyboardInterrupt

    write(checkout / "state/cdk.out/manifest.json", "before")
    monkeypatch.setattr(shutil, "copytree", copy_half)
    with pytest.raises(KeyboardInterrupt):
        replace(checkout, "state/cdk.out", Maker())
    assert {path.relative_to(checkout / "state").as_posix() for path in (checkout / "state").rglob("*")} == {
        "cdk.out",
        "cdk.out/manifest.json",
    }


@pytest.mark.parametrize("lock", ["read.7.1.lock", "synth.lock"])
def test_leaves_an_assembly_that_the_cli_reads_or_writes(checkout: Path, lock: str) -> None:
    write(checkout / "state/manifest.json", "before")
    write(checkout / "state" / lock, f"{os.getpid()}")
    with pytest.raises(CdkFailed, match=f"state is used by another cdk, process {os.getpid()}: wait until it has ended"):
        replace(checkout, "state", Maker())
    assert (checkout / "state/manifest.json").read_text() == "before"


@pytest.mark.parametrize("content", [f"{2**22 + 1}", "", "no number"], ids=["of a process that ended", "empty", "broken"])
def test_replaces_an_assembly_whose_lock_a_crash_left(checkout: Path, content: str) -> None:
    write(checkout / "state/synth.lock", content)
    replace(checkout, "state", Maker())
    assert [path.name for path in (checkout / "state").iterdir()] == ["manifest.json"]


def test_keeps_the_ones_that_were_used_last(checkout: Path) -> None:
    make = Maker()
    for number in range(KEPT + 3):
        replace(checkout, "state", make, {"recipe": f"recipe{number}"})
    assert len(list((checkout / "store").iterdir())) == KEPT
    replace(checkout, "state", make, {"recipe": f"recipe{KEPT + 2}"})
    assert make.count == KEPT + 3


def test_keeps_on_where_another_process_takes_old_ones_away(checkout: Path) -> None:
    (checkout / "store").mkdir()
    (checkout / "store/0123").symlink_to("gone")  # it is listed, and then it is not there
    replace(checkout, "state", Maker())
    assert (checkout / "state/manifest.json").is_file()
