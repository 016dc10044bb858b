"""Uploads in a real browser, against a scripted stack: photos, batches, push, polling, problems and the list of jobs."""

import io
import re
from collections.abc import Callable

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser.conftest import screenshot
from tests.browser.files import BATCH, BOXES, ROWS, drop, photo, photo_summary
from tests.browser.servers import FakeApi, FakePage, Reply, problem
from tests.browser.states import Scene
from tests.browser.test_access import NAMELESS, OUTSIDE
from tests.browser.upload_servers import MODEL, FakeCloud

NAME = "['ariaLabel', 'textContent', 'title'].map((name) => document.activeElement[name]).find(Boolean) ?? ''"


@pytest.fixture
def page(open_page: Callable[..., Page], cloud: FakeCloud) -> Page:
    return open_page()


def card(page: Page, name: str):  # type: ignore[no-untyped-def]
    return page.get_by_role("article", name=name, exact=True)


def blue_corner(page: Page, name: str, box: tuple[int, int, int, int]) -> list[int]:
    """The canvas's colour on a box's left edge."""
    at = [box[0], box[1] + box[3] // 2]
    colour: list[int] = (
        card(page, name)
        .locator("canvas")
        .evaluate("(c, [x, y]) => [...c.getContext('2d').getImageData(x * c.width / 560, y * c.height / 400, 1, 1).data]", at)
    )
    return colour[:3]


def test_shows_a_photos_digits_and_boxes_by_push_alone(page: Page, api: FakeApi, cloud: FakeCloud) -> None:
    page.evaluate("window.unreloaded = true")
    page.clock.install()
    drop(page, ("scan.png", "image/png", photo()))
    job = cloud.next()
    assert job.asked == {"name": "scan.png", "content_type": "image/png", "size_bytes": len(job.body), "csv": False}
    assert Image.open(io.BytesIO(job.body)).size == (560, 400)
    scan = card(page, "scan.png")
    expect(scan.locator(".chip")).to_have_text("Waiting")
    cloud.events.wait_for(job.channel)
    for _ in range(4):
        page.clock.run_for(5_000)  # a page that is not told asks after one second, and then again and again
        page.wait_for_timeout(50)
    cloud.finish(job, photo_summary())
    expect(scan.locator(".read")).to_have_text(["4", "2", "7", "1"])
    assert len(cloud.gets) <= 2  # in the end, and once before where the file arrived before the channel was live
    expect(scan.get_by_role("img", name="scan.png with 4 digits in boxes: 4, 2, 7, 1")).to_be_visible()
    assert blue_corner(page, "scan.png", BOXES[1]) == [0x3D, 0x4D, 0xB8]
    expect(page.get_by_role("status")).to_have_text("scan.png: 4 2 7 1")
    scan.get_by_role("button", name="Digit 3: 7, 93.0 %").click()
    expect(scan.locator(".digit-words")).to_contain_text("This is a 7")
    expect(scan.get_by_role("row", name="7 93.0 %")).to_have_class("best")
    assert page.evaluate("window.unreloaded") is True
    assert [request.path for request in api.requests if request.path.startswith("/predictions")] == []
    expect(page.locator("#pad")).to_have_accessible_name("Drawing area: empty")


def test_counts_a_batch_while_it_is_read_and_then_shows_it_whole(page: Page, cloud: FakeCloud) -> None:
    page.get_by_label("Give the results also as CSV").check()
    drop(page, ("ten thousand.csv", "text/csv", ROWS))
    job = cloud.next()
    assert job.asked["csv"] is True
    cloud.events.wait_for(job.channel)
    batch = card(page, "ten thousand.csv")
    for done, words, percent in [(2500, "2,500 of 10,000 rows", "25"), (7500, "7,500 of 10,000 rows", "75")]:
        cloud.progress(job, done, 10_000)
        expect(batch.locator(".live-words")).to_have_text(words)
        expect(batch.get_by_role("progressbar")).to_have_attribute("aria-valuenow", percent)
    cloud.finish(job, BATCH, times=3)
    expect(batch.locator(".batch-count")).to_have_text("10,000 rows, 9,998 read, 2 failed")
    expect(batch.get_by_role("row", name="1 1,135", exact=True)).to_have_class("best")
    expect(batch.locator(".doubts")).to_have_text("212 unsure, 31 not a digit")
    expect(batch.get_by_role("row", name="row 71 The row has 783 numbers, not 784.")).to_be_visible()
    expect(batch.locator(".score-line")).to_have_text("99.92 % of 9,997 of 10,000 labelled rows right, 7 wrong")
    expect(batch.get_by_role("row", name=re.compile("^7 4 +1,024")).locator(".wrong")).to_have_text("4")
    expect(batch.locator(".score")).to_contain_text("does not answer with: “A” (1)")
    expect(batch.locator("dd")).to_have_text(["csv", MODEL, "4.2 s"])
    links = batch.get_by_role("list", name="Downloads").get_by_role("link")
    expect(links).to_have_text(["predictions.jsonl 1.4 MB", "predictions.csv 300.0 kB"])
    expect(links.first).to_have_attribute("href", f"{cloud.bucket_url}/{job.id}/predictions.jsonl?signed")
    expect(page.locator(".job")).to_have_count(1)
    expect(page.locator(".job")).to_contain_text(re.compile("Done.*10,000 rows · 2 failed"))


def test_counts_rows_of_which_nobody_knows_how_many_there_are(page: Page, cloud: FakeCloud) -> None:
    drop(page, ("any.jsonl", "", ROWS))
    job = cloud.next()
    cloud.events.wait_for(job.channel)
    cloud.progress(job, 4000, None)
    expect(card(page, "any.jsonl").locator(".live-words")).to_have_text("4,000 rows so far")
    expect(card(page, "any.jsonl").get_by_role("progressbar")).not_to_have_attribute("aria-valuenow", re.compile(".*"))


def test_takes_events_twice_and_out_of_order(page: Page, cloud: FakeCloud) -> None:
    drop(page, ("any.csv", "text/csv", ROWS))
    job = cloud.next()
    cloud.events.wait_for(job.channel)
    for done in (500, 500, 200):
        cloud.progress(job, done, 1000)
    expect(card(page, "any.csv").locator(".live-words")).to_have_text("500 of 1,000 rows")
    cloud.finish(job, BATCH, times=2)
    cloud.events.publish(job.channel, {"id": job.id, "state": "processing", "rows_done": 900, "rows_total": 1000})
    expect(card(page, "any.csv").locator(".chip")).to_have_text("Done")
    page.wait_for_timeout(300)
    expect(card(page, "any.csv").locator(".batch-count")).to_be_visible()


@pytest.mark.parametrize("broken", ["refused", "absent", "lost"])
def test_asks_for_itself_when_push_is_broken(open_page: Callable[..., Page], site: FakePage, cloud: FakeCloud, broken: str) -> None:
    cloud.events.refusing = broken == "refused"
    if broken == "absent":
        del site.config["events"]
    page = open_page()
    drop(page, ("scan.png", "image/png", photo()))
    job = cloud.next()
    if broken == "lost":
        cloud.events.wait_for(job.channel)
        cloud.events.refusing = True
        cloud.events.drop()
    expect(card(page, "scan.png").locator(".chip")).to_have_text("Waiting")
    job.state = "processing"
    expect(card(page, "scan.png").locator(".chip")).to_have_text("Processing")
    cloud.finish(job, photo_summary())
    expect(card(page, "scan.png").locator(".read")).to_have_text(["4", "2", "7", "1"])
    assert len(cloud.gets) >= 2


def test_finds_what_it_missed_when_push_comes_back(page: Page, cloud: FakeCloud) -> None:
    drop(page, ("scan.png", "image/png", photo()))
    job = cloud.next()
    cloud.events.wait_for(job.channel)
    cloud.events.drop()
    cloud.finish(job, photo_summary())  # while nobody listens
    expect(card(page, "scan.png").locator(".read")).to_have_count(4)


def test_shows_what_stands_between_the_digits_and_what_could_not_be_read(page: Page, cloud: FakeCloud) -> None:
    drop(page, ("scan.png", "image/png", photo()))
    summary = photo_summary() | {"unread": [[480, 300, 40, 40]], "unread_count": 2}
    for prediction, (after, line) in zip(summary["predictions"], [("point", 1), ("", 1), ("slash", 2), ("", 2)], strict=True):
        prediction |= {"after": after, "line": line}
    job = cloud.next()
    cloud.events.wait_for(job.channel)
    cloud.finish(job, summary)
    scan = card(page, "scan.png")
    expect(scan.locator(".read")).to_have_text(["4", "2", "7", "1"])
    expect(scan.locator(".read-line > *")).to_have_text(["4", ".", "2", "7", "/", "1"])
    expect(scan.get_by_role("group", name="Line 2").get_by_role("button")).to_have_text(["7", "1"])
    expect(scan.locator(".unread")).to_have_text("2 marks could not be read as a digit, in dashes on the picture.")
    screenshot(page, "uploads-separators")


def test_says_of_an_upload_that_the_deployment_has_changed_and_that_once(scene: Scene) -> None:
    """The card asked to sign in, where nobody signs in any more."""
    page = scene.open()
    expect(page.locator("#model")).to_have_text("cnn")
    scene.api.jobs = lambda _: Reply(401, {"message": "Unauthorized"})
    scene.site.config = {**scene.site.config, "stage": "another"}
    drop(page, ("scan.png", "image/png", photo()))
    expect(card(page, "scan.png").locator(".problem-title")).to_have_text("The deployment has changed")
    expect(card(page, "scan.png").locator(".problem button")).to_have_count(0)
    expect(page.get_by_role("button", name="Reload", exact=True)).to_be_visible()
    said = [words for words in page.evaluate("said") if "scan.png is" not in words]
    assert [words.partition(".")[0] for words in said] == ["The deployment has changed"]


def test_marks_a_digit_that_is_not_certain_by_more_than_its_colour(page: Page, cloud: FakeCloud) -> None:
    summary = photo_summary()
    for prediction, verdict in zip(summary["predictions"], ["certain", "unsure", "certain", "not a digit"], strict=True):
        prediction["verdict"] = verdict
    drop(page, ("scan.png", "image/png", photo()))
    job = cloud.next()
    cloud.events.wait_for(job.channel)
    cloud.finish(job, summary)
    digits = card(page, "scan.png").locator(".read")
    expect(digits).to_have_count(4)
    marks = digits.evaluate_all("(all) => all.map((e) => getComputedStyle(e, '::after').content.replaceAll('\"', ''))")
    assert marks == ["none", "?", "none", "?"]
    expect(digits.nth(1)).to_have_accessible_name("Digit 2: 2, unsure, 94.0 %")
    expect(page.get_by_role("status")).to_have_text("scan.png: 4 2 7 1, 2 of them unsure")


def test_tells_why_a_job_failed(page: Page, cloud: FakeCloud) -> None:
    drop(page, ("notes.pdf", "application/pdf", b"%PDF-1.7"))
    job = cloud.next()
    cloud.events.wait_for(job.channel)
    cloud.fail(job, "Unknown format", "“notes.pdf” is of no format this reads.", "Upload a picture, CSV, JSON Lines, npy, idx or zip.")
    notes = card(page, "notes.pdf")
    expect(notes.locator(".problem-title")).to_have_text("Unknown format")
    expect(notes.locator(".card-answer .problem")).to_contain_text("no format this reads")
    expect(notes.locator(".advice")).to_have_text("Upload a picture, CSV, JSON Lines, npy, idx or zip.")
    expect(page.get_by_role("alert").filter(has_text="notes.pdf: Unknown format.")).to_be_attached()
    expect(page.locator(".job .chip")).to_have_text("Failed")


def test_tells_why_no_row_of_a_batch_was_answered(page: Page, cloud: FakeCloud) -> None:
    drop(page, ("any.csv", "text/csv", ROWS), ("scan.pdf", "application/pdf", b"%PDF-1.7"))
    batch, document = sorted((cloud.next(), cloud.next()), key=lambda job: job.asked["name"])
    for job in (batch, document):
        cloud.events.wait_for(job.channel)
    reasons = [{"code": "wrong-shape", "count": 2000, "row": 1, "detail": "line 1 has 3 values"}]
    cloud.fail(batch, "Wrong shape", "None could be read.", "Any.", {"rows": 2000, "succeeded": 0, "failed": 2000, "reasons": reasons})
    cloud.fail(document, "Unsupported content type", "The upload is a PDF.", "Any.", {"processing_s": 0.1})
    expect(card(page, "any.csv").locator(".problem-title")).to_have_text("Wrong shape")
    expect(card(page, "any.csv").locator(".batch-count")).to_have_text("2,000 rows, none could be read")
    expect(card(page, "any.csv").get_by_role("row", name="2,000 rows row 1: line 1 has 3 values")).to_be_visible()
    expect(card(page, "scan.pdf").locator(".problem-title")).to_have_text("Unsupported content type")
    expect(card(page, "scan.pdf").locator(".batch-count")).to_have_count(0)


def test_shows_many_pictures_each_as_small_as_its_answer(page: Page, cloud: FakeCloud) -> None:
    names = [f"{n}.png" for n in range(4)]
    drop(page, *((name, "image/png", photo()) for name in names))
    told = {"row": 1, "label": 7, "probability": 0.9, "probabilities": [0, 0.1, 0, 0, 0, 0, 0, 0.9, 0, 0]}
    for job in [cloud.next() for _ in names]:
        cloud.events.wait_for(job.channel)
        cloud.finish(job, {"rows": 1, "succeeded": 1, "failed": 0, "format": "image", "models": {"1.0.0": 1}, "predictions": [told]})
    first = card(page, "0.png")
    for name in names:
        expect(card(page, name).get_by_role("row", name="7 90.0 %")).to_be_visible()
    expect(first.get_by_role("row")).to_have_count(3)  # the head, which is read out alone, and the labels that something speaks for
    small = first.locator(".photo").bounding_box()  # cards that are out of sight keep the size that they had
    page.get_by_role("button", name="Close 3.png").click()
    expect(first.get_by_role("row")).to_have_count(11)
    large = first.locator(".photo").bounding_box()
    assert small is not None
    assert large is not None
    assert small["height"] < 0.6 * large["height"]


def test_follows_two_files_at_once_on_one_connection(page: Page, cloud: FakeCloud) -> None:
    drop(page, ("scan.png", "image/png", photo()), ("rows.csv", "text/csv", ROWS))
    jobs = {job.asked["name"]: job for job in (cloud.next(), cloud.next())}
    for job in jobs.values():
        cloud.events.wait_for(job.channel)
    assert cloud.events.attempts == 1
    cloud.progress(jobs["rows.csv"], 10, 20)
    cloud.finish(jobs["scan.png"], photo_summary())
    expect(card(page, "scan.png").locator(".read")).to_have_count(4)
    expect(card(page, "rows.csv").locator(".live-words")).to_have_text("10 of 20 rows")
    cloud.finish(jobs["rows.csv"], BATCH)
    expect(card(page, "rows.csv").locator(".batch-count")).to_be_visible()
    expect(page.get_by_role("article")).to_have_count(2)


def test_draws_and_decodes_only_what_people_see(page: Page, cloud: FakeCloud) -> None:
    """Of hundreds of photos each has a bar that moves, and takes megabytes when it is decoded."""
    drop(page, *[(f"{number}.png", "image/png", photo()) for number in range(30)])
    for _ in range(30):
        cloud.events.wait_for(cloud.next().channel)
    bars = page.locator(".unknown .meter-bar")
    expect(bars).to_have_count(30)
    drawn = "(bars) => bars.filter((bar) => bar.checkVisibility({ contentVisibilityAuto: true })).length"
    decoded = page.locator(".card .photo-figure:not([hidden])")
    for name in ("29.png", "0.png"):  # the first and the last of the cards
        card(page, name).scroll_into_view_if_needed()
        expect(card(page, name).locator("canvas")).to_be_visible()
        assert 0 < bars.evaluate_all(drawn) < 20
    assert decoded.count() < 30
    page.emulate_media(media="print")
    assert page.locator(".card").evaluate_all("(cards) => cards.every((card) => getComputedStyle(card).contentVisibility === 'visible')")


def test_can_be_used_with_the_keyboard_alone(page: Page, cloud: FakeCloud) -> None:
    expect(page.locator("#model")).to_have_text("cnn")
    page.locator("main summary:visible").last.focus()  # what stands before the uploads
    page.keyboard.press("Tab")
    chooser = page.get_by_label("Choose files")
    expect(chooser).to_be_focused()
    assert page.locator(".drop label").evaluate("(e) => getComputedStyle(e).outlineStyle") == "solid"
    with page.expect_file_chooser() as chosen:
        page.keyboard.press("Space")
    assert chosen.value.is_multiple()
    chosen.value.set_files([{"name": "scan.png", "mimeType": "image/png", "buffer": photo()}])
    job = cloud.next()
    cloud.events.wait_for(job.channel)
    cloud.finish(job, photo_summary())
    expect(card(page, "scan.png").locator(".read")).to_have_count(4)
    reached = []
    for _ in range(6):
        page.keyboard.press("Tab")
        reached.append(
            page.evaluate("['ariaLabel', 'textContent', 'title'].map((name) => document.activeElement[name]).find(Boolean) ?? ''")
        )
    assert reached[:3] == ["", "Close scan.png", "Digit 1: 4, 95.0 %"]  # the check box has its label outside
    assert reached[3:5] == ["predictions.jsonl 1.4 MB of scan.png", "Copy link to scan.png"]
    assert reached[5].startswith("scan.png")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Shift+Tab")
    page.get_by_role("button", name="Close scan.png").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("article")).to_have_count(0)
    expect(chooser).to_be_focused()


def test_lists_earlier_jobs_after_a_reload_and_opens_one(page: Page, cloud: FakeCloud) -> None:
    drop(page, ("scan.png", "image/png", photo()))
    job = cloud.next()
    cloud.events.wait_for(job.channel)
    cloud.finish(job, photo_summary())
    expect(card(page, "scan.png").locator(".read")).to_have_count(4)
    page.reload()
    expect(page.get_by_role("article")).to_have_count(0)
    page.get_by_role("button", name="scan.png").click()
    expect(card(page, "scan.png")).to_be_focused()
    expect(card(page, "scan.png").locator(".read")).to_have_text(["4", "2", "7", "1"])
    expect(card(page, "scan.png").get_by_role("img", name="scan.png with 4 digits in boxes")).to_be_visible()
    page.locator(".job").click()
    expect(page.get_by_role("article")).to_have_count(1)


def test_reads_on_in_the_list(open_page: Callable[..., Page], cloud: FakeCloud) -> None:
    cloud.page_size = 2
    for number in range(5):
        cloud.add(f"{number}.csv", "succeeded")
    page = open_page()
    expect(page.locator(".job-name")).to_have_text(["4.csv", "3.csv"])
    for names in (["4.csv", "3.csv", "2.csv", "1.csv"], ["4.csv", "3.csv", "2.csv", "1.csv", "0.csv"]):
        page.get_by_role("button", name="More of your jobs").click()
        expect(page.locator(".job-name")).to_have_text(names)
    expect(page.locator("#jobs-more")).to_be_hidden()
    expect(page.locator("#job-list button").last).to_be_focused()


def test_goes_through_many_digits_by_arrow_keys_and_past_them_with_one_tab(page: Page, cloud: FakeCloud) -> None:
    drop(page, ("scan.png", "image/png", photo()))
    job = cloud.next()
    cloud.events.wait_for(job.channel)
    labels = [number % 10 for number in range(200)]
    cloud.finish(job, photo_summary(labels, [(20 + number % 20 * 26, 20 + number // 20 * 36, 20, 30) for number in range(200)]))
    scan = card(page, "scan.png")
    digits = scan.locator(".read")
    expect(digits).to_have_count(200)
    digits.first.focus()
    for key, number in (("ArrowRight", 2), ("ArrowLeft", 1), ("ArrowLeft", 200), ("ArrowRight", 1), ("End", 200), ("Home", 1)):
        page.keyboard.press(key)
        expect(digits.nth(number - 1)).to_be_focused()
        expect(digits.nth(number - 1)).to_have_attribute("aria-pressed", "true")
        expect(scan.get_by_role("table", name=f"Probability of each label for digit {number}", exact=True)).to_be_visible()
    press = "(element, init) => element.dispatchEvent(new KeyboardEvent('keydown', {...init, bubbles: true, cancelable: true}))"
    assert digits.first.evaluate(press, {"key": "ArrowLeft", "altKey": True})  # the browser's, which goes back
    assert scan.locator(".digits").evaluate(press, {"key": "Tab"})  # Firefox stops at what scrolls, too
    page.keyboard.press("Tab")
    expect(scan.get_by_role("link", name="predictions.jsonl")).to_be_focused()
    digits.nth(150).click()
    expect(scan.locator(".digit-detail")).to_be_in_viewport()


def test_uploads_a_file_whose_name_is_too_long_for_a_job(page: Page, cloud: FakeCloud) -> None:
    drop(page, ("x" * 230 + ".csv", "text/csv", ROWS))
    job = cloud.next()
    cloud.events.wait_for(job.channel)
    assert (job.asked["name"], job.asked["content_type"], job.body) == ("x" * 196 + ".csv", "text/csv", ROWS)


def test_says_in_a_sentence_why_the_list_cannot_be_read(open_page: Callable[..., Page], api: FakeApi, cloud: FakeCloud) -> None:
    api.jobs = lambda _: problem(500, "internal", "Internal error", "something went wrong here")
    expect(open_page().locator("#jobs-words")).to_have_text("Internal error. Something went wrong here.")


def test_follows_an_unfinished_job_that_was_opened_after_a_reload(open_page: Callable[..., Page], cloud: FakeCloud) -> None:
    job = cloud.add("rows.csv", "processing")
    page = open_page()
    page.get_by_role("button", name="rows.csv").click()
    cloud.events.wait_for(job.channel)
    cloud.progress(job, 10, 20)
    expect(card(page, "rows.csv").locator(".live-words")).to_have_text("10 of 20 rows")
    cloud.finish(job, BATCH)
    expect(card(page, "rows.csv").locator(".batch-count")).to_be_visible()


@pytest.mark.parametrize(
    "name", ["a b+c 100%.csv", "größe 数字 🖼.csv", "<img src=x onerror=alert(1)>.csv", "&amp;.csv", f"{'long ' * 39}.csv"]
)
def test_shows_any_file_name_as_text(page: Page, cloud: FakeCloud, name: str) -> None:
    drop(page, (name, "text/csv", ROWS))
    job = cloud.next()
    assert job.asked["name"] == name
    cloud.events.wait_for(job.channel)
    cloud.fail(job, "Any", f"“{name}” failed.", "Any.")
    expect(page.locator(".card-name")).to_have_text(name, use_inner_text=False)
    assert page.locator(".card-name").evaluate("(e) => e.textContent") == name
    assert page.locator(".job-name").evaluate("(e) => e.textContent") == name
    assert page.locator(".card img, .jobs img").count() == 0
    assert page.evaluate(OUTSIDE) == []


def test_never_tells_the_bucket_who_asks(open_page: Callable[..., Page], api: FakeApi, site: FakePage, cloud: FakeCloud) -> None:
    auth = {"kind": "jwt", "region": "eu-west-1", "userPoolId": "any-pool", "clientId": "any-client", "domain": api.url}
    site.config = {**site.config, "auth": auth, "stage": "dev", "events": {**cloud.events.config, "auth": {"kind": "jwt"}}}
    page = open_page(storage_state={"cookies": [], "origins": []})
    page.evaluate("""sessionStorage.setItem("inferstack.session", '{"accessToken":"secret-token","clientId":"any-client"}')""")
    page.reload()
    drop(page, ("scan.png", "image/png", photo()))
    job = cloud.next()
    cloud.events.wait_for(job.channel)
    cloud.finish(job, photo_summary())
    expect(card(page, "scan.png").locator(".read")).to_have_count(4)
    (post,) = cloud.posts
    assert "secret-token" not in str(post.headers) + post.path
    assert b"secret-token" not in post.body
    assert {request.headers["authorization"] for request in api.requests if request.path.startswith("/jobs")} == {"Bearer secret-token"}
    assert cloud.events.subscribed == [(job.channel, {"host": cloud.events.host, "Authorization": "secret-token"})]


def test_asks_to_sign_in_first(open_page: Callable[..., Page], api: FakeApi, site: FakePage, cloud: FakeCloud) -> None:
    auth = {"kind": "jwt", "region": "eu-west-1", "userPoolId": "any-pool", "clientId": "any-client", "domain": api.url}
    site.config = {**site.config, "auth": auth, "stage": "dev"}
    page = open_page()
    expect(page.locator("#jobs")).to_be_hidden()
    drop(page, ("scan.png", "image/png", photo()))
    expect(card(page, "scan.png").locator(".problem-title")).to_have_text("Please sign in")
    expect(card(page, "scan.png").get_by_role("button", name="Sign in")).to_be_visible()
    assert cloud.jobs == {}


def test_says_when_a_deployment_has_no_uploads(open_page: Callable[..., Page]) -> None:
    page = open_page()
    expect(page.locator("#uploads-lead")).to_have_text("This deployment has no uploads.")
    expect(page.locator("#upload-form")).to_be_hidden()
    expect(page.locator("#jobs")).to_be_hidden()


def test_refuses_an_empty_and_an_enormous_file_in_words(page: Page, cloud: FakeCloud) -> None:
    drop(page, ("empty.csv", "text/csv", b""))
    expect(card(page, "empty.csv").locator(".problem")).to_contain_text("“empty.csv” is empty.")
    drop(page, ("large.npy", "", 26_300_000))
    expect(card(page, "large.npy").locator(".problem")).to_contain_text("The file has 26,300,000 bytes; an upload takes at most 26,214,400")
    expect(card(page, "large.npy").get_by_role("button", name="Try again")).to_have_count(0)
    assert (cloud.posts, cloud.jobs) == ([], {})


def test_takes_a_larger_file_after_a_small_one(page: Page, cloud: FakeCloud) -> None:
    """Each job's form takes a file of its own size only."""
    for name, size in (("small.csv", 10), ("large.csv", 10_000)):
        drop(page, (name, "text/csv", size))
        job = cloud.next()
        assert len(job.body) == size


def test_uploads_again_after_a_busy_bucket_and_offers_to_after_a_refusal(page: Page, cloud: FakeCloud) -> None:
    cloud.refusals = [Reply(503, b"<Error><Code>SlowDown</Code></Error>")]
    drop(page, ("rows.csv", "text/csv", ROWS))
    assert cloud.next().body == ROWS
    assert len(cloud.posts) == 2
    cloud.refusals = [Reply(403, b"<Error><Message>Invalid according to Policy: Policy expired.</Message></Error>")]
    drop(page, ("late.csv", "text/csv", ROWS))
    expect(card(page, "late.csv").locator(".problem-title")).to_have_text("Upload expired")
    card(page, "late.csv").get_by_role("button", name="Try again").press("Enter")
    assert cloud.next().asked["name"] == "late.csv"
    assert len(cloud.jobs) == 2  # the file goes to the job that waits for it
    expect(card(page, "late.csv")).to_be_focused()  # the button is gone


def throttle(page: Page, bytes_per_s: int) -> None:
    conditions = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": bytes_per_s}
    page.context.new_cdp_session(page).send("Network.emulateNetworkConditions", conditions)


def test_shows_how_far_an_upload_is_and_stops_it(page: Page, cloud: FakeCloud) -> None:
    throttle(page, 400_000)
    drop(page, ("slow.npy", "", b"0" * 2_000_000))
    expect(card(page, "slow.npy").locator(".live-words")).to_have_text(re.compile(r"Uploading [1-9]\d? %, .* of 2\.0 MB"))
    page.get_by_role("button", name="Cancel slow.npy").click()
    expect(page.get_by_role("article")).to_have_count(0)
    page.wait_for_timeout(500)
    assert cloud.arrived.empty()


def test_goes_on_when_the_api_cannot_be_reached_for_a_while(page: Page, cloud: FakeCloud) -> None:
    page.route("**/jobs/*", lambda route: route.abort("connectionrefused"))
    drop(page, ("rows.csv", "text/csv", ROWS))
    job = cloud.next()
    cloud.events.wait_for(job.channel)
    cloud.finish(job, BATCH)
    expect(card(page, "rows.csv").locator(".live-words")).to_have_text("The API cannot be reached. Trying again.")
    page.unroute("**/jobs/*")
    expect(card(page, "rows.csv").locator(".batch-count")).to_be_visible()


def test_says_that_the_device_is_offline_and_goes_on_when_the_network_is_back(page: Page, cloud: FakeCloud) -> None:
    drop(page, ("early.csv", "text/csv", ROWS))
    job = cloud.next()
    cloud.events.wait_for(job.channel)
    page.context.set_offline(True)
    words = "You are offline. It goes on as soon as the network is back."
    expect(card(page, "early.csv").locator(".live-words")).to_have_text(words)
    drop(page, ("late.csv", "text/csv", ROWS))
    expect(card(page, "late.csv").locator(".problem")).to_contain_text(
        "You are offlineThis device has no network just now.It goes on as soon as the network is back.", timeout=20_000
    )
    page.context.set_offline(False)
    expect(card(page, "early.csv").locator(".live-words")).to_contain_text("Uploaded. It is read in a moment")
    assert cloud.next().asked["name"] == "late.csv"


LOOKS = {
    "laptop-light": {"viewport": {"width": 1280, "height": 800}, "color_scheme": "light"},
    "laptop-dark": {"viewport": {"width": 1280, "height": 800}, "color_scheme": "dark"},
    "phone-light": {"viewport": {"width": 375, "height": 720}, "color_scheme": "light", "device_scale_factor": 2},
    "phone-dark": {"viewport": {"width": 320, "height": 640}, "color_scheme": "dark"},
}


@pytest.mark.parametrize("look", LOOKS)
def test_looks_well_and_reads_well(open_page: Callable[..., Page], cloud: FakeCloud, look: str) -> None:
    cloud.add("week 46.zip", "succeeded", summary={"rows": 1200, "failed": 0})
    cloud.add("meter readings, november.csv", "failed")
    page = open_page(**LOOKS[look], reduced_motion="reduce")
    expect(page.locator(".job")).to_have_count(2)
    screenshot(page, f"uploads-{look}-empty")
    drop(page, ("scan 1.png", "image/png", photo()))
    seen = cloud.next()
    drop(page, ("mnist test.csv", "text/csv", ROWS))
    batch = cloud.next()
    for job in (seen, batch):
        cloud.events.wait_for(job.channel)
    cloud.finish(seen, photo_summary())
    cloud.progress(batch, 6_200, 10_000)
    expect(card(page, "scan 1.png").locator(".read")).to_have_count(4)
    expect(card(page, "mnist test.csv").get_by_role("progressbar")).to_have_attribute("aria-valuenow", "62")
    screenshot(page, f"uploads-{look}-under-way")
    faults(page)
    cloud.finish(batch, BATCH)
    expect(card(page, "mnist test.csv").locator(".batch-count")).to_be_visible()
    drop(page, ("notes.pdf", "application/pdf", b"%PDF-1.7"))
    notes = cloud.next()
    cloud.events.wait_for(notes.channel)
    cloud.fail(notes, "Unknown format", "“notes.pdf” is of no format this reads.", "Upload a picture, CSV, JSON Lines, npy, idx or zip.")
    expect(card(page, "notes.pdf").locator(".problem-title")).to_be_visible()
    screenshot(page, f"uploads-{look}-answered")
    faults(page)


def faults(page: Page) -> None:
    """Controls without a name, and anything outside the page are faults."""
    assert page.evaluate(NAMELESS) == []
    assert page.evaluate(OUTSIDE) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    twice = "[...document.querySelectorAll('[id]')].map((e) => e.id).filter((id, i, all) => all.indexOf(id) !== i)"
    assert page.evaluate(twice) == []
