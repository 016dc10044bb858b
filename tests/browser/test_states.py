"""Every state of the page, wide and narrow, light and dark, magnified and listened to: nothing to stumble over."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from tests.browser.axe import find_violations
from tests.browser.conftest import screenshot
from tests.browser.layout import BESIDE, CUT, OVERLAPS, SMALL_TARGETS, UNSEEN
from tests.browser.speech import find_flaws, read_tree
from tests.browser.states import STATES, Scene

WIDE, NARROW = {"width": 1280, "height": 800}, {"width": 390, "height": 844}
# Also the cards that are out of sight, which browsers lay out when they come into it.
DRAW_ALL = "document.querySelectorAll('.card').forEach((card) => (card.style.contentVisibility = 'visible'))"
# What is said on the way into a state, where it is not plain from the others.
SAID = {
    "answered": ["This is a 7, 99.8 %"],
    "several": ["4 digits on it, 4 2 7 1"],
    "thanked": ["This is a 7, 99.8 %", "You said it was a 1."],
    "told_to_wait": ["Endpoint starting. The endpoint is scaling from zero. Wait a moment. Trying again in 9 seconds."],
    "numbers_refused": ["Experience cannot be below 0 years."],
    "uploads_failed": [
        "notes.pdf is uploaded",
        "notes.pdf: Unsupported content type. The upload is a PDF. Upload a picture, CSV, JSON Lines, npy, idx or zip.",
        "blank.csv is uploaded",
        "blank.csv: nothing was read",
    ],
}


@pytest.mark.parametrize("name", STATES)
def test_every_state_is_for_everybody(scene: Scene, name: str) -> None:
    """Looked at in five ways, listened to, and magnified, on one way into the state: the way is most of what it takes."""
    page = STATES[name](scene)
    said = page.evaluate("said")
    page.evaluate(DRAW_ALL)
    found = {"ear": find_flaws(read_tree(page)), **dict(look_at(page, name)), **dict(magnify(page, name))}
    assert [(look, flaw) for look, flaws in found.items() for flaw in flaws] == []
    assert said == SAID.get(name, said)
    assert [text for text in said if said.count(text) > 1 or re.search(r"[.!?] [a-z]|\b(undefined|null|NaN)\b", text)] == []


def look_at(page: Page, name: str) -> Iterator[tuple[str, list[str]]]:
    """Yield the flaws of each look: wide and narrow, light and dark, and in colours that people forced."""
    for look, viewport, scheme, rules in (
        ("wide-light", WIDE, "light", ()),
        ("wide-dark", WIDE, "dark", ("color-contrast",)),
        ("narrow-dark", NARROW, "dark", ()),
        ("narrow-light", NARROW, "light", ("color-contrast",)),
    ):
        page.set_viewport_size(viewport)  # type: ignore[arg-type]
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        flaws = find_violations(page, *rules)
        if not rules:
            flaws += page.evaluate(SMALL_TARGETS)
        yield look, flaws + page.evaluate(BESIDE)
        screenshot(page, f"state-{name}-{look}")
    page.emulate_media(forced_colors="active")
    yield "forced colours", page.evaluate(UNSEEN)
    screenshot(page, f"state-{name}-forced")
    page.emulate_media(forced_colors="none")


def magnify(page: Page, name: str) -> Iterator[tuple[str, list[str]]]:
    """Yield the flaws by the page's zoom, which leaves less room, and by the size of the browser's text alone."""
    for look, viewport, text in (
        ("200 %", {"width": 640, "height": 400}, "100%"),  # what is left of 1280 x 800
        ("400 %", {"width": 320, "height": 256}, "100%"),  # of 1280 x 1024
        ("large text", WIDE, "200%"),
        ("large text, narrow", NARROW, "200%"),
    ):
        page.set_viewport_size(viewport)  # type: ignore[arg-type]
        page.evaluate("(size) => (document.documentElement.style.fontSize = size)", text)
        yield look, [flaw for probe in (OVERLAPS, CUT, BESIDE) for flaw in page.evaluate(probe)]
        screenshot(page, f"state-{name}-{look.replace(' %', '').replace(', ', '-').replace(' ', '-')}")
