"""The page of a model that takes photos and answers a class by its name."""

import io
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from functions.predict.answering.seen import draw as draw_seen
from tests.browser.conftest import screenshot
from tests.browser.files import photo_summary
from tests.browser.servers import FakeApi, FakePage, Reply, answer
from tests.browser.upload_servers import FakeCloud
from tests.browser.words import list_words_of_digits
from tests.digits import encoded
from tests.photos import any_photo

LABELS = ["airplane", "car", "cat", "dog", "flower", "fruit", "motorbike", "person"]
SHARES = [0.01, 0.05, 0.005, 0.72, 0.08, 0.02, 0.1, 0.015]
PHOTO = any_photo(3, (640, 480))
SIDE = 224


def reply(**more: Any) -> Reply:
    seen = draw_seen(PHOTO.resize((SIDE, SIDE)).tobytes(), (SIDE, SIDE, 3))
    prediction = {"label": "dog", "probability": 0.72, "probabilities": SHARES, "seen": seen}
    return Reply(body={**answer().body, "predictions": [prediction | more]})


@pytest.fixture
def photos(api: FakeApi, site: FakePage) -> FakeApi:
    site.config |= {"input": "photos", "recipe": "natural_images", "limits": ["Knowing people."]}
    api.model = Reply(
        body={
            "name": "densenet121",
            "version": "1.0.0+0a1b2c3d",
            "labels": LABELS,
            "input": {"name": "pixels", "dtype": "uint8", "shape": [SIDE, SIDE, 3]},
            "output": {"name": "probabilities", "kind": "classification"},
            "metrics": {
                "accuracy": 0.951,
                "robustness": {"clean": 0.951, "mirrored": 0.94},
                "calibration": [{"confidence": 0.6, "accuracy": 0.55, "count": 4}, {"confidence": 0.97, "accuracy": 0.99, "count": 90}],
            },
        }
    )
    api.replies = [reply()]
    return api


def choose(page: Page, content: bytes, name: str = "dog.jpg", kind: str = "image/jpeg") -> None:
    page.locator("#file").set_input_files({"name": name, "mimeType": kind, "buffer": content})


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (1280, "dark"), (390, "light"), (390, "dark")])
def test_answers_a_photo_with_the_five_most_probable_names(
    photos: FakeApi, open_page: Callable[..., Page], width: int, scheme: str
) -> None:
    page = open_page(viewport={"width": width, "height": 844}, color_scheme=scheme)
    expect(page.get_by_role("heading", name="What is in the picture?")).to_be_visible()
    screenshot(page, f"photos-empty-{width}-{scheme}")
    choose(page, encoded(PHOTO, "JPEG"))
    expect(page.locator("#sentence")).to_have_text("Probably “dog”")
    expect(page.locator("#confidence")).to_have_text("72.0 %")
    rows = page.get_by_role("table", name="The five most probable answers").get_by_role("row")
    expect(rows.locator("th[scope=row]:visible")).to_have_text(["dog", "motorbike", "flower", "car", "fruit"])
    expect(page.locator("#spoken")).to_have_text("Probably “dog”, 72.0 %")
    (sent,) = photos.predictions
    assert (sent.path, sent.headers["content-type"]) == ("/predictions?include=seen", "image/jpeg")
    expect(page.get_by_role("img", name="What the model saw: the picture as 224 by 224 pixels")).to_be_visible()
    pixel = page.locator("#seen").evaluate("canvas => [canvas.width, ...canvas.getContext('2d').getImageData(10, 20, 1, 1).data]")
    assert pixel == [SIDE, *PHOTO.resize((SIDE, SIDE)).getpixel((10, 20)), 255]  # type: ignore[misc]
    screenshot(page, f"photos-{width}-{scheme}")


def test_waits_for_the_names_that_the_model_tells(photos: FakeApi, open_page: Callable[..., Page]) -> None:
    gate = threading.Event()
    photos.model = replace(photos.model, gate=gate)
    page = open_page()
    with page.expect_response("**/predictions*"):
        choose(page, encoded(PHOTO, "JPEG"))
    gate.set()
    names = page.get_by_role("table", name="The five most probable answers").locator("th[scope=row]:visible")
    expect(names).to_have_text(["dog", "motorbike", "flower", "car", "fruit"])
    page.get_by_role("button", name="No", exact=True).click()
    expect(page.get_by_role("button", name="It was cat")).to_be_visible()


def test_a_second_photo_orders_the_names_anew(photos: FakeApi, open_page: Callable[..., Page]) -> None:
    page = open_page()
    choose(page, encoded(PHOTO, "JPEG"))
    expect(page.locator("#sentence")).to_have_text("Probably “dog”")
    photos.replies = [reply(label="airplane", probability=0.93, probabilities=[0.93, *[0.01] * 7])]
    choose(page, encoded(PHOTO.rotate(90)), "b.png", "image/png")
    expect(page.locator("#sentence")).to_have_text("This is “airplane”")
    expect(page.locator("#bars th:visible").first).to_have_text("airplane")


def test_has_nothing_of_digits(photos: FakeApi, open_page: Callable[..., Page]) -> None:
    page = open_page()
    expect(page.get_by_role("heading", name="What is in the picture?")).to_be_visible()
    choose(page, encoded(PHOTO, "JPEG"))
    expect(page.locator("#sentence")).to_have_text("Probably “dog”")
    page.locator("#about summary").click()
    expect(page.locator("#model-card")).to_contain_text("a picture of 224 × 224 pixels in colour")
    expect(page.locator("#model-card")).to_contain_text("Of the 90 answers that it was surest of, 97.0 % on average, 99.0 % were right.")
    expect(page.locator("#model-card")).to_contain_text("Knowing people.")
    assert list_words_of_digits(page) == []
    assert "draw" not in page.title().lower()
    assert page.locator("#pad").get_attribute("aria-label") == "The photo"
    for name in ("Eraser", "Undo", "Try a handwritten 7", "Try a batch"):
        assert not page.get_by_role("button", name=name).is_visible()


def test_calls_grey_pictures_no_digits(photos: FakeApi, open_page: Callable[..., Page]) -> None:
    manifest: Any = photos.model.body
    photos.model = Reply(body={**manifest, "input": {**manifest["input"], "shape": [SIDE, SIDE]}})
    page = open_page()
    page.locator("#about summary").click()
    expect(page.locator("#model-card")).to_contain_text("The same test pictures")
    assert list_words_of_digits(page) == []


def test_an_uploaded_photo_is_answered_by_names_and_without_boxes(
    photos: FakeApi, open_page: Callable[..., Page], cloud: FakeCloud
) -> None:
    page = open_page()
    expect(page.get_by_role("heading", name="What is in the picture?")).to_be_visible()
    page.locator("#upload-files").set_input_files({"name": "dog.jpg", "mimeType": "image/jpeg", "buffer": encoded(PHOTO, "JPEG")})
    prediction = {"row": 1, "label": "dog", "probability": 0.72, "probabilities": SHARES}
    job = cloud.next()
    cloud.events.wait_for(job.channel)
    cloud.finish(job, {**photo_summary([], []), "rows": 1, "succeeded": 1, "labels": {"dog": 1}, "predictions": [prediction]})
    uploaded = page.locator("#cards article")
    expect(uploaded.get_by_role("row", name="motorbike 10.0 %")).to_be_visible()
    expect(uploaded.get_by_role("row", name="dog 72.0 %")).to_have_class("best")
    expect(uploaded.get_by_role("img", name="dog.jpg: dog", exact=True)).to_be_visible()
    assert "digit" not in uploaded.aria_snapshot().lower()


def test_a_hand_on_the_photo_changes_nothing(photos: FakeApi, open_page: Callable[..., Page]) -> None:
    page = open_page()
    choose(page, encoded(PHOTO, "JPEG"))
    expect(page.locator("#sentence")).to_have_text("Probably “dog”")
    with page.expect_file_chooser():
        page.locator("#pad").click()
    page.keyboard.press("Escape")
    expect(page.locator("#sentence")).to_have_text("Probably “dog”")
    assert len(photos.predictions) == 1


def test_tries_the_example_and_shows_a_program_that_asks_about_it(photos: FakeApi, open_page: Callable[..., Page]) -> None:
    page = open_page()
    page.get_by_role("button", name="Try a photo").click()
    expect(page.locator("#sentence")).to_have_text("Probably “dog”")
    (sent,) = photos.predictions
    example = Path(__file__).resolve().parents[2] / "web/example-thing.jpg"
    assert sent.body == example.read_bytes()
    assert Image.open(io.BytesIO(sent.body)).mode == "RGB"
    expect(page.locator("#code-panel")).to_contain_text("example-thing.jpg")
    page.get_by_role("button", name="Upload a file").click()
    expect(page.locator("#code-panel")).to_contain_text("example-thing.jpg")
