"""Every state of the page, wide and narrow, light and dark: no violation that axe-core knows, and nothing beside the page."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page

from tests.browser.axe import find_violations
from tests.browser.conftest import screenshot
from tests.browser.servers import FakeApi, FakePage
from tests.browser.states import STATES, Scene
from tests.browser.upload_servers import FakeCloud, serve_uploads

WIDE, NARROW = {"width": 1280, "height": 800}, {"width": 390, "height": 844}


@pytest.fixture
def scene(api: FakeApi, site: FakePage, open_page: Callable[..., Page]) -> Iterator[Scene]:
    cloud = FakeCloud()
    with serve_uploads(cloud, api, site):
        yield Scene(api, site, cloud, lambda **options: open_page(reduced_motion="reduce", **options))


@pytest.mark.parametrize("name", STATES)
def test_every_state_is_for_everybody(scene: Scene, name: str) -> None:
    page = STATES[name](scene)
    found = {}
    for look, viewport, scheme, rules in (
        ("wide-light", WIDE, "light", ()),
        ("wide-dark", WIDE, "dark", ("color-contrast",)),
        ("narrow-dark", NARROW, "dark", ()),
        ("narrow-light", NARROW, "light", ("color-contrast",)),
    ):
        page.set_viewport_size(viewport)  # type: ignore[arg-type]
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        found[look] = find_violations(page, *rules)
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            found[look].append("scrolls sideways")
        screenshot(page, f"state-{name}-{look}")
    assert found == {look: [] for look in found}
