"""What people say of an answer, from the row below it."""

import json
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import ask, stop_clock
from tests.browser.servers import FakeApi, Reply, answer, problem
from tests.browser.states import Scene, several


def given(api: FakeApi) -> list[tuple[str, str, object]]:
    sent = [request for request in api.requests if "/feedback" in request.path]
    return [(request.method, request.path, json.loads(request.body)) for request in sent]


def say(page: Page, *buttons: str) -> None:
    for button in buttons:
        page.get_by_role("group", name="Was it right?").get_by_role("button", name=button, exact=True).click()


def leave(page: Page) -> None:
    """Go away from the page, as far as it hears of it: what was said is sent."""
    page.evaluate("dispatchEvent(new PageTransitionEvent('pagehide'))")


@pytest.mark.parametrize(
    ("buttons", "label", "echo"), [(["Yes"], 7, "You said yes, it is a 7."), (["No", "It was 1"], 1, "You said it was a 1.")]
)
def test_echoes_what_was_said_and_sends_it_in_the_end(page: Page, api: FakeApi, buttons: list[str], label: int, echo: str) -> None:
    stop_clock(page)  # it is sent after a while, too
    ask(page)
    say(page, *buttons)
    expect(page.get_by_role("status")).to_have_text(echo)
    assert given(api) == []
    leave(page)
    expect(page.get_by_role("status")).to_have_text(f"Thank you. {echo}")
    assert given(api) == [("POST", "/predictions/any-id/feedback", {"label": label})]
    expect(page.locator("#feedback").get_by_role("button")).to_have_count(0)


def test_asks_about_the_digit_where_it_is_probably_none_because_a_yes_would_say_either(page: Page, api: FakeApi) -> None:
    api.replies = [answer(4, 0.94, "not a digit")]
    ask(page)
    row = page.get_by_role("group", name="Was it right?")
    expect(row).to_contain_text("Is it a 4 after all?")
    expect(row.get_by_role("button")).to_have_text(["Yes", "Another digit"])
    say(page, "Another digit", "It was 9")
    leave(page)
    expect(page.get_by_role("status")).to_have_text("Thank you. You said it was a 9.")
    assert given(api) == [("POST", "/predictions/any-id/feedback", {"label": 9})]


def test_sends_it_by_itself_after_a_while(open_page: Callable[..., Page], api: FakeApi) -> None:
    page = open_page()
    ask(page)
    expect(page.get_by_role("button", name="Yes")).to_be_visible()
    page.clock.install()
    say(page, "Yes")
    page.clock.fast_forward(9000)
    expect(page.get_by_role("status")).to_contain_text("Thank you.")
    assert len(given(api)) == 1


def test_can_be_taken_back(page: Page, api: FakeApi) -> None:
    ask(page)
    say(page, "No", "It was 1", "Undo what I said")
    expect(page.get_by_role("button", name="Yes")).to_be_focused()
    say(page, "Yes")
    leave(page)
    expect(page.get_by_role("status")).to_contain_text("Thank you.")
    assert [label for *_, label in given(api)] == [{"label": 7}]


def test_can_be_given_with_the_keyboard_and_keeps_the_focus(page: Page, api: FakeApi) -> None:
    ask(page)
    page.get_by_role("button", name="Yes").focus()
    for key in ("Tab", "Enter"):
        page.keyboard.press(key)
    expect(page.get_by_role("button", name="It was 0")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Undo what I said")).to_be_focused()
    leave(page)
    expect(page.locator("#feedback span")).to_be_focused()
    assert given(api)[0][2] == {"label": 0}


@pytest.mark.parametrize("width", [390, 1280])
def test_is_large_enough_to_touch(open_page: Callable[..., Page], width: int) -> None:
    page = open_page(viewport={"width": width, "height": 844}, has_touch=True)
    sizes = """[...document.querySelectorAll('#feedback button')]
        .map((e) => e.getBoundingClientRect()).map((b) => Math.min(b.width, b.height))"""
    ask(page)
    expect(page.get_by_role("button", name="Yes")).to_be_visible()
    found = page.evaluate(sizes)
    say(page, "No")
    found += page.evaluate(sizes)
    say(page, "It was 1")
    found += page.evaluate(sizes)
    assert len(found) == 2 + 9 + 1
    assert min(found) >= 44


def test_asks_anew_about_the_next_answer_and_sends_what_was_said_of_the_last(page: Page, api: FakeApi) -> None:
    stop_clock(page)  # it is sent after a while, too
    ask(page)
    say(page, "Yes")
    api.replies = [Reply(body={**answer(3).body, "id": "another-id"})]
    with page.expect_response("**/feedback"):
        page.get_by_role("button", name="Predict").click()
    say(page, "No")
    expect(page.get_by_role("button", name="It was 7")).to_be_visible()
    expect(page.get_by_role("button", name="It was 3")).to_have_count(0)
    assert len(given(api)) == 1


def test_lets_people_try_again_when_it_did_not_get_through(page: Page, api: FakeApi) -> None:
    works, api.feedback = api.feedback, problem(500, "internal", "Internal error", "something went wrong here")
    ask(page)
    say(page, "Yes")
    leave(page)
    expect(page.get_by_role("status")).to_contain_text("Not sent.")
    api.feedback = works
    say(page, "Try again")
    leave(page)
    expect(page.get_by_role("status")).to_contain_text("Thank you.")


@pytest.mark.parametrize(
    ("refusal", "said"),
    [
        (problem(409, "conflict", "Conflict", "another label was given before for instance 0"), "stays"),
        (problem(429, "too-many-requests", "Too many requests", "a caller may give 2,000 labels an hour"), "enough for this hour"),
    ],
)
def test_says_why_it_does_not_count(page: Page, api: FakeApi, refusal: Reply, said: str) -> None:
    api.feedback = refusal
    ask(page)
    say(page, "No", "It was 1")
    leave(page)
    expect(page.get_by_role("status")).to_contain_text(said)


def test_asks_nothing_without_an_answer_or_where_the_api_takes_none(page: Page, api: FakeApi) -> None:
    expect(page.get_by_role("button", name="Yes")).to_have_count(0)
    old = answer()
    api.replies = [Reply(body={name: value for name, value in old.body.items() if name != "id"})]
    ask(page)
    expect(page.locator("#digit")).to_have_text("7")
    expect(page.get_by_role("button", name="Yes")).to_have_count(0)


def test_asks_about_each_digit_of_a_page(scene: Scene, api: FakeApi) -> None:
    page = several(scene)
    stop_clock(page)  # it is sent after a while, too
    row = page.get_by_role("group", name="Was it right?")
    expect(row).to_contain_text("Digit 1 is a 4: is it right?")
    page.get_by_role("button", name="Digit 3: 7").click()
    expect(row).to_contain_text("Digit 3 is a 7: is it right?")
    say(page, "No", "It was 1")
    with page.expect_response("**/feedback"):  # who goes on takes nothing back
        page.get_by_role("button", name="Digit 2: 2").click()
    say(page, "Yes")
    leave(page)
    expect(row).to_contain_text("Thank you. You said yes, it is a 2.")
    assert [label for *_, label in given(api)] == [{"labels": [None, None, 1, None]}, {"labels": [None, 2, None, None]}]
    page.get_by_role("button", name="Digit 3: 7").click()
    expect(row).to_have_text("You said it was a 1.")
