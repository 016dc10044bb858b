"""The viewer of the API's documentation, as it is laid beside the page."""

import pytest

from deployment import api_viewer
from deployment.api_viewer import build_viewer
from recipes.errors import NotBuilt


def test_names_the_viewer_by_its_content() -> None:
    folder = build_viewer()
    assert (folder / "swagger-ui/swagger-ui-bundle.js").stat().st_size > 1_000_000
    assert (folder / "swagger-ui/LICENSE").is_file()
    assert build_viewer() == folder


def test_says_how_to_get_the_viewer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api_viewer, "FILES", ("nothing.js",))
    with pytest.raises(NotBuilt, match=r"node_modules/swagger-ui-dist lacks nothing\.js; run `make setup`"):
        build_viewer()
