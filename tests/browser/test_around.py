"""What stands around the answer: the request and the answer as JSON, what was asked before, and the model's card."""

import base64
import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import find_violations
from tests.browser.conftest import ask, screenshot
from tests.browser.servers import FakeApi, FakePage, Reply, answer
from tests.browser.test_access import NAMELESS, OUTSIDE
from tests.browser.test_docs import SIGN_IN
from tests.browser.test_sign_in import FakeCognito, cognito  # noqa: F401 - a fixture

ROOT = Path(__file__).resolve().parents[2]
ENTRIES = """() => new Promise((resolve) => {
    const opening = indexedDB.open("inferstack.history", 1);
    opening.onsuccess = () => {
        const asked = opening.result.transaction("questions").objectStore("questions").getAll();
        asked.onsuccess = () => resolve(asked.result.map(({ answer, body, owner }) => ({ ...answer, size: body.size, owner })));
    };
})"""


def manifest(recipe: str = "digits") -> Reply:
    return Reply(body={**json.loads((ROOT / f"recipes/{recipe}/pretrained/manifest.json").read_text()), "variant": "any"})


def open_all(page: Page) -> None:
    for summary in page.locator(".more:visible summary").all():
        summary.click()


def ask_for(page: Page, api: FakeApi, label: int) -> None:
    """Ask about a sample and wait until its answer is kept."""
    api.replies = [answer(label)]
    before = page.locator(".asked").count()
    page.get_by_role("button", name=f"Try a handwritten {label}").click()
    expect(page.locator(".asked")).to_have_count(before + 1)


def test_shows_the_request_and_the_answer_as_they_went(open_page: Callable[..., Page], api: FakeApi) -> None:
    page = open_page(permissions=["clipboard-read", "clipboard-write"])
    expect(page.locator("#raw")).to_be_hidden()
    ask(page)
    expect(page.get_by_text("Request and answer as JSON")).to_be_visible()
    expect(page.locator("#raw-response")).to_be_hidden()
    page.get_by_text("Request and answer as JSON").focus()
    page.keyboard.press("Enter")
    request = page.locator("#raw-request").inner_text()
    assert request.startswith(f"POST {api.url}/predictions?include=pixels\ncontent-type: image/png\n\n(")
    assert json.loads(page.locator("#raw-response").inner_text()) == answer().body
    page.get_by_role("button", name="Copy answer").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert json.loads(page.evaluate("navigator.clipboard.readText()")) == answer().body


def test_keeps_what_was_asked_in_this_browser_and_asks_it_again(page: Page, api: FakeApi) -> None:
    page.get_by_text("Asked before").click()
    expect(page.locator("#asked-words")).to_contain_text("Nothing yet")
    ask_for(page, api, 7)
    ask_for(page, api, 3)
    expect(page.locator("#asked-count")).to_have_text("2")
    page.reload()
    expect(page.locator("#digit")).to_have_text("3")  # it has asked about what it kept
    page.get_by_text("Asked before").click()
    expect(page.locator(".asked")).to_have_text(["3", "7"])
    expect(page.locator(".asked img").first).to_be_visible()
    first = api.predictions[0].body
    api.replies = [answer(7)]
    page.get_by_role("button", name="Ask again: 7").click()
    expect(page.locator("#digit")).to_have_text("7")
    assert api.predictions[-1].body == first
    expect(page.locator(".asked")).to_have_text(["7", "3"])  # once, and newest first
    expect(page.locator(".asked").first).to_be_focused()


def test_forgets_when_it_is_told_to(page: Page, api: FakeApi) -> None:
    ask_for(page, api, 7)
    page.get_by_text("Asked before").click()
    page.get_by_role("button", name="Clear the history").click()
    expect(page.locator(".asked")).to_have_count(0)
    expect(page.get_by_role("status")).to_have_text("The history is empty")
    assert page.evaluate("document.activeElement.id") == "asked-words"
    assert page.evaluate(ENTRIES) == []


def test_works_where_the_browser_keeps_nothing(open_page: Callable[..., Page]) -> None:
    page = open_page(path="icon.svg")
    page.context.add_init_script(
        "Object.defineProperty(window, 'indexedDB', { value: { open() { throw new DOMException('no', 'SecurityError') } } })"
    )
    page.goto(page.url.replace("icon.svg", ""))
    ask(page)
    expect(page.locator("#digit")).to_have_text("7")
    page.get_by_text("Asked before").click()
    expect(page.locator("#asked-words")).to_have_text("This browser keeps nothing for this page, as in a private window.")


@pytest.mark.usefixtures("cognito")
def test_forgets_at_sign_out(open_page: Callable[..., Page], api: FakeApi) -> None:
    page = open_page()
    page.get_by_role("button", name="Sign in").first.click()
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    ask_for(page, api, 7)
    expect(page.locator("#raw-request")).to_contain_text("authorization: Bearer …")
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("button", name="Sign in").first).to_be_visible()
    assert page.evaluate(ENTRIES) == []


def open_as(page: Page, site: FakePage, subject: str) -> None:
    claims = base64.urlsafe_b64encode(json.dumps({"sub": subject}).encode()).decode().rstrip("=")
    session = json.dumps({"accessToken": f"any.{claims}.any", "refreshToken": None, "renewAt": None, "clientId": SIGN_IN["clientId"]})
    page.evaluate("(session) => sessionStorage.setItem('inferstack.session', session)", session)
    page.goto(site.url)
    expect(page.locator("#model")).to_have_text("cnn")


def test_forgets_what_somebody_else_asked(open_page: Callable[..., Page], api: FakeApi, site: FakePage) -> None:
    site.config = {**site.config, "auth": SIGN_IN}
    page = open_page(path="icon.svg")
    for subject, kept in (("one", 1), ("one", 1), ("other", 0)):
        open_as(page, site, subject)
        if page.evaluate(ENTRIES) == [] and subject == "one":
            ask_for(page, api, 7)
        expect(page.locator(".asked")).to_have_count(kept)
        assert [entry["owner"] for entry in page.evaluate(ENTRIES)] == ["one"] * kept


def test_forgets_what_somebody_else_drew(open_page: Callable[..., Page], api: FakeApi, site: FakePage) -> None:
    """Also if the first one's session ended, and the page was looked at without one."""
    site.config = {**site.config, "auth": SIGN_IN}
    page = open_page(path="icon.svg")
    open_as(page, site, "one")
    ask_for(page, api, 7)
    open_as(page, site, "one")
    expect(page.locator("#pad")).to_have_accessible_name("Drawing area: 1 stroke")
    page.evaluate("sessionStorage.removeItem('inferstack.session')")
    page.reload()
    expect(page.locator("#problem-title")).to_have_text("Please sign in")
    open_as(page, site, "other")
    expect(page.locator("#pad")).to_have_accessible_name("Drawing area: empty")


def test_tells_no_limits_of_a_model_from_elsewhere(page: Page, api: FakeApi, site: FakePage) -> None:
    known = manifest()
    del known.body["output"]["trust"], known.body["metrics"]
    api.model, site.config = known, {**site.config, "limits": ["Letters."]}
    page.reload()
    ask_for(page, api, 7)
    open_all(page)
    expect(page.locator("#model-card").get_by_role("heading", name="What it is")).to_have_text(["What it is"])


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_tells_what_is_known_of_the_model(open_page: Callable[..., Page], api: FakeApi, site: FakePage, scheme: str) -> None:
    api.model, site.config = manifest(), {**site.config, "limits": ["Letters."]}
    page = open_page(color_scheme=scheme)
    ask_for(page, api, 7)
    open_all(page)
    card = page.locator("#model-card")
    expect(card.get_by_role("heading", name="What it is not for")).to_be_visible()
    expect(card.get_by_role("row", name="printed")).to_contain_text("of 1,000 wrong")
    expect(card.get_by_role("img", name="How often it is right, by how sure it is")).to_be_visible()
    expect(card).to_contain_text("are called “not a digit”")
    assert find_violations(page) == []
    assert page.evaluate(NAMELESS) == []
    for width in (390, 820, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.evaluate(OUTSIDE) == [], width
        screenshot(page, f"around-{width}-{scheme}")


def test_tells_of_a_model_of_numbers_in_its_own_words(open_page: Callable[..., Page], api: FakeApi) -> None:
    api.model = manifest("salary")
    api.replies = [Reply(body={**answer().body, "predictions": [{"value": 53521.336}]})]
    page = open_page()
    page.get_by_label("Experience years").fill("3.1")
    page.keyboard.press("Enter")
    expect(page.locator(".asked")).to_have_text(["53,521.34 for 3.1 years of experience"])
    open_all(page)
    expect(page.locator("#raw-request")).to_contain_text('"instances"')
    r2 = api.model.body["metrics"]["r2"]
    expect(page.locator("#model-card")).to_contain_text(re.compile(r"It explains \d+\.\d % of how the salary differs"))
    expect(page.locator("#model-card")).to_contain_text(f"(R² {r2:.3f}).")
    page.get_by_label("Experience years").fill("9")
    page.get_by_role("button", name="Ask again: 53,521.34").click()
    expect(page.get_by_label("Experience years")).to_have_value("3.1")
