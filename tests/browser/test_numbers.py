"""The page of a model that takes numbers: a form from the manifest in place of the drawing pad."""

import json
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import screenshot
from tests.browser.servers import FakeApi, Reply

MODEL = {"name": "linear", "version": "1.0.0+0a1b2c3d"}
MANIFEST = {
    **MODEL,
    "labels": [],
    "input": {"name": "features", "dtype": "float32", "shape": [1], "features": [{"name": "experience", "unit": "years"}]},
    "output": {"name": "values", "kind": "regression", "target": "salary", "unit": "US$ a year"},
}


@pytest.fixture
def salary(api: FakeApi) -> FakeApi:
    api.model = Reply(body=MANIFEST)
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
    expect(page.locator("#confidence")).to_have_text("salary for 3.1 years")
    expect(page.locator("#status")).to_have_text("salary for 3.1 years: 53,521.5 US$ a year")
    expect(page.locator("#version")).to_have_text(MODEL["version"])
    (sent,) = salary.predictions
    assert (sent.headers["content-type"], json.loads(sent.body)) == ("application/json", {"instances": [[3.1]]})
    screenshot(page, "numbers")


def test_asks_for_nothing_without_a_number(salary: FakeApi, open_page: Callable[..., Page]) -> None:
    page = open_page()
    page.get_by_label("Experience years").press("Enter")
    assert page.evaluate("document.querySelector('#feature-0').validity.valueMissing")
    page.keyboard.press("Escape")  # which clears a drawing
    page.get_by_label("Experience years").fill("4")
    page.get_by_role("button", name="Predict").click()
    expect(page.locator("#sentence")).to_have_text("53,521.5 US$ a year")
    assert [json.loads(sent.body) for sent in salary.predictions] == [{"instances": [[4]]}]


def test_has_a_field_for_each_feature(salary: FakeApi, open_page: Callable[..., Page]) -> None:
    features = [{"name": "experience", "unit": "years"}, {"name": "work", "unit": "hours a week"}]
    salary.model = Reply(body={**MANIFEST, "input": {**MANIFEST["input"], "shape": [2], "features": features}})  # type: ignore[dict-item]
    page = open_page(viewport={"width": 375, "height": 800}, color_scheme="dark")
    page.get_by_label("Experience years").fill("3")
    page.get_by_label("Work hours a week").fill("-0.5")
    page.get_by_role("button", name="Predict").click()
    expect(page.locator("#confidence")).to_have_text("salary for 3 years, -0.5 hours a week")
    assert json.loads(salary.predictions[0].body) == {"instances": [[3, -0.5]]}
    expect(page.locator("#code-panel")).to_contain_text('{"instances":[[3,-0.5]]}')
    screenshot(page, "numbers-narrow-dark")


def test_uploads_stay_and_name_what_they_take(salary: FakeApi, open_page: Callable[..., Page]) -> None:
    page = open_page()
    expect(page.get_by_role("heading", name="Upload a batch")).to_be_visible()
    expect(page.locator("#upload-kinds")).to_have_text("A batch as CSV, JSON Lines or npy, a row for each answer")
