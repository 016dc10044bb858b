"""The curl that `up` prints: for each recipe one that its API takes."""

import shlex
from pathlib import Path

import pytest

from cli.commands.up import find_recipe
from cli.example_call import build_example_call
from deployment.paths import ROOT
from deployment.stages import settings_for
from functions.predict.codecs import decode
from local.run_state import RunState
from recipes.recipe import list_names, load


def split(command: str) -> tuple[str, str, bytes]:
    """Return a curl's address, content type and body."""
    _, _, url, _, header, option, data = shlex.split(command)
    assert option == ("--data-binary" if data.startswith("@") else "-d")
    body = Path(data[1:]).read_bytes() if data.startswith("@") else data.encode()
    return url, header.removeprefix("content-type: "), body


@pytest.mark.parametrize("name", list_names())
@pytest.mark.parametrize("folder", [ROOT, Path("/")])
def test_sends_what_the_recipe_takes_from_any_folder(name: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    recipe = load(name)
    url, content_type, body = split(build_example_call("http://127.0.0.1:1", recipe))
    assert url == "http://127.0.0.1:1/predictions"
    assert len(decode(body, content_type, recipe)) == recipe.instance_bytes


@pytest.mark.parametrize("name", list_names())
def test_knows_the_recipe_of_a_stack_that_runs_already(name: str) -> None:
    endpoint = settings_for("local", recipe=name).endpoint_name
    state = RunState(1, 2, "api", "page", "s3", "dump", "uploads", "results", "events", endpoint, 0.0)
    assert find_recipe(state) == name
