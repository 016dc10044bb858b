"""The page in a real browser, against a scripted API: drawing, pictures, answers and problems."""

import base64
import io
import re
import threading
from collections.abc import Callable
from dataclasses import replace

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser.conftest import ask, draw, screenshot, stop_clock
from tests.browser.servers import FakeApi, FakePage, Reply, Request, answer, problem
from tests.browser.upload_servers import FakeCloud
from tests.digits import encoded

SEVEN = [(0.3, 0.24), (0.7, 0.22), (0.44, 0.81)]
BAR = [(0.5, 0.2), (0.5, 0.8)]


def starting(retry_after_s: int = 1) -> Reply:
    detail = "The endpoint is scaling from zero."
    return problem(503, "endpoint-starting", "Endpoint starting", detail, "Wait a moment.", **{"retry-after": str(retry_after_s)})


def headline(page: Page) -> str:
    return page.locator("#sentence").inner_text()


def picture(kind: str = "PNG", size: tuple[int, int] = (40, 30), *, noisy: bool = False) -> bytes:
    image = Image.effect_noise(size, 200) if noisy else Image.new("L", size, 255)
    image.paste(0, (size[0] // 3, size[1] // 4, size[0] // 2, size[1] // 2))
    return encoded(image, kind)


def give(page: Page, how: str, name: str, media_type: str, data: bytes) -> None:
    """Drop or paste a file, as the operating system would hand it over."""
    give_each(page, how, (name, media_type, data))


def give_each(page: Page, how: str, *files: tuple[str, str, bytes]) -> None:
    """Drop or paste files one after the other, before the page has done anything with the first."""
    page.evaluate(
        """([how, files]) => {
            for (const [name, type, data] of files) {
                const transfer = new DataTransfer();
                transfer.items.add(new File([Uint8Array.from(atob(data), (c) => c.charCodeAt(0))], name, { type }));
                document.body.dispatchEvent(how === "drop"
                    ? new DragEvent("drop", { dataTransfer: transfer, bubbles: true, cancelable: true })
                    : new ClipboardEvent("paste", { clipboardData: transfer, bubbles: true }));
            }
        }""",
        [how, [(name, media_type, base64.b64encode(data).decode()) for name, media_type, data in files]],
    )


def test_sends_a_drawing_as_bright_ink_on_black(page: Page, api: FakeApi) -> None:
    draw(page, SEVEN)
    expect(page.locator("#sentence")).to_have_text("This is a 7")

    sent = api.predictions[0]
    assert (sent.method, sent.path, sent.headers["content-type"]) == ("POST", "/predictions?include=pixels", "image/png")
    image = Image.open(io.BytesIO(sent.body)).convert("L")
    assert image.width == image.height >= 28
    assert image.getpixel((0, 0)) == 0
    assert image.getpixel((image.width // 2, round(image.height * 0.23))) == 255
    assert image.getbbox() == pytest.approx([round(x * image.width) for x in (0.26, 0.19, 0.74, 0.85)], abs=3)


def test_sends_the_same_picture_in_the_dark(open_page: Callable[..., Page], api: FakeApi) -> None:
    for scheme in ("light", "dark"):
        page = open_page(color_scheme=scheme)
        ask(page)
        expect(page.locator("#sentence")).to_have_text("This is a 7")
    light, dark = api.predictions
    assert light.body == dark.body


def test_shows_the_answer_its_bars_the_pixels_and_the_model(page: Page) -> None:
    draw(page, SEVEN)
    expect(page.locator("#digit")).to_have_text("7")
    expect(page.locator("#confidence")).to_have_text("99.8 %")
    expect(page.get_by_role("row", name="7 99.8 %")).to_have_class("best")
    expect(page.get_by_role("row", name="3 0.0 %")).to_be_visible()
    expect(page.locator("#latency")).to_have_text(re.compile(r"^\d+ ms$|^\d\.\d s$"))
    expect(page.locator("#version")).to_have_text("1.0.0+0a1b2c3d")
    expect(page.locator("#variant")).to_have_text("primary")
    expect(page.get_by_role("img", name="the picture as 28 by 28 grey pixels")).to_be_visible()
    seen = page.locator("#seen").evaluate("(c) => [...c.getContext('2d').getImageData(0, 0, 28, 28).data].filter((_, i) => i % 4 === 0)")
    assert seen == answer().body["predictions"][0]["pixels"]
    widths = page.locator(".bar").evaluate_all("(bars) => bars.map((b) => getComputedStyle(b).getPropertyValue('--probability'))")
    assert float(widths[7]) == 0.998


def test_names_a_variant_only_where_there_are_several(page: Page, api: FakeApi) -> None:
    api.replies = [answer(variant="AllTraffic"), answer(variant="challenger")]
    ask(page)
    expect(page.locator("#digit")).to_have_text("7")
    expect(page.locator("#variant")).to_be_hidden()
    page.get_by_role("button", name="Predict").click()
    expect(page.locator("#variant")).to_have_text("challenger")


def test_says_that_it_loads_until_it_knows_what_the_model_takes(open_page: Callable[..., Page]) -> None:
    said = "getComputedStyle(document.querySelector('header'), '::after').content"
    page = open_page(path="icon.svg")
    page.route("**/config.json", lambda _: None)  # no answer yet
    page.goto(page.url.replace("icon.svg", ""), wait_until="commit")
    for _ in range(100):  # Playwright's own wait would evaluate a text inside the page, which its Content-Security-Policy refuses
        if (shown := page.evaluate(f"document.querySelector('header') && {said}")) == '"Loading"':
            break
        page.wait_for_timeout(100)
    assert shown == '"Loading"'
    page.unroute("**/config.json")
    page.reload()
    expect(page.locator("#title")).to_be_visible()
    assert page.evaluate(said) == "none"


def test_says_that_it_reads_while_nothing_is_there_yet(page: Page, api: FakeApi) -> None:
    gate = threading.Event()
    api.replies = [Reply(body=answer().body, gate=gate)]
    stop_clock(page)
    ask(page)
    expect(page.locator("#sentence")).to_have_text("Reading it")
    page.clock.run_for(3_000)
    expect(page.locator("#sentence")).to_have_text("The model is starting")
    gate.set()
    expect(page.locator("#digit")).to_have_text("7")


def test_says_at_once_that_the_network_is_gone_and_goes_on_when_it_is_back(page: Page, api: FakeApi) -> None:
    expect(page.locator("#model")).to_have_text("cnn")
    ask(page)
    expect(page.locator("#digit")).to_have_text("7")
    page.context.set_offline(True)
    expect(page.locator("#problem-title")).to_have_text("You are offline")
    api.replies = [answer(3)]
    page.context.set_offline(False)
    expect(page.locator("#digit")).to_have_text("3")


@pytest.mark.parametrize("way", ["reload", "the API's page and its link", "the API's page and back"])
def test_keeps_what_was_drawn_for_who_comes_back(page: Page, api: FakeApi, way: str) -> None:
    draw(page, SEVEN)
    expect(page.locator("#digit")).to_have_text("7")
    asked = api.predictions[-1].body
    if way == "reload":
        page.reload()
    else:
        page.get_by_role("link", name="API", exact=True).click()
        expect(page).to_have_title("API documentation · Inferstack")
        if way.endswith("back"):
            page.go_back()
        else:
            page.get_by_role("link", name="Back to the page").click()
    expect(page.locator("#digit")).to_have_text("7")
    expect(page.locator("#pad")).to_have_accessible_name("Drawing area: 1 stroke")
    assert api.predictions[-1].body == asked
    page.keyboard.press("Escape")
    page.reload()
    expect(page.locator("#model")).to_have_text("cnn")
    expect(page.locator("#pad")).to_have_accessible_name("Drawing area: empty")


def test_keeps_a_picture_for_who_comes_back(page: Page, api: FakeApi) -> None:
    """A photo that had to be chosen again, after a look at the API's page, was lost where a drawing was not."""
    data = picture("JPEG")
    page.get_by_label("Choose a file").set_input_files({"name": "photo.jpg", "mimeType": "image/jpeg", "buffer": data})
    expect(page.locator("#digit")).to_have_text("7")
    page.get_by_role("link", name="API", exact=True).click()
    expect(page).to_have_title("API documentation · Inferstack")
    page.get_by_role("link", name="Back to the page").click()
    expect(page.locator("#digit")).to_have_text("7")
    expect(page.locator("#pad")).to_have_accessible_name("Drawing area: a picture")
    sent = [each for each in api.predictions if each.headers["content-type"] == "image/jpeg"]
    assert [each.body for each in sent] == [data, data]


def test_asks_again_about_what_is_on_the_pad_once_a_file_before_it_is_no_problem_any_more(
    open_page: Callable[..., Page], api: FakeApi, cloud: FakeCloud
) -> None:
    """Beside a drawing it said that there was nothing to read."""
    page = open_page()
    draw(page, SEVEN)
    expect(page.locator("#digit")).to_have_text("7")
    give(page, "drop", "cut.png", "image/png", picture()[:40])
    expect(page.locator("#problem-title")).to_have_text("A broken picture")
    page.locator("#file").set_input_files([{"name": f"{at}.png", "mimeType": "image/png", "buffer": picture()} for at in range(2)])
    expect(page.locator("#digit")).to_have_text("7")
    for job in [cloud.next(), cloud.next()]:
        cloud.events.wait_for(job.channel)


def test_keeps_a_drawing_for_each_recipe(site: FakePage, open_page: Callable[..., Page]) -> None:
    site.config["recipes"] = [{"recipe": name, "title": name.capitalize(), "input": "pictures"} for name in ("digits", "letters")]
    page = open_page()
    draw(page, SEVEN)
    page.get_by_role("link", name="Letters").click()
    expect(page.get_by_role("link", name="Letters")).to_have_attribute("aria-current", "page")
    expect(page.locator("#pad")).to_have_accessible_name("Drawing area: empty")
    page.get_by_role("link", name="Digits").click()
    expect(page.locator("#pad")).to_have_accessible_name("Drawing area: 1 stroke")


def test_prints_what_is_opened_without_its_buttons(open_page: Callable[..., Page]) -> None:
    page = open_page()
    ask(page)
    expect(page.locator("#asked-list li")).to_have_count(1)
    for summary in page.locator(".around summary:visible").all():
        summary.click()
    expect(page.get_by_role("button", name="Copy request")).to_be_visible()
    page.emulate_media(media="print")
    expect(page.locator("#raw-request")).to_be_visible()
    expect(page.locator(".raw-part button:visible")).to_have_count(0)
    expect(page.locator("#asked-list li")).to_be_visible()


def test_prints_the_drawing_and_the_answer_dark_on_light(open_page: Callable[..., Page]) -> None:
    """A dark page too: paper is white, and browsers leave backgrounds out."""
    pixels = "pad.getContext('2d').getImageData(0, 0, pad.width, pad.height).data"
    is_light = f"(pad) => {pixels}.some((value, i) => i % 4 < 3 && value > 99)"
    page = open_page(color_scheme="dark")
    draw(page, SEVEN)
    expect(page.locator("#digit")).to_have_text("7")
    assert page.locator("#pad").evaluate(is_light)
    page.emulate_media(media="print")
    expect(page.locator("#sentence")).to_have_css("color", "rgb(28, 31, 38)")
    assert not page.locator("#pad").evaluate(is_light)
    expect(page.locator(".best .bar")).to_have_css("print-color-adjust", "exact")
    expect(page.get_by_role("button").locator("visible=true")).to_have_count(0)


def test_works_in_a_browser_that_lets_pages_keep_nothing(open_page: Callable[..., Page]) -> None:
    denied = "{ get() { throw new DOMException('denied', 'SecurityError'); } }"
    page = open_page(script=f"Object.defineProperty(window, 'sessionStorage', {denied})")
    draw(page, SEVEN)
    expect(page.locator("#digit")).to_have_text("7")
    page.reload()
    expect(page.locator("#model")).to_have_text("cnn")


def test_says_the_answer_politely(page: Page, api: FakeApi) -> None:
    api.replies = [answer(8, 0.7)]
    draw(page, SEVEN)
    expect(page.get_by_role("status")).to_have_text("Probably an 8, 70.0 %")


def test_says_in_words_how_far_the_answer_can_be_trusted_and_nothing_moves(page: Page, api: FakeApi) -> None:
    def measure() -> list[dict[str, float] | None]:
        return [page.locator(place).bounding_box() for place in ("#bars", "#seen", ".facts", "#feedback")]

    boxes = []
    for verdict, digit, sentence, confidence in (
        ("certain", "8", "This is an 8", "94.0 %"),
        ("unsure", "8", "Probably an 8", "94.0 %"),
        ("not a digit", "?", "Probably not a digit", "If it is one, an 8"),
    ):
        api.replies = [answer(8, 0.94, verdict)]
        draw(page, SEVEN)
        expect(page.get_by_role("status")).to_have_text(f"{sentence}, {confidence}")
        expect(page.locator("#digit")).to_have_text(digit)
        expect(page.locator("#bars .best")).to_have_count(0 if digit == "?" else 1)
        boxes.append(measure())
        screenshot(page, "verdict-" + verdict.replace(" ", "-"))
    assert boxes[0] == boxes[1] == boxes[2]


def test_asks_once_for_strokes_drawn_in_one_go(page: Page, api: FakeApi) -> None:
    stop_clock(page)
    for stroke in (BAR, [(0.2, 0.5), (0.8, 0.5)]):
        draw(page, stroke)
        page.clock.run_for(250)  # less than the page waits
    page.clock.run_for(1_000)
    expect(page.locator("#digit")).to_have_text("7")
    page.clock.run_for(1_000)
    page.wait_for_timeout(100)
    assert len(api.predictions) == 1


def test_lets_the_newest_question_win(page: Page, api: FakeApi) -> None:
    slow = threading.Event()
    api.replies = [Reply(body=answer(1).body, gate=slow), answer(2)]
    stop_clock(page)  # after three seconds the model would count as one that starts
    draw(page, BAR)
    page.clock.run_for(300)
    expect(page.locator("#result")).to_have_attribute("data-state", "busy")
    assert api.asked.wait(30)  # else the second question may be the first to arrive
    draw(page, SEVEN)
    page.clock.run_for(300)
    expect(page.locator("#digit")).to_have_text("2")
    slow.set()
    page.wait_for_timeout(200)
    assert page.locator("#digit").inner_text() == "2"


def test_draws_with_a_finger_and_does_not_scroll(open_page: Callable[..., Page], api: FakeApi) -> None:
    page = open_page(viewport={"width": 320, "height": 640}, has_touch=True, is_mobile=True)
    box = page.locator("#pad").bounding_box()
    assert box
    touch = page.context.new_cdp_session(page)
    points = [{"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] * y} for y in (0.2, 0.3, 0.5, 0.8)]
    touch.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": points[:1]})
    for point in points[1:]:
        touch.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [point]})
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    expect(page.locator("#digit")).to_have_text("7")
    left, top, right, bottom = Image.open(io.BytesIO(api.predictions[0].body)).convert("L").getbbox() or (0, 0, 0, 0)
    assert bottom - top > 3 * (right - left)
    assert page.evaluate("scrollY") == 0


def test_undoes_strokes_and_clears_with_buttons_and_keys(page: Page, api: FakeApi) -> None:
    stop_clock(page)
    draw(page, BAR, SEVEN)
    pad = page.locator("#pad")
    expect(pad).to_have_accessible_name("Drawing area: 2 strokes")
    page.keyboard.press("Control+z")
    expect(pad).to_have_accessible_name("Drawing area: 1 stroke")
    page.get_by_role("button", name="Undo").click()
    expect(pad).to_have_accessible_name("Drawing area: empty")
    draw(page, BAR)
    page.get_by_role("button", name="Clear").click()
    expect(pad).to_have_accessible_name("Drawing area: empty")
    draw(page, BAR)
    page.keyboard.press("Escape")
    expect(pad).to_have_accessible_name("Drawing area: empty")
    expect(page.locator("#sentence")).to_have_text("Nothing to read yet")
    page.clock.run_for(1_000)
    page.wait_for_timeout(100)
    assert api.predictions == []


def test_asks_for_a_drawing_before_it_predicts(page: Page, api: FakeApi) -> None:
    page.get_by_role("button", name="Predict").click()
    expect(page.get_by_role("status")).to_contain_text("draw a digit")
    assert api.predictions == []


@pytest.mark.parametrize(("kind", "media_type"), [("PNG", "image/png"), ("JPEG", "image/jpeg")])
@pytest.mark.parametrize("how", ["drop", "paste", "choose"])
def test_sends_a_picture_as_it_is(page: Page, api: FakeApi, how: str, kind: str, media_type: str) -> None:
    data = picture(kind)
    if how == "choose":
        page.get_by_label("Choose a file").set_input_files({"name": "digit", "mimeType": media_type, "buffer": data})
    else:
        give(page, how, "digit", media_type, data)
    expect(page.locator("#digit")).to_have_text("7")
    assert api.predictions[0].body == data
    assert api.predictions[0].headers["content-type"] == media_type
    expect(page.locator("#pad")).to_have_accessible_name("Drawing area: a picture")


@pytest.mark.parametrize(("size", "noisy", "width"), [((2600, 1300), False, 2000), ((3000, 1500), True, 1414)])
def test_shrinks_a_large_picture_before_it_sends_it(page: Page, api: FakeApi, size: tuple[int, int], noisy: bool, width: int) -> None:
    data = picture("JPEG", size, noisy=noisy)
    assert (len(data) > 1_000_000) == noisy
    give(page, "drop", "photo.jpg", "image/jpeg", data)
    expect(page.locator("#digit")).to_have_text("7")
    sent = api.predictions[0].body
    assert len(sent) <= 1_000_000
    assert Image.open(io.BytesIO(sent)).size == (width, width // 2)


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_sends_a_large_photo_of_any_kind_at_the_size_of_a_jpeg(page: Page, api: FakeApi, kind: str) -> None:
    """As PNG it would shrink to half the size. What only the browser reads, as HEIC in Safari, comes this way too."""
    photo = Image.effect_noise((500, 375), 40).resize((4000, 3000), Image.Resampling.BICUBIC)
    give(page, "drop", "photo", f"image/{kind.lower()}", encoded(photo, kind))
    expect(page.locator("#digit")).to_have_text("7")
    assert api.predictions[0].headers["content-type"] == "image/jpeg"
    sent = api.predictions[0].body
    assert len(sent) <= 1_000_000
    assert Image.open(io.BytesIO(sent)).size == (2000, 1500)


def test_keeps_what_is_transparent_in_a_picture_that_it_shrinks(page: Page, api: FakeApi) -> None:
    photo = Image.effect_noise((2400, 1200), 200).convert("LA")
    photo.putalpha(Image.linear_gradient("L").resize(photo.size))
    give(page, "drop", "sticker.png", "image/png", encoded(photo, "PNG"))
    expect(page.locator("#digit")).to_have_text("7")
    sent = Image.open(io.BytesIO(api.predictions[0].body))
    assert (sent.format, sent.getchannel("A").getextrema()[0]) == ("PNG", 0)


@pytest.mark.parametrize(
    ("file", "said"),
    [
        (("notes.pdf", "application/pdf", b"%PDF-1.7"), "This deployment reads pictures alone: it has no uploads for “notes.pdf”."),
        (("fake.png", "image/png", b"GIF89a"), "“fake.png” starts like a picture, but cannot be decoded."),
        (("cut.png", "image/png", picture()[:40]), "“cut.png” starts like a picture, but cannot be decoded."),
    ],
)
def test_refuses_other_files_in_words(page: Page, api: FakeApi, file: tuple[str, str, bytes], said: str) -> None:
    expect(page.locator("#uploads-lead")).to_have_text("This deployment has no uploads.")  # the page has asked
    give(page, "drop", *file)
    expect(page.locator("#problem-detail")).to_have_text(said)
    expect(page.locator("#retry")).to_be_hidden()
    assert api.predictions == []


def test_refuses_what_was_dropped_before_it_knew_of_no_uploads(open_page: Callable[..., Page], api: FakeApi) -> None:
    known = threading.Event()

    def answer_late(_: Request) -> Reply:
        known.wait(60)
        return Reply(404, {"message": "Not Found"})

    api.jobs = answer_late
    page = open_page()
    give(page, "drop", "notes.pdf", "application/pdf", b"%PDF-1.7")
    expect(page.locator("#cards")).to_contain_text("notes.pdf")
    known.set()
    expect(page.locator("#problem-detail")).to_have_text("This deployment reads pictures alone: it has no uploads for “notes.pdf”.")


def test_drawing_takes_the_place_of_a_picture(page: Page, api: FakeApi) -> None:
    give(page, "paste", "digit.png", "image/png", picture())
    expect(page.locator("#digit")).to_have_text("7")
    api.replies = [answer(1)]
    draw(page, BAR)
    expect(page.locator("#pad")).to_have_accessible_name("Drawing area: 1 stroke")
    expect(page.locator("#digit")).to_have_text("1")
    assert Image.open(io.BytesIO(api.predictions[1].body)).width == 168


def test_takes_the_newest_of_two_files(page: Page, api: FakeApi) -> None:
    slow, quick = picture("JPEG", (3000, 1500), noisy=True), picture()
    give_each(page, "drop", ("slow.jpg", "image/jpeg", slow), ("quick.png", "image/png", quick))
    expect(page.locator("#digit")).to_have_text("7")
    page.wait_for_timeout(1000)
    assert [request.body for request in api.predictions] == [quick]


def test_tells_a_problem_in_the_apis_words(page: Page, api: FakeApi) -> None:
    api.replies = [problem(422, "blank-image", "Blank image", "Nothing is drawn on the picture.", "Draw a digit.")]
    ask(page)
    expect(page.get_by_role("alert")).to_have_text("Blank image. Nothing is drawn on the picture. Draw a digit.")
    expect(page.locator("#problem-title")).to_have_text("Blank image")
    expect(page.locator("#retry")).to_be_hidden()
    api.replies = [answer()]
    ask(page)
    expect(page.locator("#problem")).to_be_hidden()
    expect(page.get_by_role("alert")).to_be_empty()


def test_counts_down_and_asks_again_while_the_endpoint_starts(page: Page, api: FakeApi) -> None:
    api.replies = [starting(1), starting(2), answer(4)]
    stop_clock(page)
    ask(page)
    expect(page.locator("#countdown")).to_have_text("Trying again in 1 s")
    page.clock.run_for(1_000)
    expect(page.locator("#countdown")).to_have_text("Trying again in 2 s")
    page.clock.run_for(1_000)
    expect(page.locator("#countdown")).to_have_text("Trying again in 1 s")
    page.clock.run_for(1_000)
    expect(page.locator("#digit")).to_have_text("4")
    assert len(api.predictions) == 3


def test_asks_again_at_once_when_told_to(page: Page, api: FakeApi) -> None:
    api.replies = [starting(60), answer(4)]
    stop_clock(page)
    ask(page)
    expect(page.locator("#countdown")).to_have_text("Trying again in 60 s")
    page.get_by_role("button", name="Try now").click()
    expect(page.locator("#digit")).to_have_text("4")


def test_shows_no_figure_of_an_answer_that_is_gone(page: Page, api: FakeApi) -> None:
    api.replies = [answer(), problem(500, "internal", "Internal error", "something went wrong here", "Try again."), answer()]
    for gone in ("Predict", "Clear"):
        ask(page)
        expect(page.locator("#latency")).not_to_have_text("–")
        page.get_by_role("button", name=gone).click()
        expect(page.locator("#latency")).to_have_text("–")
        expect(page.locator("#model")).to_have_text("cnn")


def test_clearing_ends_the_countdown(page: Page, api: FakeApi) -> None:
    api.replies = [starting(), answer()]
    stop_clock(page)
    ask(page)
    expect(page.locator("#countdown")).to_have_text("Trying again in 1 s")
    page.keyboard.press("Escape")
    page.clock.run_for(5_000)
    page.wait_for_timeout(100)
    assert len(api.predictions) == 1
    assert headline(page) == "Nothing to read yet"


def test_says_that_the_api_cannot_be_reached_and_asks_when_it_can(page: Page, api: FakeApi) -> None:
    page.route("**/predictions*", lambda route: route.abort("connectionrefused"))
    ask(page)
    expect(page.locator("#problem-title")).to_have_text("The API cannot be reached")
    expect(page.locator("#problem-advice")).to_contain_text("make up")
    page.unroute("**/predictions*")
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(page.locator("#digit")).to_have_text("7")


@pytest.mark.parametrize("how", ["unreadable", "refused"])
def test_says_that_the_deployment_has_changed_since_it_was_opened(page: Page, site: FakePage, api: FakeApi, how: str) -> None:
    """A gateway refuses a call without a token, once the stack has users, perhaps without CORS headers: then it looks like no answer."""
    if how == "unreadable":
        page.route("**/predictions*", lambda route: route.abort("failed"))
    api.replies = [Reply(401, {"message": "Unauthorized"}), answer()]
    site.config = {**site.config, "stage": "another"}
    ask(page)
    expect(page.locator("#problem-title")).to_have_text("The deployment has changed")
    page.unroute("**/predictions*")
    page.get_by_role("button", name="Reload", exact=True).click()
    expect(page.locator("#stage")).to_have_text("another")


@pytest.mark.parametrize(("config", "said"), [(None, "missing"), (b"<html>", "not JSON"), ({"auth": {"kind": "none"}}, "apiUrl")])
def test_says_when_it_is_not_connected(open_page: Callable[..., Page], site: FakePage, config: object, said: str) -> None:
    site.config = config
    page = open_page()
    expect(page.locator("#problem-title")).to_have_text("This page is not connected")
    expect(page.locator("#problem-detail")).to_contain_text(said)
    draw(page, SEVEN)
    page.wait_for_timeout(400)
    expect(page.locator("#problem-title")).to_have_text("This page is not connected")


def test_writes_a_sample_and_predicts_it(page: Page, api: FakeApi) -> None:
    api.replies = [answer(3)]
    page.get_by_role("button", name="Try a handwritten 3").click()
    expect(page.locator("#digit")).to_have_text("3")
    assert len(api.predictions) == 1


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["laptop", "phone"])
def test_keeps_the_answer_in_sight_while_it_asks_anew(open_page: Callable[..., Page], api: FakeApi, name: str, scheme: str) -> None:
    viewport = {"laptop": {"width": 1280, "height": 720}, "phone": {"width": 320, "height": 640}}[name]
    page = open_page(viewport=viewport, color_scheme=scheme, reduced_motion="reduce")
    expect(page.locator("#model")).to_have_text("cnn")
    screenshot(page, f"{name}-{scheme}-empty")
    ask(page)
    expect(page.locator("#digit")).to_have_text("7")
    screenshot(page, f"{name}-{scheme}-answer")
    gate = threading.Event()
    api.replies = [replace(starting(9), gate=gate)]
    page.get_by_role("button", name="Predict").click()
    expect(page.locator("#result")).to_have_attribute("aria-busy", "true")
    expect(page.locator("#digit")).to_have_text("7")
    screenshot(page, f"{name}-{scheme}-busy")
    gate.set()
    expect(page.locator("#countdown")).to_have_text("Trying again in 9 s")
    screenshot(page, f"{name}-{scheme}-problem")
