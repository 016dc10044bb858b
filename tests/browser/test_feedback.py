"""What people say of an answer, from the row below it."""

import json

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import ask
from tests.browser.servers import FakeApi, Reply, answer, problem


def given(api: FakeApi) -> list[tuple[str, str, object]]:
    sent = [request for request in api.requests if "/feedback" in request.path]
    return [(request.method, request.path, json.loads(request.body)) for request in sent]


@pytest.mark.parametrize(("button", "label"), [("Yes", 7), ("It was 1", 1)])
def test_sends_what_was_right_and_says_thanks(page: Page, api: FakeApi, button: str, label: int) -> None:
    ask(page)
    page.get_by_role("group", name="Was it right?").get_by_role("button", name=button).click()
    expect(page.get_by_role("status")).to_have_text("Thank you.")
    assert given(api) == [("POST", "/predictions/any-id/feedback", {"label": label})]
    expect(page.get_by_role("button", name="It was")).to_have_count(0)


def test_can_be_given_with_the_keyboard_and_keeps_the_focus(page: Page, api: FakeApi) -> None:
    ask(page)
    page.get_by_role("button", name="Yes").focus()
    for key in ("Tab", "Tab", "Enter"):
        page.keyboard.press(key)
    expect(page.get_by_role("status")).to_have_text("Thank you.")
    assert given(api)[0][2] == {"label": 1}
    expect(page.locator("#feedback span")).to_be_focused()


def test_asks_anew_about_the_next_answer(page: Page, api: FakeApi) -> None:
    ask(page)
    page.get_by_role("button", name="Yes").click()
    expect(page.get_by_role("status")).to_have_text("Thank you.")
    api.replies = [answer(3)]
    page.get_by_role("button", name="Predict").click()
    expect(page.get_by_role("button", name="It was 7")).to_be_visible()
    expect(page.get_by_role("button", name="It was 3")).to_have_count(0)


def test_lets_people_try_again_when_it_did_not_get_through(page: Page, api: FakeApi) -> None:
    works, api.feedback = api.feedback, problem(500, "internal", "Internal error", "something went wrong here")
    ask(page)
    page.get_by_role("button", name="Yes").click()
    expect(page.get_by_role("status")).to_have_text("Not sent. Try again.")
    api.feedback = works
    page.get_by_role("button", name="Yes").click()
    expect(page.get_by_role("status")).to_have_text("Thank you.")


def test_says_that_the_first_word_stays(page: Page, api: FakeApi) -> None:
    api.feedback = problem(409, "conflict", "Conflict", "another label was given before for instance 0")
    ask(page)
    page.get_by_role("button", name="It was 1").click()
    expect(page.get_by_role("status")).to_contain_text("stays")


def test_says_when_it_was_enough_for_now(page: Page, api: FakeApi) -> None:
    api.feedback = problem(429, "too-many-requests", "Too many requests", "a caller may give 2,000 labels an hour")
    ask(page)
    page.get_by_role("button", name="Yes").click()
    expect(page.get_by_role("status")).to_contain_text("Enough for this hour")


def test_asks_nothing_without_an_answer_or_where_the_api_takes_none(page: Page, api: FakeApi) -> None:
    expect(page.get_by_role("button", name="Yes")).to_have_count(0)
    old = answer()
    api.replies = [Reply(body={name: value for name, value in old.body.items() if name != "id"})]
    ask(page)
    expect(page.locator("#digit")).to_have_text("7")
    expect(page.get_by_role("button", name="Yes")).to_have_count(0)
