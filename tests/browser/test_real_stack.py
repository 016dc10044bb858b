"""The page as it is deployed here, in front of the real API, function, endpoint and model: draw a digit, see the right answer."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from deployment.paths import ROOT
from local.run_state import RunState
from tests.browser.conftest import Point, ask, draw, screenshot

# A hand's strokes, apart from the page's own samples: fractions of the pad's side.
DIGITS: dict[int, list[list[Point]]] = {
    0: [[(0.52, 0.2), (0.38, 0.26), (0.32, 0.5), (0.38, 0.74), (0.5, 0.8), (0.63, 0.72), (0.68, 0.48), (0.62, 0.27), (0.52, 0.2)]],
    1: [[(0.55, 0.18), (0.49, 0.82)]],
    2: [[(0.33, 0.34), (0.4, 0.23), (0.53, 0.2), (0.64, 0.3), (0.58, 0.48), (0.42, 0.66), (0.32, 0.79), (0.5, 0.76), (0.7, 0.78)]],
    3: [[(0.34, 0.26), (0.5, 0.2), (0.62, 0.3), (0.56, 0.43), (0.45, 0.48), (0.6, 0.54), (0.66, 0.67), (0.55, 0.79), (0.35, 0.76)]],
    4: [[(0.4, 0.2), (0.33, 0.52), (0.7, 0.54)], [(0.62, 0.22), (0.58, 0.82)]],
    5: [[(0.66, 0.21), (0.4, 0.22), (0.37, 0.45), (0.52, 0.44), (0.65, 0.55), (0.62, 0.72), (0.48, 0.8), (0.33, 0.74)]],
    6: [[(0.58, 0.18), (0.43, 0.36), (0.35, 0.6), (0.42, 0.79), (0.58, 0.79), (0.64, 0.64), (0.55, 0.54), (0.42, 0.59), (0.37, 0.66)]],
    7: [[(0.32, 0.25), (0.68, 0.22), (0.55, 0.5), (0.46, 0.82)]],
    8: [
        [
            (0.62, 0.27),
            (0.5, 0.2),
            (0.38, 0.3),
            (0.48, 0.45),
            (0.62, 0.6),
            (0.6, 0.76),
            (0.48, 0.81),
            (0.37, 0.72),
            (0.42, 0.57),
            (0.6, 0.38),
            (0.62, 0.27),
        ]
    ],
    9: [[(0.63, 0.32), (0.5, 0.21), (0.37, 0.31), (0.4, 0.45), (0.54, 0.47), (0.63, 0.34), (0.62, 0.55), (0.56, 0.82)]],
}


@pytest.fixture(scope="module")
def real_page(browser: Browser, stack: RunState) -> Iterator[Page]:
    page = browser.new_page(viewport={"width": 1280, "height": 720}, reduced_motion="reduce")
    page.goto(stack.page_url)
    yield page
    page.close()


@pytest.mark.parametrize("digit", DIGITS)
def test_answers_a_drawn_digit(real_page: Page, digit: int) -> None:
    real_page.keyboard.press("Escape")
    expect(real_page.locator("#digit")).to_be_empty()
    draw(real_page, *DIGITS[digit])
    expect(real_page.locator("#digit")).to_have_text(str(digit), timeout=20_000)
    expect(real_page.get_by_role("img", name="the picture as 28 by 28 grey pixels")).to_be_visible()
    expect(real_page.locator("#version")).not_to_have_text("–")
    screenshot(real_page, f"real-{digit}")


@pytest.mark.parametrize("digit", DIGITS)
def test_answers_its_own_samples(real_page: Page, digit: int) -> None:
    real_page.keyboard.press("Escape")
    real_page.get_by_role("button", name=f"Try a handwritten {digit}").click()
    expect(real_page.locator("#digit")).to_have_text(str(digit), timeout=20_000)


def test_reads_every_digit_of_a_page(real_page: Page) -> None:
    real_page.locator("#file").set_input_files(ROOT / "docs/digits-photo.jpg")
    expect(real_page.locator("#page-answer .read")).to_have_count(15, timeout=20_000)
    expect(real_page.locator("#sentence")).to_have_text("15 digits on it")
    screenshot(real_page, "real-page-of-digits")


def test_keeps_to_the_deployed_policy(browser: Browser, stack: RunState) -> None:
    page = browser.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    response = page.goto(stack.page_url)
    assert response
    assert "script-src 'self'" in (response.header_value("content-security-policy") or "")
    ask(page)
    expect(page.locator("#digit")).to_have_text("7", timeout=20_000)
    assert complaints == []
    page.close()


def test_serves_the_contract_with_its_own_address(browser: Browser, stack: RunState) -> None:
    page = browser.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.goto(stack.page_url + "/docs.html")
    expect(page.locator(".servers")).to_contain_text(stack.api_url, timeout=20_000)
    operation = page.locator("#operations-operation-getModel")
    operation.locator(".opblock-summary-control").click()
    operation.get_by_role("button", name="Try it out").click()
    operation.get_by_role("button", name="Execute").click()
    expect(operation.locator(".live-responses-table")).to_contain_text('"recipe": "digits"', timeout=20_000)
    assert complaints == []
    page.close()
