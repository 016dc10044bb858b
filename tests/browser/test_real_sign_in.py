"""The page in front of a real API with sign-in: Cognito's hosted pages as the emulator has them, a real user, and push with their token."""

import json
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from playwright.sync_api import Browser, Page, Request, expect

from deployment.paths import ROOT
from local.run_state import RunState
from tests.browser.conftest import ask, screenshot


@pytest.fixture
def page(browser: Browser, signed: RunState) -> Iterator[Page]:
    page = browser.new_page(viewport={"width": 1280, "height": 720}, reduced_motion="reduce")
    page.goto(signed.page_url)
    yield page
    page.close()


def sign_in(page: Page, user: dict[str, str], password: str | None = None) -> None:
    page.get_by_role("button", name="Sign in").first.click()
    page.get_by_label("Username").fill(user["username"])
    page.get_by_label("Password").fill(password or user["password"])
    screenshot(page, "real-sign-in")
    page.get_by_role("button", name="Sign in").click()


def test_signs_in_and_answers(page: Page, signed: RunState) -> None:
    ask(page)
    expect(page.locator("#problem-title")).to_have_text("Please sign in")
    sign_in(page, signed.demo_user)
    expect(page.get_by_role("button", name="Sign out")).to_be_visible(timeout=20_000)
    assert page.url == f"{signed.page_url}/"
    ask(page)
    expect(page.locator("#digit")).to_have_text("7", timeout=20_000)
    screenshot(page, "real-signed-in")
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("button", name="Sign in").first).to_be_visible()
    assert page.url == f"{signed.page_url}/"


def test_gets_nothing_with_the_refresh_token_of_a_session_that_was_signed_out(page: Page, signed: RunState) -> None:
    sign_in(page, signed.demo_user)
    expect(page.get_by_role("button", name="Sign out")).to_be_visible(timeout=20_000)
    session = json.loads(page.evaluate("sessionStorage.getItem('inferstack.session')"))
    form = {"grant_type": "refresh_token", "client_id": signed.demo_user["client_id"], "refresh_token": session["refreshToken"]}
    renewed = httpx.post(f"{signed.s3_endpoint}/oauth2/token", data=form)
    assert (renewed.status_code, renewed.json()["expires_in"]) == (200, 300)
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("button", name="Sign in").first).to_be_visible()
    refused = httpx.post(f"{signed.s3_endpoint}/oauth2/token", data=form)
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_grant")


def test_revokes_nothing_for_a_client_that_does_not_exist_or_a_token_that_is_no_refresh_token(page: Page, signed: RunState) -> None:
    def revoke(**form: str) -> tuple[int, str]:
        answer = httpx.post(f"{signed.s3_endpoint}/oauth2/revoke", data=form)
        return answer.status_code, answer.json()["error"] if answer.content else ""

    client = signed.demo_user["client_id"]
    assert revoke(token="any", client_id="nobody") == (401, "invalid_client")
    assert revoke(client_id=client) == (400, "invalid_request")
    assert revoke(token="any", client_id=client) == (200, "")
    sign_in(page, signed.demo_user)
    expect(page.get_by_role("button", name="Sign out")).to_be_visible(timeout=20_000)
    session = json.loads(page.evaluate("sessionStorage.getItem('inferstack.session')"))
    assert revoke(token=session["accessToken"], client_id=client) == (400, "unsupported_token_type")


def test_hears_of_its_own_job(page: Page, signed: RunState) -> None:
    frames: list[str] = []
    page.on("websocket", lambda socket: socket.on("framereceived", lambda frame: frames.append(str(frame))))
    sign_in(page, signed.demo_user)
    expect(page.get_by_role("button", name="Sign out")).to_be_visible(timeout=20_000)
    page.locator("#upload-files").set_input_files(ROOT / "docs/digits-photo.jpg")
    digits = page.locator("#cards > *").first.locator(".digits").get_by_role("button")
    expect(digits).to_have_count(15, timeout=30_000)
    assert any("subscribe_success" in frame for frame in frames)
    screenshot(page, "real-signed-upload")


def test_lets_nobody_in_with_another_password(page: Page, signed: RunState) -> None:
    sign_in(page, signed.demo_user, "Another-Horse-1")
    expect(page.get_by_text("Incorrect username or password")).to_be_visible()


def test_gives_a_code_away_only_to_who_asked_for_it(page: Page, signed: RunState) -> None:
    """PKCE: a code that somebody saw on its way back is worth nothing without the verifier, which never left the page."""
    codes: list[str] = []

    def keep_code(request: Request) -> None:
        codes.extend(parse_qs(urlsplit(request.url).query).get("code", []))

    page.on("request", keep_code)
    page.route("**/oauth2/token", lambda route: route.abort())
    sign_in(page, signed.demo_user)
    expect(page.locator("#problem-title")).to_have_text("Signing in failed", timeout=20_000)
    for verifier in ({}, {"code_verifier": "A" * 43}):
        form = {
            "grant_type": "authorization_code",
            "client_id": signed.demo_user["client_id"],
            "code": codes[0],
            "redirect_uri": f"{signed.page_url}/",
            **verifier,
        }
        answer = httpx.post(f"{signed.s3_endpoint}/oauth2/token", data=form)
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")
