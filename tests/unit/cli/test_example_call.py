"""The curl that `up` prints: for each recipe one that its API takes."""

import shlex
from pathlib import Path

import pytest

from cli.status.example_call import build_example_call
from deployment.paths import ROOT
from functions.predict.reading.codecs import decode
from recipes.recipe import list_names, load
from tests.unit.cli.world import build_state


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
    url, content_type, body = split(build_example_call(build_state(name)))
    assert url == "http://127.0.0.1:1/predictions"
    assert len(decode(body, content_type, recipe).instances) == recipe.instance_bytes


def test_carries_the_sign_in() -> None:
    assert '-H "authorization: Bearer $(inferstack token)"' in build_example_call(build_state("digits", auth="jwt"))
    signed = shlex.split(build_example_call(build_state("digits", auth="iam")))
    assert signed[-4:] == ["--aws-sigv4", "aws:amz:us-east-1:execute-api", "--user", "key:secret"]
