"""The page of a model that takes numbers: a form from the manifest in place of the drawing pad."""

import json
import threading
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import screenshot
from tests.browser.files import MANIFEST_OF_NUMBERS
from tests.browser.servers import FakeApi, FakePage, Reply, problem

MODEL = {"name": "linear", "version": "1.0.0+0a1b2c3d"}


@pytest.fixture
def salary(api: FakeApi, site: FakePage) -> FakeApi:
    site.config["input"] = "numbers"
    api.model = Reply(body=MANIFEST_OF_NUMBERS)
    api.replies = [Reply(body={"predictions": [{"value": 53521.5}], "model": {**MODEL, "variant": "main"}, "request_id": "any-request"})]
    return api


def test_shows_a_field_with_its_unit_and_enter_predicts(salary: FakeApi, open_page: Callable[..., Page]) -> None:
    page = open_page()
    field = page.get_by_label("Experience years")
    expect(page.get_by_role("heading", name="Predict the salary")).to_be_visible()
    for gone in ("#pad", "#samples", "#clear", "#bars", "#seen"):
        expect(page.locator(gone)).to_be_hidden()
    screenshot(page, "numbers-empty")
    field.fill("3.1")
    field.press("Enter")
    expect(page.locator("#sentence")).to_have_text("53,521.5 US$ a year")
    sentence = "For 3.1 years of experience the model expects a salary of 53,521.5 US$ a year."
    expect(page.locator("#confidence")).to_have_text(sentence)
    expect(page.locator("#spoken")).to_have_text(sentence)
    expect(page.locator("#version")).to_have_text(MODEL["version"])
    (sent,) = salary.predictions
    assert (sent.headers["content-type"], json.loads(sent.body)) == ("application/json", {"instances": [[3.1]]})
    screenshot(page, "numbers")


def test_asks_for_nothing_without_a_number(salary: FakeApi, open_page: Callable[..., Page]) -> None:
    page = open_page()
    page.get_by_label("Experience years").press("Enter")
    expect(page.locator(".note")).to_have_text("Enter a number.")
    expect(page.get_by_label("Experience years")).to_be_focused()
    page.keyboard.press("Escape")  # which clears a drawing
    page.get_by_label("Experience years").fill("4")
    page.get_by_role("button", name="Predict").click()
    expect(page.locator("#sentence")).to_have_text("53,521.5 US$ a year")
    assert [json.loads(sent.body) for sent in salary.predictions] == [{"instances": [[4]]}]


def test_has_a_field_for_each_feature(salary: FakeApi, open_page: Callable[..., Page]) -> None:
    features = [{"name": "experience", "unit": "years"}, {"name": "work", "unit": "hours a week"}]
    salary.model = Reply(body={**MANIFEST_OF_NUMBERS, "input": {**MANIFEST_OF_NUMBERS["input"], "shape": [2], "features": features}})  # type: ignore[dict-item]
    page = open_page(viewport={"width": 375, "height": 800}, color_scheme="dark")
    page.get_by_label("Experience years").fill("3")
    page.get_by_label("Work hours a week").fill("-0.5")
    page.get_by_role("button", name="Predict").click()
    expect(page.locator("#confidence")).to_contain_text("For 3 years of experience and -0.5 hours a week of work the model")
    assert json.loads(salary.predictions[0].body) == {"instances": [[3, -0.5]]}
    expect(page.locator("#code-panel")).to_contain_text('{"instances":[[3,-0.5]]}')
    screenshot(page, "numbers-narrow-dark")


def test_uploads_stay_and_name_what_they_take(salary: FakeApi, open_page: Callable[..., Page]) -> None:
    page = open_page()
    expect(page.get_by_role("heading", name="Upload a batch")).to_be_visible()
    expect(page.locator("#upload-kinds")).to_have_text("A batch as CSV, JSON Lines or npy, a row for each answer")


def test_reads_a_decimal_comma_and_refuses_what_may_be_two_numbers(salary: FakeApi, open_page: Callable[..., Page]) -> None:
    page = open_page()
    field = page.get_by_label("Experience years")
    field.fill("3,1")
    field.press("Enter")
    expect(page.locator("#sentence")).to_have_text("53,521.5 US$ a year")
    field.fill("1,500")
    field.press("Enter")
    expect(page.locator(".note")).to_have_text("“1,500” may be two numbers: write 1500 or 1.500.")
    expect(field).to_have_attribute("aria-invalid", "true")
    assert [json.loads(sent.body) for sent in salary.predictions] == [{"instances": [[3.1]]}]


def test_knows_what_the_model_was_trained_on_and_what_cannot_be(salary: FakeApi, open_page: Callable[..., Page]) -> None:
    page = open_page()
    field, note = page.get_by_label("Experience years"), page.locator(".note")
    expect(note).to_have_text("Trained on 1.1 to 10.5 years.")
    field.fill("40")
    expect(note).to_have_text("The model was trained on 1.1 to 10.5 years: outside it the answer is a guess.")
    field.press("Enter")
    expect(page.locator("#confidence")).to_contain_text("this is a guess")
    field.fill("-3")
    field.press("Enter")
    expect(note).to_have_text("Experience cannot be below 0 years.")
    assert len(salary.predictions) == 1


def test_fills_the_form_with_one_click(salary: FakeApi, open_page: Callable[..., Page]) -> None:
    page = open_page()
    page.get_by_role("group", name="Or try").get_by_role("button", name="5.8 years").click()
    expect(page.locator("#confidence")).to_contain_text("For 5.8 years of experience")


def test_keeps_what_was_typed_for_who_comes_back(salary: FakeApi, open_page: Callable[..., Page]) -> None:
    page = open_page()
    page.get_by_label("Experience").fill("40,5")
    page.get_by_role("link", name="API", exact=True).click()
    page.get_by_role("link", name="Back to the page").click()
    expect(page.get_by_label("Experience")).to_have_value("40,5")
    expect(page.locator(".note")).to_contain_text("outside it the answer is a guess")
    assert salary.predictions == []


def test_keeps_what_was_typed_while_the_model_does_not_answer(salary: FakeApi, open_page: Callable[..., Page]) -> None:
    page = open_page()
    page.get_by_label("Experience").fill("40,5")
    model, salary.model = salary.model, problem(503, "starting", "Starting", "It starts.")
    page.reload()
    expect(page.locator("#problem-title")).to_be_visible()
    salary.model = model
    page.reload()
    expect(page.get_by_label("Experience")).to_have_value("40,5")


def test_never_shows_the_pad_before_the_form(salary: FakeApi, open_page: Callable[..., Page], site: FakePage) -> None:
    salary.model = Reply(body=MANIFEST_OF_NUMBERS, gate=threading.Event())
    page = open_page()
    expect(page.locator("#lead")).to_have_text("Asking the model what it takes.")
    expect(page.locator("#pad")).to_be_hidden()
    seen = page.evaluate("getComputedStyle(document.querySelector('main')).visibility")
    assert seen == "visible"


def test_offers_the_model_again_when_it_did_not_say_what_it_takes(salary: FakeApi, open_page: Callable[..., Page]) -> None:
    salary.model = problem(502, "endpoint-failed", "Endpoint failed", "the endpoint failed")
    page = open_page()
    expect(page.locator("#problem-title")).to_have_text("Endpoint failed")
    salary.model = Reply(body=MANIFEST_OF_NUMBERS)
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_label("Experience years")).to_be_visible()
    expect(page.locator("#problem")).to_be_hidden()
