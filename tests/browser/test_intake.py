"""Every way in for a file: it goes where it belongs. One digit is answered, several are read one by one, anything else becomes a job."""

import io
import json
from collections.abc import Callable

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser.conftest import draw
from tests.browser.files import ROWS, photo, photo_summary
from tests.browser.servers import FakeApi, FakePage, Reply, answer, problem
from tests.browser.test_page import give, picture
from tests.browser.upload_servers import FakeCloud

HEIC = b"\0\0\0\x18ftypheic" + bytes(40)


@pytest.fixture
def page(open_page: Callable[..., Page], cloud: FakeCloud) -> Page:
    page = open_page()
    expect(page.locator("#model")).to_have_text("cnn")
    return page


def several() -> list[Reply]:
    """What the API says of a page of four digits: as one, then each."""
    body = answer().body
    one = body["predictions"][0] | {"digits_found": 4}
    pages = {"predictions": photo_summary()["predictions"], "pictures": [{"width": 560, "height": 400, "unread": [[480, 300, 40, 40]]}]}
    return [Reply(body=body | {"predictions": [one]}), Reply(body=body | pages)]


@pytest.mark.parametrize("how", ["drop", "paste"])
def test_reads_one_digit_here_and_now(page: Page, api: FakeApi, cloud: FakeCloud, how: str) -> None:
    give(page, how, "digit.png", "image/png", picture())
    expect(page.locator("#digit")).to_have_text("7")
    assert cloud.jobs == {}


@pytest.mark.parametrize(
    ("name", "content"),
    [("rows.csv", ROWS), ("scan.tiff", b"II*\0" + bytes(90)), ("scan.pdf", b"%PDF-1.7"), ("digits.zip", b"PK\3\4" + bytes(90))],
)
def test_makes_a_job_of_anything_but_a_picture(page: Page, api: FakeApi, cloud: FakeCloud, name: str, content: bytes) -> None:
    give(page, "paste" if name == "rows.csv" else "drop", name, "", content)
    assert cloud.next().asked["name"] == name
    expect(page.get_by_role("article", name=name)).to_be_in_viewport()
    expect(page.locator("#pad")).to_have_accessible_name("Drawing area: empty")
    assert api.predictions == []


def test_makes_a_job_of_each_of_several_files(page: Page, api: FakeApi, cloud: FakeCloud) -> None:
    files = [{"name": name, "mimeType": "image/png", "buffer": picture()} for name in ("a.png", "b.png")]
    page.get_by_label("Choose a file").set_input_files(files)
    assert {cloud.next().asked["name"], cloud.next().asked["name"]} == {"a.png", "b.png"}
    assert api.predictions == []


def test_says_that_there_are_several_digits_and_reads_each(page: Page, api: FakeApi, cloud: FakeCloud) -> None:
    api.replies = several()
    give(page, "drop", "page.png", "image/png", photo())
    expect(page.locator("#sentence")).to_have_text("4 digits on it")
    expect(page.locator("#page-answer .read")).to_have_text(["4", "2", "7", "1"])
    expect(page.locator("#page-answer .unread")).to_have_text("1 mark could not be read as a digit, in dashes on the picture.")
    expect(page.get_by_role("status")).to_have_text("4 digits on it, 4 2 7 1")
    expect(page.get_by_role("img", name="The picture with 4 digits in boxes: 4, 2, 7, 1")).to_be_visible()
    expect(page.locator("#bars")).to_be_hidden()
    assert [request.path for request in api.requests if "/predictions" in request.path][-1] == "/predictions?digits=all"
    page.get_by_text("Request and answer as JSON").click()
    expect(page.locator("#raw-request")).to_contain_text("/predictions?digits=all")
    assert len(json.loads(page.locator("#raw-response").inner_text())["predictions"]) == 4
    page.get_by_text("Asked before").click()
    expect(page.locator(".asked")).to_have_text(["4 2 7 1"])
    page.locator("#pad").scroll_into_view_if_needed()
    api.replies = [answer(3)]
    draw(page, [(0.3, 0.3), (0.6, 0.6)])
    expect(page.locator("#digit")).to_have_text("3")
    expect(page.locator("#page-answer")).to_be_empty()


def test_asks_once_of_what_the_api_counts_no_several_digits_in(page: Page, api: FakeApi) -> None:
    api.replies = [answer(8, 0.2, "not a digit")]
    give(page, "drop", "letter.png", "image/png", photo())
    expect(page.locator("#sentence")).to_have_text("Probably not a digit")
    assert [request.path for request in api.requests if request.path == "/predictions?digits=all"] == []


def test_brings_an_answer_into_sight(page: Page) -> None:
    page.locator("#jobs").scroll_into_view_if_needed()
    give(page, "paste", "digit.png", "image/png", picture())
    expect(page.locator("#digit")).to_have_text("7")
    expect(page.locator("#headline")).to_be_in_viewport(ratio=1)


def test_forgets_a_refused_file_when_the_next_one_becomes_a_job(page: Page, cloud: FakeCloud) -> None:
    give(page, "drop", "IMG_1.HEIC", "", HEIC)
    expect(page.locator("#problem-title")).to_have_text("A HEIC picture")
    give(page, "drop", "rows.csv", "text/csv", ROWS)
    cloud.next()
    expect(page.locator("#problem")).to_be_hidden()


def test_says_so_at_least_when_they_cannot_be_read_one_by_one(page: Page, api: FakeApi) -> None:
    api.replies = [several()[0], problem(500, "internal", "Internal error", "something went wrong here")]
    give(page, "drop", "page.png", "image/png", photo())
    expect(page.locator("#confidence")).to_contain_text("4 digits were read as one")


def test_names_a_heic_picture_and_the_way_out(page: Page, api: FakeApi, cloud: FakeCloud) -> None:
    give(page, "drop", "IMG_1.HEIC", "", HEIC)
    expect(page.locator("#problem-title")).to_have_text("A HEIC picture")
    expect(page.locator("#problem-advice")).to_contain_text("Export it as JPEG")
    assert (api.predictions, cloud.jobs) == ([], {})


def test_shows_where_a_file_goes_while_it_hovers(page: Page) -> None:
    hover = """(place) => document.querySelector(place).dispatchEvent(new DragEvent("dragover",
        { dataTransfer: new DataTransfer(), bubbles: true, cancelable: true }))"""
    expect(page.locator(".veil")).to_be_hidden()
    page.evaluate(hover, "#bars")
    expect(page.locator(".veil")).to_be_visible()
    page.evaluate(hover, "#upload-files")  # which has a place of its own
    expect(page.locator(".veil")).to_be_hidden()


def test_takes_a_photo_with_a_phones_camera(open_page: Callable[..., Page], api: FakeApi, cloud: FakeCloud) -> None:
    page = open_page(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    camera = page.get_by_label("Take a photo")
    expect(page.locator(".camera label")).to_be_visible()
    expect(camera).to_have_attribute("capture", "environment")
    camera.set_input_files({"name": "image.jpg", "mimeType": "image/jpeg", "buffer": picture("JPEG")})
    expect(page.locator("#digit")).to_have_text("7")


def test_offers_no_camera_where_there_is_a_mouse(page: Page) -> None:
    expect(page.get_by_label("Take a photo")).to_be_hidden()


def test_has_a_photo_and_a_batch_to_try(page: Page, api: FakeApi, cloud: FakeCloud) -> None:
    page.get_by_role("button", name="Try a photo").click()
    expect(page.locator("#digit")).to_have_text("7")
    assert Image.open(io.BytesIO(api.predictions[0].body)).size == (1120, 700)
    page.get_by_role("button", name="Try a batch").click()
    job = cloud.next()
    assert job.asked["name"] == "example-digits.csv"
    head, *rows = job.body.decode().splitlines()
    assert (head.count(","), len(rows)) == (784, 50)
    assert {row.split(",")[0] for row in rows} == set("0123456789")
    assert all(max(map(int, row.split(",")[1:])) == 255 for row in rows)


def strokes_of(api: FakeApi) -> Image.Image:
    return Image.open(io.BytesIO(api.predictions[-1].body)).convert("L")


def test_draws_thick_and_thin_and_takes_away(page: Page, api: FakeApi) -> None:
    def drawn(*strokes: list[tuple[float, float]]) -> Image.Image:
        with page.expect_response("**/predictions*"):
            draw(page, *strokes)
        expect(page.locator("#result")).to_have_attribute("data-state", "answer")
        return strokes_of(api)

    bar = [(0.5, 0.2), (0.5, 0.8)]
    brush = page.get_by_role("slider", name="Brush size")
    widths = []
    for key in ("Home", "End"):
        brush.press(key)
        left, _, right, _ = drawn(bar).getbbox() or (0, 0, 0, 0)
        widths.append((right - left) / 168)
        page.keyboard.press("Escape")
    assert widths == pytest.approx([0.04, 0.14], abs=0.015)
    expect(brush).to_have_attribute("aria-valuetext", "thick")
    drawn(bar)
    page.get_by_role("button", name="Eraser").click()
    expect(page.get_by_role("button", name="Eraser")).to_have_attribute("aria-pressed", "true")
    erased = drawn([(0.2, 0.5), (0.8, 0.5)])
    assert (erased.getpixel((84, 84)), erased.getpixel((84, 40))) == (0, 255)
    assert Image.open(io.BytesIO(api.predictions[-1].body)).mode == "RGB"  # no transparency: it would be a quarter of what is decoded
    with page.expect_response("**/predictions*"):
        page.get_by_role("button", name="Undo").click()
    assert strokes_of(api).getpixel((84, 84)) == 255


def test_guesses_while_somebody_draws(open_page: Callable[..., Page], api: FakeApi, site: FakePage, cloud: FakeCloud) -> None:
    site.config["live"] = True
    page = open_page()
    expect(page.locator("#model")).to_have_text("cnn")
    page.clock.set_fixed_time("2026-11-30T12:00:00Z")  # on a busy machine two moves lie farther apart than two guesses
    box = page.locator("#pad").bounding_box()
    assert box
    page.mouse.move(box["x"] + 100, box["y"] + 80)
    page.mouse.down()
    page.mouse.move(box["x"] + 180, box["y"] + 200, steps=5)
    expect(page.locator("#result")).to_have_attribute("data-state", "guess")
    expect(page.locator("#confidence")).to_have_text("So far. Go on drawing.")
    expect(page.locator("#feedback button")).to_have_count(0)
    expect(page.get_by_role("status")).to_be_empty()
    page.mouse.up()
    expect(page.locator("#result")).to_have_attribute("data-state", "answer")
    assert len(api.predictions) == 2


def test_guesses_nothing_where_the_stage_has_no_room_for_it(page: Page, api: FakeApi) -> None:
    draw(page, [(0.3, 0.24), (0.7, 0.22), (0.44, 0.81)])
    expect(page.locator("#digit")).to_have_text("7")
    assert len(api.predictions) == 1
