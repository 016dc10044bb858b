"""Signing in, against a stand-in for Cognito's hosted pages on the API's own server."""

from collections.abc import Callable
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import ask, draw
from tests.browser.servers import FakeApi, FakePage, Reply, Request, answer

SEVEN = [(0.3, 0.24), (0.7, 0.22), (0.44, 0.81)]


class FakeCognito:
    """Signs everybody in, gives numbered tokens, and lets the API accept only the latest."""

    def __init__(self, api: FakeApi) -> None:
        self.tokens = 0
        self.revoked: list[str] = []
        self.refuse_refresh = False
        api.gatekeeper = self.reply

    def reply(self, request: Request) -> Reply | None:
        """Answer as Cognito, or as the API's authorizer; None lets the request pass."""
        url = urlsplit(request.path)
        query = {name: values[0] for name, values in parse_qs(url.query or request.body.decode(errors="ignore")).items()}
        if url.path == "/oauth2/authorize":
            return Reply(302, b"", {"location": f"{query['redirect_uri']}?{urlencode({'code': 'any-code', 'state': query['state']})}"})
        if url.path == "/oauth2/token":
            return self._give_tokens(query["grant_type"])
        if url.path == "/oauth2/revoke":
            self.revoked.append(f"{query['token']} of {query['client_id']}")
            return Reply(200, b"")
        if url.path == "/logout":
            return Reply(302, b"", {"location": query["logout_uri"]})
        is_known = request.headers["authorization"] == f"Bearer token-{self.tokens}"
        return None if is_known else Reply(401, {"message": "Unauthorized"})

    def _give_tokens(self, grant_type: str) -> Reply:
        if grant_type == "refresh_token" and self.refuse_refresh:
            return Reply(400, {"error": "invalid_grant"})
        self.tokens += 1
        return Reply(200, {"access_token": f"token-{self.tokens}", "refresh_token": "any-refresh-token"})


@pytest.fixture
def cognito(api: FakeApi, site: FakePage) -> FakeCognito:
    auth = {"kind": "jwt", "region": "eu-west-1", "userPoolId": "any-pool", "clientId": "any-client", "domain": api.url}
    site.config = {**site.config, "auth": auth, "stage": "dev"}
    return FakeCognito(api)


def test_signs_in_and_keeps_what_was_drawn(open_page: Callable[..., Page], site: FakePage, api: FakeApi, cognito: FakeCognito) -> None:
    page = open_page()
    draw(page, SEVEN)
    expect(page.locator("#problem-title")).to_have_text("Please sign in")
    assert api.predictions == []

    page.locator("#problem-sign-in").click()
    expect(page.locator("#digit")).to_have_text("7")
    expect(page.locator("#pad")).to_have_accessible_name("Drawing area: 1 stroke")
    expect(page.locator("#hint")).to_have_css("opacity", "0")
    assert page.url == site.url
    assert api.predictions[0].headers["authorization"] == "Bearer token-1"
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()


def test_renews_a_token_that_ran_out(open_page: Callable[..., Page], api: FakeApi, cognito: FakeCognito) -> None:
    page = open_page()
    page.get_by_role("button", name="Sign in").first.click()
    expect(page.locator("#model")).to_have_text("cnn")
    expect(page.locator("#uploads-lead")).to_have_text("This deployment has no uploads.")  # it asks nothing more with its first token
    cognito.tokens = 5
    ask(page)
    expect(page.locator("#digit")).to_have_text("7")
    assert api.predictions[0].headers["authorization"] == "Bearer token-6"


def test_asks_to_sign_in_again_when_the_session_is_over(open_page: Callable[..., Page], cognito: FakeCognito) -> None:
    page = open_page()
    page.get_by_role("button", name="Sign in").first.click()
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    cognito.tokens, cognito.refuse_refresh = 5, True
    ask(page)
    expect(page.locator("#problem-title")).to_have_text("Please sign in")
    expect(page.locator("#sign-in")).to_be_visible()
    expect(page.locator("#sign-out")).to_be_hidden()


def test_signs_out(open_page: Callable[..., Page], site: FakePage, api: FakeApi, cognito: FakeCognito) -> None:
    page = open_page()
    page.get_by_role("button", name="Sign in").first.click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("button", name="Sign in").first).to_be_visible()
    assert cognito.revoked == ["any-refresh-token of any-client"]
    assert page.url == site.url
    api.replies = [answer()]
    ask(page)
    expect(page.locator("#problem-title")).to_have_text("Please sign in")


def test_forgets_the_drawing_of_who_signs_out(open_page: Callable[..., Page], cognito: FakeCognito) -> None:
    page = open_page()
    page.get_by_role("button", name="Sign in").first.click()
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    draw(page, SEVEN)
    expect(page.locator("#digit")).to_have_text("7")
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("button", name="Sign in").first).to_be_visible()
    expect(page.locator("#pad")).to_have_accessible_name("Drawing area: empty")


def test_leaves_for_no_sign_in_pages_of_a_deployment_that_has_changed(
    open_page: Callable[..., Page], site: FakePage, api: FakeApi, cognito: FakeCognito
) -> None:
    """They are gone: what stood there was Cognito's error in JSON."""
    page = open_page()
    expect(page.locator("#problem-title")).to_have_text("Please sign in")
    site.config = {**site.config, "auth": {"kind": "none"}}
    page.get_by_role("button", name="Sign in").first.click()
    expect(page.locator("#problem-title")).to_have_text("The deployment has changed")
    assert page.url == site.url


def test_signs_out_of_a_deployment_that_has_changed(open_page: Callable[..., Page], site: FakePage, cognito: FakeCognito) -> None:
    page = open_page()
    page.get_by_role("button", name="Sign in").first.click()
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    site.config = {**site.config, "auth": {"kind": "none"}, "stage": "another"}
    page.get_by_role("button", name="Sign out").click()
    expect(page.locator("#stage")).to_have_text("another")
    expect(page.get_by_role("button", name="Sign out")).to_be_hidden()
    assert page.evaluate("sessionStorage.getItem('inferstack.session')") is None
    assert page.url == site.url


def test_refuses_a_code_it_did_not_ask_for(open_page: Callable[..., Page], site: FakePage, cognito: FakeCognito) -> None:
    page = open_page(path="?code=stolen&state=foreign")
    expect(page.locator("#problem-title")).to_have_text("Signing in failed")
    assert page.url == site.url
    assert cognito.tokens == 0
    expect(page.get_by_role("button", name="Sign in")).not_to_have_count(0)


@pytest.mark.parametrize("state", ["", "&state=foreign"])
def test_shows_no_word_of_a_link_that_a_stranger_wrote(
    open_page: Callable[..., Page], site: FakePage, cognito: FakeCognito, state: str
) -> None:
    page = open_page(path=f"?error=x&error_description=Your+account+is+locked.+Call+555-0100.{state}")
    expect(page.locator("#problem-title")).to_have_text("Signing in failed")
    expect(page.get_by_text("555-0100")).to_have_count(0)
    assert page.url == site.url


def test_shows_what_the_sign_in_pages_say_as_text_alone(open_page: Callable[..., Page], api: FakeApi, cognito: FakeCognito) -> None:
    words = "<img src=x onerror=alert(1)> said no."
    allow = cognito.reply

    def refuse(request: Request) -> Reply | None:
        url = urlsplit(request.path)
        if url.path != "/oauth2/authorize":
            return allow(request)
        query = {name: values[0] for name, values in parse_qs(url.query).items()}
        answered = urlencode({"error": "access_denied", "error_description": words, "state": query["state"]})
        return Reply(302, b"", {"location": f"{query['redirect_uri']}?{answered}"})

    api.gatekeeper = refuse
    page = open_page()
    page.get_by_role("button", name="Sign in").first.click()
    expect(page.locator("#problem-detail")).to_have_text(words)
    expect(page.locator("main img[src=x]")).to_have_count(0)
