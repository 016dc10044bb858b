"""#status: what runs, for operators, read again while somebody looks."""

import base64
import json
from collections.abc import Callable

import pytest
from jsonschema import Draft202012Validator
from playwright.sync_api import Page, expect

from tests.api_document import read_api
from tests.browser.servers import FakeApi, FakePage, Reply, Request, problem
from tests.browser.status_replies import PARTLY_UNREAD, STATUS, TROUBLED


@pytest.fixture
def operated(api: FakeApi) -> FakeApi:
    api.status = Reply(body=STATUS)
    return api


def count_asked(api: FakeApi) -> int:
    return len([request for request in api.requests if request.path == "/status"])


def token(**claims: object) -> str:
    return f"x.{base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip('=')}.x"


@pytest.mark.parametrize("reply", [STATUS, TROUBLED, PARTLY_UNREAD], ids=["well", "troubled", "partly unread"])
def test_is_tried_with_what_the_contract_allows(reply: dict[str, object]) -> None:
    spec = read_api()
    Draft202012Validator({"$ref": "#/components/schemas/Status", "components": spec["components"]}).validate(reply)


def test_is_a_link_away_and_back_by_keyboard(operated: FakeApi, open_page: Callable[..., Page]) -> None:
    page = open_page()
    assert count_asked(operated) == 0  # a visitor's page does not ask
    page.get_by_role("link", name="Status").press("Enter")
    expect(page.get_by_role("heading", name="What runs", level=1)).to_be_focused()
    expect(page.get_by_role("status")).to_have_text("All is well.")
    expect(page.locator("#pad")).to_be_hidden()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Back to the model")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#pad")).to_be_visible()
    expect(page.locator("#status")).to_be_hidden()
    page.go_back()
    expect(page.locator("#status")).to_be_visible()


def test_tells_each_part_in_words(operated: FakeApi, open_page: Callable[..., Page]) -> None:
    operated.status = Reply(body=TROUBLED)
    page = open_page(path="#status")
    for part, *texts in (
        ("endpoint", "Failed", "The image could not be pulled.", "champion, 90 % of the requests: 1 of 2 instances.", "with a GPU"),
        (
            "models",
            "Not the newest",
            "champion: the deployment’s own model.",
            "Newest approved: version 3",
            "It answers as cnn 1.0.0+0a1b2c3d.",
        ),
        ("uploads", "2 dead letters", "3 waiting, the oldest in the queue for 23 min.", "1 being worked on."),
        ("alarms", "1 raised", "failed uploads wait in the dead-letter queue"),
        ("jobs", "Failed malformed", "too many callers"),
    ):
        for text in texts:
            expect(page.locator(f"[data-part={part}]")).to_contain_text(text)


def test_opens_the_other_alarms(operated: FakeApi, open_page: Callable[..., Page]) -> None:
    page = open_page(path="#status")
    page.get_by_text("3 alarms").click()
    expect(page.get_by_text("an upload has waited over 15 minutes")).to_be_visible()
    expect(page.locator("[data-part=alarms]")).to_contain_text("No data yet")


def test_keeps_what_is_open_and_the_focus_while_nothing_changes(operated: FakeApi, open_page: Callable[..., Page]) -> None:
    page = open_page(path="#status")
    page.get_by_text("3 alarms").click()
    page.get_by_text("3 alarms").focus()
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(page.locator("#status")).to_have_attribute("aria-busy", "false")
    expect(page.get_by_text("3 alarms")).to_be_focused()
    expect(page.get_by_text("an upload has waited over 15 minutes")).to_be_visible()


def test_reads_again_when_asked_and_keeps_what_it_read_when_that_fails(operated: FakeApi, open_page: Callable[..., Page]) -> None:
    page = open_page(path="#status")
    expect(page.locator("#status-summary")).to_have_text("All is well.")
    operated.status = Reply(body=TROUBLED)
    page.get_by_role("button", name="Read again").click()
    expect(page.locator("#status-summary")).to_contain_text("Needs a look")
    operated.status = problem(500, "internal", "Internal error", "something went wrong here", "Quote the request id to the operator.")
    page.get_by_role("button", name="Read again").click()
    expect(page.locator("#status-summary")).to_contain_text("Not read just now: Internal error.")
    said = "Something went wrong here. Quote the request id to the operator."
    expect(page.locator("#status-problem")).to_have_text(said)
    expect(page.locator("[data-part=uploads]")).to_contain_text("2 dead letters")


def test_reads_by_itself_while_somebody_looks(operated: FakeApi, open_page: Callable[..., Page]) -> None:
    page = open_page()
    page.clock.install()
    page.evaluate("location.hash = '#status'")
    expect(page.locator("#status-summary")).to_have_text("All is well.")
    operated.status = Reply(body=TROUBLED)
    page.clock.run_for(21_000)
    expect(page.locator("#status-summary")).to_contain_text("Needs a look")
    page.evaluate("location.hash = ''")
    expect(page.locator("#status")).to_be_hidden()
    before = count_asked(operated)
    page.clock.run_for(60_000)
    assert count_asked(operated) == before


@pytest.mark.parametrize(("groups", "is_offered"), [(["operators"], True), (["staff"], False), (None, False)])
def test_shows_the_way_to_operators_alone(
    operated: FakeApi, site: FakePage, open_page: Callable[..., Page], groups: list[str] | None, *, is_offered: bool
) -> None:
    access = token(sub="any", **({"cognito:groups": groups} if groups else {}))
    site.config["auth"] = {"kind": "jwt", "region": "eu-west-1", "userPoolId": "any", "clientId": "any", "domain": operated.url}

    def sign_in(request: Request) -> Reply | None:
        if request.path.startswith("/oauth2/authorize"):
            query = dict(each.split("=") for each in request.path.partition("?")[2].split("&"))
            return Reply(302, b"", {"location": f"{site.url}?code=any&state={query['state']}"})
        return Reply(body={"access_token": access, "refresh_token": "any"}) if request.path == "/oauth2/token" else None

    operated.gatekeeper = sign_in
    page = open_page(path="#status")
    expect(page.locator("#status-summary")).to_have_text("Please sign in.")
    page.locator("#status-problem").get_by_role("button", name="Sign in").click()
    expect(page.locator("#status-summary")).to_have_text("All is well.")  # back at the same address; the API decides
    expect(page.locator("#status-link")).to_be_visible() if is_offered else expect(page.locator("#status-link")).to_be_hidden()


def test_tells_of_each_job_without_scrolling_sideways_on_a_phone(operated: FakeApi, open_page: Callable[..., Page]) -> None:
    operated.status = Reply(body=TROUBLED)
    page = open_page(path="#status", viewport={"width": 390, "height": 844})
    table = page.get_by_role("region", name="Table of the newest jobs")
    expect(table.locator("code").first).to_be_visible()
    assert table.evaluate("(e) => e.scrollWidth - e.clientWidth") == 0
