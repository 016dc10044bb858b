"""The page for everybody: keyboard, screen reader, contrast, narrow screens, little motion."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import ask, draw, stop_clock
from tests.browser.servers import FakeApi, answer, problem
from tests.browser.states import STATES, Scene

SEVEN = [(0.3, 0.24), (0.7, 0.22), (0.44, 0.81)]

OUTSIDE = """[...document.querySelectorAll("main *:not(.hidden, .hidden *, .wide, code, .confusion *)")]
    .filter((e) => e.getBoundingClientRect().right > innerWidth + 0.5).map((e) => e.outerHTML)"""
PLACES = """["#pad", "#seen", "#bars", "#latency", "#code"].map((id) => {
    const box = document.querySelector(id).getBoundingClientRect();
    return [box.left, box.top + scrollY];
})"""
NAMELESS = """[...document.querySelectorAll("button, input, canvas[role], [tabindex]")]
    .filter((e) => !(e.ariaLabel || e.labels?.[0]?.textContent.trim() || e.textContent.trim() || e.title)).map((e) => e.outerHTML)"""
# The name of what has the focus, and whether people can see that it has.
FOCUS = """() => {
    const e = document.activeElement;
    const { outlineStyle, outlineWidth } = getComputedStyle(e.type === "file" ? e.labels[0] : e);
    const name = e.ariaLabel ?? e.labels?.[0]?.textContent ?? (e.textContent.trim() || e.title);
    return [name, outlineStyle !== "none" && parseFloat(outlineWidth) >= 2];
}"""
OVERHEAR = """() => {
    const alert = document.getElementById("alert");
    window.said = [];
    new MutationObserver(() => window.said.push(alert.textContent)).observe(alert, { childList: true, characterData: true, subtree: true });
}"""


def test_uses_the_colour_scheme_people_chose(open_page: Callable[..., Page]) -> None:
    grounds = [open_page(color_scheme=scheme).evaluate("getComputedStyle(document.body).backgroundColor") for scheme in ("light", "dark")]
    light, dark = [sum(map(int, re.findall(r"\d+", ground))) for ground in grounds]
    assert light > 600
    assert dark < 150


@pytest.mark.parametrize("state", ["answer", "problem"])
def test_never_scrolls_sideways(page: Page, api: FakeApi, state: str) -> None:
    if state == "problem":
        api.replies = [
            problem(
                502, "endpoint-failed", "Endpoint failed", "The endpoint inferstack-production-digits-with-a-long-name failed.", "Wait."
            )
        ]
    ask(page)
    expect(page.locator("#result")).to_have_attribute("data-state", state)
    for width, height in [(320, 640), (390, 844), (481, 800), (640, 400), (768, 1024), (821, 700), (1280, 720), (1920, 1080)]:
        page.set_viewport_size({"width": width, "height": height})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.evaluate(OUTSIDE) == [], width


def test_fits_drawing_and_answer_on_a_laptop_without_scrolling(open_page: Callable[..., Page]) -> None:
    page = open_page(viewport={"width": 1280, "height": 720})
    ask(page)
    expect(page.locator("#digit")).to_have_text("7")
    bottoms = "[...document.querySelectorAll('.input, .result')].map((e) => e.getBoundingClientRect().bottom + scrollY)"
    assert max(page.evaluate(bottoms)) <= 720


def test_keeps_everything_in_its_place(open_page: Callable[..., Page], api: FakeApi) -> None:
    for viewport in ({"width": 1280, "height": 720}, {"width": 320, "height": 640}):
        page = open_page(viewport=viewport)
        api.replies = [answer()]
        expect(page.locator("#code-panel code")).not_to_be_empty()
        expect(page.locator("#uploads-lead")).to_have_text("This deployment has no uploads.")
        before = page.evaluate(PLACES)
        ask(page)
        expect(page.locator("#digit")).to_have_text("7")
        assert page.evaluate(PLACES) == before
        api.replies = [problem(422, "blank-image", "Blank image", "Nothing is drawn.", "Draw a digit.")]
        page.get_by_role("button", name="Predict").click()
        expect(page.locator("#problem")).to_be_visible()
        assert page.evaluate(PLACES)[2:] == before[2:]


def test_can_be_used_with_the_keyboard_alone(page: Page, api: FakeApi) -> None:
    expect(page.locator("#model")).to_have_text("cnn")
    expect(page.locator("#uploads-lead")).to_have_text("This deployment has no uploads.")  # theirs are tested beside them
    reached = []
    for _ in range(28):
        page.keyboard.press("Tab")
        name, outlined = page.evaluate(FOCUS)
        if name in reached or not outlined:
            break
        reached.append(name)
    assert reached == [
        "Status",
        "API",
        "Eraser",
        "Brush size",
        "Undo",
        "Clear",
        "Predict",
        *(f"Try a handwritten {digit}" for digit in range(10)),
        "Choose a file",
        "Try a photo",
        "Ask at once",
        "Upload a file",
        "curl",
        "curl program",
        "Copy",
        "Sample: digit.png",
        "Asked before",
        "About the model cnn",
    ]

    api.replies = [answer(5)]
    page.get_by_role("button", name="Try a handwritten 5").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_have_text("This is a 5, 99.8 %")


def test_reads_well_without_being_seen(page: Page) -> None:
    draw(page, SEVEN)
    expect(page.get_by_role("status")).to_have_text("This is a 7, 99.8 %")
    expect(page.get_by_role("main")).to_match_aria_snapshot("""
    - main:
      - region "Draw a digit":
        - heading "Draw a digit" [level=1]
        - paragraph: Draw here, or drop or paste a file anywhere.
        - 'img "Drawing area: 1 stroke"'
        - button "Eraser"
        - slider "Brush size"
        - button "Undo"
        - button "Clear"
        - button "Predict"
      - region "Answer":
        - heading "Answer" [level=2]
        - paragraph: This is a 7 99.8 %
        - figure:
          - 'img "What the model saw: the picture as 28 by 28 grey pixels"'
        - group "Was it right?":
          - button "Yes"
          - button "No"
        - table "Probability of each digit":
          - rowgroup:
            - row "Digit Probability":
              - columnheader "Digit"
              - columnheader "Probability"
          - rowgroup:
            - row "0 0.0 %":
              - rowheader "0"
              - cell "0.0 %"
      - region "Files and examples":
        - group "Handwritten digits to try":
          - button "Try a handwritten 0"
        - button "Choose a file"
        - button "Try a photo"
      - region "From your own code":
        - heading "From your own code" [level=2]
        - tablist "Language":
          - tab "curl" [selected]
          - tab "Python"
          - tab "JavaScript"
        - tabpanel "curl program"
        - paragraph:
          - button "Copy"
          - 'link "Sample: digit.png"'
    """)


def test_names_everything_that_can_be_used(page: Page) -> None:
    assert page.evaluate(NAMELESS) == []
    assert page.evaluate("document.documentElement.lang") == "en"


def test_reads_a_countdown_out_once(page: Page, api: FakeApi) -> None:
    api.replies = [problem(503, "endpoint-starting", "Endpoint starting", "It starts.", "Wait.", **{"retry-after": "3"})]
    page.evaluate(OVERHEAR)
    stop_clock(page)
    ask(page)
    expect(page.locator("#countdown")).to_have_text("Trying again in 3 s")
    page.clock.run_for(2_000)
    expect(page.locator("#countdown")).to_have_text("Trying again in 1 s")
    assert page.evaluate("said") == ["Endpoint starting. It starts. Wait. Trying again in 3 seconds."]


def test_keeps_the_focus_when_a_problem_and_its_button_go(page: Page, api: FakeApi) -> None:
    api.replies = [problem(500, "internal", "Internal error", "something went wrong here", "Try again."), answer()]
    ask(page)
    page.get_by_role("button", name="Try again").press("Enter")
    expect(page.locator("#digit")).to_have_text("7")
    expect(page.get_by_role("region", name="Answer", exact=True)).to_be_focused()


def test_moves_little_for_those_who_asked_for_it(open_page: Callable[..., Page]) -> None:
    page = open_page(reduced_motion="reduce")
    assert page.locator(".bar").first.evaluate("(e) => getComputedStyle(e).transitionDuration") == "0s"
    assert page.locator(".progress").evaluate("(e) => getComputedStyle(e, '::before').animationName") == "none"


def test_shows_what_is_chosen_in_colours_that_people_forced(scene: Scene) -> None:
    page = STATES["several"](scene)
    page.emulate_media(forced_colors="active")
    page.get_by_role("button", name="Eraser").click()
    grounds = "(all) => [...new Set(all.map((e) => getComputedStyle(e).backgroundColor))].length"
    for kind in (".tool", ".read"):
        others = page.locator(f"{kind}:not([aria-pressed=true])")
        assert page.locator(kind).evaluate_all(grounds) > others.evaluate_all(grounds), kind
