"""The API's documentation beside the page, under the page's own policy."""

import json
from collections.abc import Callable

import pytest
from playwright.sync_api import FilePayload, Page, expect

from tests.browser.axe import find_violations
from tests.browser.conftest import screenshot
from tests.browser.layout import BESIDE, SMALL_TARGETS
from tests.browser.servers import FakeApi, FakePage
from tests.browser.speech import find_flaws, read_tree
from tests.browser.test_access import OUTSIDE

SIGN_IN = {"kind": "jwt", "userPoolId": "eu-central-1_any", "clientId": "any", "domain": "https://sign-in.example.com"}
SESSION = json.dumps({"accessToken": "any-token", "refreshToken": None, "renewAt": None, "clientId": SIGN_IN["clientId"]})
PICTURE: FilePayload = {"name": "a.png", "mimeType": "image/png", "buffer": b"\x89PNG any"}
MODEL, PREDICT = "#operations-operation-getModel", "#operations-predictions-predict"


def try_out(page: Page, operation: str) -> None:
    page.locator(f"{operation} .opblock-summary-control").click()
    page.locator(operation).get_by_role("button", name="Try it out").click()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_shows_the_contract_with_this_stage_s_address(open_page: Callable[..., Page], api: FakeApi, width: int, scheme: str) -> None:
    page = open_page(path="docs.html", color_scheme=scheme, viewport={"width": width, "height": 800})
    expect(page.locator(PREDICT)).to_contain_text("Predict what each instance shows")
    expect(page.locator(".servers")).to_contain_text(api.url)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate(OUTSIDE) == []
    screenshot(page, f"docs-{width}-{scheme}")


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 390)])
def test_is_for_everybody_though_the_viewer_is_not(open_page: Callable[..., Page], scheme: str, width: int) -> None:
    page = open_page(path="docs.html", color_scheme=scheme, viewport={"width": width, "height": 800})
    try_out(page, PREDICT)
    page.locator(PREDICT).locator("input[type=file]").set_input_files(PICTURE)
    page.get_by_role("button", name="Execute").click()
    expect(page.locator(f"{PREDICT} .live-responses-table")).to_be_visible()
    page.get_by_role("button", name="Schemas").click(trial=True)  # waits until nothing moves any more
    page.mouse.move(0, 0)
    assert find_violations(page) == []
    screenshot(page, f"docs-asked-{width}-{scheme}")
    assert page.evaluate(SMALL_TARGETS) == []
    assert page.evaluate(BESIDE) == []
    flaws = find_flaws(read_tree(page))
    assert [flaw for flaw in flaws if not flaw.startswith("no word")] == []  # of JSON, which has words and what stands between them


def test_leads_to_one_request_by_its_address(open_page: Callable[..., Page], site: FakePage) -> None:
    page = open_page(path="docs.html#/operation/getModel")
    expect(page.locator(MODEL).get_by_text("The model's manifest.")).to_be_visible()
    page.locator(f"{PREDICT} .opblock-summary-control").click()
    expect(page).to_have_url(f"{site.url}docs.html#/predictions/predict")


def test_asks_the_api_with_a_file_and_shows_what_it_answers(open_page: Callable[..., Page], api: FakeApi) -> None:
    page = open_page(path="docs.html")
    try_out(page, PREDICT)
    page.locator(PREDICT).locator("input[type=file]").set_input_files(PICTURE)
    page.get_by_role("button", name="Execute").click()
    expect(page.locator(f"{PREDICT} .live-responses-table")).to_contain_text('"label": 7')
    assert [(request.path, request.body) for request in api.requests] == [("/predictions", b"\x89PNG any")]


@pytest.mark.parametrize("session", [SESSION, None])
def test_asks_as_who_is_signed_in(open_page: Callable[..., Page], api: FakeApi, site: FakePage, session: str | None) -> None:
    site.config = {**site.config, "auth": SIGN_IN}
    page = open_page(path="icon.svg")
    page.evaluate("(session) => session && sessionStorage.setItem('inferstack.session', session)", session)
    page.goto(site.url + "docs.html")
    expect(page.locator("#docs-words")).to_contain_text("as you are signed in" if session else "Sign in on the page first")
    try_out(page, MODEL)
    page.get_by_role("button", name="Execute").click()
    expect(page.locator(f"{MODEL} .live-responses-table")).to_be_visible()
    assert [request.headers["authorization"] for request in api.requests] == ["Bearer any-token" if session else None]


def test_shows_the_contract_of_an_api_that_browsers_cannot_ask(open_page: Callable[..., Page], site: FakePage) -> None:
    site.config = {**site.config, "auth": {"kind": "iam"}}
    page = open_page(path="docs.html")
    expect(page.locator("#docs-words")).to_contain_text("cannot be tried from here")
    page.locator(f"{MODEL} .opblock-summary-control").click()
    expect(page.get_by_text("The model's manifest.")).to_be_visible()
    expect(page.get_by_role("button", name="Try it out")).to_have_count(0)


def test_says_what_is_missing(open_page: Callable[..., Page], site: FakePage) -> None:
    site.config = None
    page = open_page(path="docs.html")
    expect(page.locator("#docs-words")).to_contain_text("This page is not connected. The file config.json is missing")
