"""The page of a model that takes a row of numbers and categories, and answers a class."""

import csv
import io
import json
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import screenshot
from tests.browser.files import CLASS, MANIFEST_OF_A_TABLE
from tests.browser.servers import FakeApi, FakePage, Reply, answer
from tests.browser.upload_servers import FakeCloud
from tests.browser.words import list_words_of_digits

SHARP = 'Something "sharp", or a driver\'s tool'


def reply(**more: Any) -> Reply:
    return Reply(body={**answer().body, "predictions": [CLASS | more]})


@pytest.fixture
def table(api: FakeApi, site: FakePage) -> FakeApi:
    site.config |= {"input": "numbers", "limits": ["Decisions about people."]}
    api.model, api.replies = Reply(body=MANIFEST_OF_A_TABLE), [reply()]
    return api


def list_rows(api: FakeApi) -> list[Any]:
    return [json.loads(sent.body)["instances"] for sent in api.predictions]


@pytest.mark.parametrize("width", [390, 1280])
def test_predicts_a_class_from_an_example(table: FakeApi, open_page: Callable[..., Page], width: int) -> None:
    page = open_page(viewport={"width": width, "height": 844})
    expect(page.get_by_role("heading", name="Predict the outcome")).to_be_visible()
    screenshot(page, f"table-empty-{width}")
    page.get_by_role("group", name="Try").get_by_role("button", name="Example 2").click()
    sentence = "For these values the model expects the outcome “Arrest”, with a probability of 70.9 %."
    expect(page.locator("#sentence")).to_have_text("Arrest")
    expect(page.locator("#sentence")).to_be_in_viewport()
    expect(page.locator("#confidence")).to_have_text(sentence)
    expect(page.locator("#spoken")).to_have_text(sentence)
    row = page.get_by_role("table", name="Probability of each outcome").get_by_role("row", name="No arrest")
    expect(row).to_contain_text("29.1 %")
    assert list_rows(table) == [[{"Type": "Vehicle search", "Latitude": 53, "Gender": "Female", "Object of search": SHARP}]]
    assert {sent.path for sent in table.predictions} == {"/predictions"}  # there are no pixels to be shown
    page.locator("#about summary").click()
    assert not list_words_of_digits(page, "pixel")
    screenshot(page, f"table-{width}")


def test_has_a_menu_for_each_category_and_sends_what_is_not_known_as_such(table: FakeApi, open_page: Callable[..., Page]) -> None:
    table.replies = [reply(unknown_categories=["Type"])]
    page = open_page()
    menu = page.get_by_role("combobox", name="Gender")
    expect(menu.locator("option")).to_have_text(["Not known", "Male", "Female"])
    expect(page.get_by_role("combobox")).to_have_count(3)
    page.get_by_role("button", name="Predict").click()
    expect(page.locator(".note[data-tone=wrong]")).to_have_text("Enter a number.")
    page.get_by_label("Latitude degrees").fill("52,5")
    menu.select_option("Male")
    page.get_by_role("button", name="Predict").click()
    without = "Nothing that it knows was given for Type: it answers as if nothing were known of it."
    expect(page.locator("#confidence")).to_contain_text(without)
    assert list_rows(table) == [[{"Type": None, "Latitude": 52.5, "Gender": "Male", "Object of search": None}]]
    page.get_by_label("Latitude degrees").fill("60")
    page.get_by_role("button", name="Predict").click()
    expect(page.locator("#confidence")).to_contain_text("this is a guess")


def test_tells_a_value_that_the_model_of_now_does_not_know(table: FakeApi, open_page: Callable[..., Page]) -> None:
    page = open_page()
    page.get_by_role("button", name="Example 1").click()
    page.locator("summary", has_text="Asked before").click()
    again = page.get_by_role("button", name="Ask again: Arrest for Person search, Male, Controlled drugs")
    expect(again).to_be_visible()
    features = [{"name": "Type", "values": ["Foot patrol", ""]}, *MANIFEST_OF_A_TABLE["input"]["features"][1:]]  # type: ignore[index]
    table.model = Reply(body={**MANIFEST_OF_A_TABLE, "input": {**MANIFEST_OF_A_TABLE["input"], "features": features}})  # type: ignore[dict-item]
    page.reload()
    page.locator("summary", has_text="Asked before").click()
    with page.expect_response("**/predictions"):  # the form was kept over the reload, so nothing on the page says that it asked again
        again.click()
    expect(page.locator(".note[data-tone=warning]")).to_have_text(
        "The model does not know this value: it answers as if nothing were chosen."
    )
    expect(page.get_by_label("Type")).to_have_value("Person search")
    assert list_rows(table)[0] == list_rows(table)[1]


def test_asks_again_what_was_chosen_before_the_model_said_what_it_takes(table: FakeApi, open_page: Callable[..., Page]) -> None:
    page = open_page()
    page.get_by_role("button", name="Example 1").click()
    page.locator("summary", has_text="Asked before").click()
    expect(page.locator(".asked")).to_have_count(1)
    gate = threading.Event()
    table.model = replace(table.model, gate=gate)
    page.reload()
    page.locator("summary", has_text="Asked before").click()
    page.locator(".asked").click()
    with page.expect_response("**/predictions"):
        gate.set()
    expect(page.locator("#sentence")).to_have_text("Arrest")
    assert list_rows(table)[0] == list_rows(table)[1]


def test_has_a_batch_to_try_that_a_reader_of_csv_reads_back(table: FakeApi, open_page: Callable[..., Page], cloud: FakeCloud) -> None:
    page = open_page()
    page.get_by_role("button", name="Try a batch").click()
    job = cloud.next()
    assert job.asked["name"] == "example-rows.csv"
    rows = list(csv.DictReader(io.StringIO(job.body.decode())))
    names = [feature["name"] for feature in MANIFEST_OF_A_TABLE["input"]["features"]]  # type: ignore[index]
    assert [list(row) for row in rows] == [names] * 3
    assert rows[1] == {"Type": "Vehicle search", "Latitude": "53", "Gender": "Female", "Object of search": SHARP}
    cloud.events.wait_for(job.channel)
    cloud.finish(job, {"format": "csv", "rows": 3, "succeeded": 3, "failed": 0, "labels": {"Arrest": 1, "No arrest": 2}})
    expect(page.locator(".batch-few")).to_have_text("The 3 rows are “Arrest”, “No arrest” and “No arrest”.")
    expect(page.get_by_role("button", name="Upload a file")).to_have_attribute("aria-pressed", "true")


def test_takes_whether_it_was_right(table: FakeApi, open_page: Callable[..., Page]) -> None:
    page = open_page()
    page.get_by_role("button", name="Example 1").click()
    page.get_by_role("button", name="No", exact=True).click()
    page.get_by_role("button", name="It was No arrest").click()
    expect(page.locator("#feedback")).to_contain_text("You said it was “No arrest”.")


def test_tells_of_the_model_without_a_word_of_pictures(table: FakeApi, open_page: Callable[..., Page]) -> None:
    page = open_page()
    page.locator("#about summary").click()
    card = page.locator("#model-card")
    expect(card).to_contain_text("Type, Latitude in degrees, Gender, Object of search")
    expect(card).to_contain_text("Outcome: one of No arrest, Arrest")
    expect(card).to_contain_text("69.92 % of its test rows")
    expect(card).to_contain_text("67.79 % on average; guessing gives 50.00 %")
    expect(card.get_by_role("heading", name="What it is not for")).to_be_visible()
    expect(card).to_contain_text("Decisions about people.")
    assert "picture" not in card.inner_text()
    assert "undefined" not in page.inner_text("body")
