"""Uploads on the page as it is deployed here: the real form, queue, function, endpoint and channel, without a reload."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from local.run_state import RunState
from tests.browser.conftest import screenshot

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def requests() -> list[str]:
    return []


@pytest.fixture
def real_page(browser: Browser, stack: RunState, requests: list[str]) -> Iterator[Page]:
    page = browser.new_page(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    page.on("request", lambda request: requests.append(f"{request.method} {request.url}"))
    page.goto(stack.page_url)
    yield page
    page.close()


def test_answers_a_photo_of_several_digits_by_push(real_page: Page, requests: list[str]) -> None:
    is_creation = lambda response: response.request.method == "POST" and response.url.endswith("/jobs")  # noqa: E731
    with real_page.expect_websocket() as socket, real_page.expect_response(is_creation) as created:
        real_page.locator("#upload-files").set_input_files(ROOT / "docs/digits-photo.jpg")
    assert socket.value.url.startswith("ws://127.0.0.1:")
    card = real_page.locator("#cards > *").first
    digits = card.locator(".digits").get_by_role("button")
    expect(digits).to_have_count(15, timeout=20_000)
    expect(card.locator("canvas").first).to_be_visible()
    screenshot(real_page, "real-photo")
    # Pushed: the page asked for this job when its channel was open and when it was told, not over and over.
    job = created.value.json()["id"]
    assert sum(each.startswith("GET") and each.endswith(f"/jobs/{job}") for each in requests) <= 3
    assert sum(each.startswith("GET") and "/index.html" in each for each in requests) == 0


def test_answers_a_batch_with_progress_and_results(real_page: Page, tmp_path: Path) -> None:
    rows = "\n".join(",".join(["0"] * 784) for _ in range(2000)) + "\nno row\n"
    batch = tmp_path / "a batch+1 ü.csv"
    batch.write_text(rows)
    real_page.locator("#upload-files").set_input_files(batch)
    card = real_page.locator("#cards > *").first
    expect(card).to_contain_text(re.compile(r"2,000|2 000"), timeout=30_000)
    expect(card).to_contain_text("line 2001")
    expect(card.get_by_role("link", name=re.compile("predictions.jsonl"))).to_be_visible()
    screenshot(real_page, "real-batch")
    real_page.reload()
    expect(real_page.locator("body")).to_contain_text("a batch+1 ü.csv")


def test_shows_why_an_upload_failed(real_page: Page, tmp_path: Path) -> None:
    file = tmp_path / "notes.pdf"
    file.write_bytes(b"%PDF-1.7\x00\x00")
    real_page.locator("#upload-files").set_input_files(file)
    expect(real_page.locator("#cards > *").first).to_contain_text("The upload is a PDF", timeout=20_000)
