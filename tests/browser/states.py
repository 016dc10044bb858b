"""Every state that the page can be in, and the way there: what axe, screenshots and the walks of the keyboard loop over."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Page, expect

from tests.browser.conftest import ask
from tests.browser.files import BATCH, CLASS, MANIFEST_OF_A_TABLE, MANIFEST_OF_NUMBERS, ROWS, drop, photo, photo_summary
from tests.browser.servers import FakeApi, FakePage, Reply, answer, problem
from tests.browser.status_replies import PARTLY_UNREAD, STATUS, TROUBLED
from tests.browser.upload_servers import FakeCloud, Job

STARTING = problem(
    503, "endpoint-starting", "Endpoint starting", "the endpoint is scaling from zero", "Wait a moment.", **{"retry-after": "9"}
)


@dataclass
class Scene:
    """A scripted stack, and the page in front of it."""

    api: FakeApi
    site: FakePage
    cloud: FakeCloud
    open: Callable[..., Page]

    def upload(self, page: Page, name: str = "scan.png", content: bytes = ROWS) -> Job:
        """Drop a file on the uploads' place; returns its job."""
        drop(page, (name, "", content))
        job = self.cloud.next()
        self.cloud.events.wait_for(job.channel)
        return job

    def asked(self, *replies: Reply, path: str = "") -> Page:
        """The page after a question with these replies."""
        self.api.replies = list(replies) or [answer()]
        page = self.open(path=path)
        ask(page)
        return page

    def take_numbers(self) -> None:
        """Be a stack that takes numbers."""
        self.site.config["input"] = "numbers"
        self.api.model = Reply(body=MANIFEST_OF_NUMBERS)
        self.api.replies = [Reply(body={"predictions": [{"value": 53521.5}], "model": {"name": "linear", "version": "1.0.0"}})]


def fresh(scene: Scene) -> Page:
    page = scene.open()
    expect(page.locator("#model")).to_have_text("cnn")
    return page


def slow(scene: Scene) -> Page:
    page = scene.asked(Reply(body=answer().body, gate=threading.Event()))
    expect(page.locator("#sentence")).to_have_text("Reading it")
    return page


def starting(scene: Scene) -> Page:
    page = scene.asked(Reply(body=answer().body, gate=threading.Event()))
    expect(page.locator("#sentence")).to_have_text("The model is starting", timeout=10_000)
    return page


def told_to_wait(scene: Scene) -> Page:
    page = scene.asked(STARTING)
    expect(page.locator("#countdown")).to_be_visible()
    return page


def answered(scene: Scene) -> Page:
    page = scene.asked()
    expect(page.locator("#digit")).to_have_text("7")
    return page


def doubted(scene: Scene) -> Page:
    page = scene.asked(answer(4, 0.94, "not a digit"))
    expect(page.locator("#sentence")).to_have_text("Probably not a digit")
    return page


def show_page(scene: Scene, predictions: list[dict[str, Any]]) -> Page:
    """Give the page a picture of several digits."""
    digit = answer(2, 0.37, "unsure").body["predictions"][0]
    body = answer().body
    pages = {"predictions": predictions, "pictures": [{"width": 560, "height": 400, "unread": []}]}
    scene.api.replies = [Reply(body=body | {"predictions": [digit | {"digits_found": len(predictions)}]}), Reply(body=body | pages)]
    page = scene.open()
    page.locator("#file").set_input_files({"name": "page.png", "mimeType": "image/png", "buffer": photo()})
    expect(page.locator("#page-answer .read")).to_have_count(len(predictions))
    return page


def several(scene: Scene) -> Page:
    return show_page(scene, photo_summary()["predictions"])


def crowded(scene: Scene) -> Page:
    labels = [place % 10 for place in range(45)]
    boxes = [(20 + 34 * (place % 15), 40 + 110 * (place // 15), 30, 60) for place in range(45)]
    predictions = photo_summary(labels, boxes)["predictions"]
    for place, prediction in enumerate(predictions):
        prediction |= {"probability": 0.9, "line": 1 + place // 15, "after": "point" if place % 5 == 1 else ""}
    return show_page(scene, predictions)


def correcting_one_of_several(scene: Scene) -> Page:
    page = several(scene)
    page.get_by_role("button", name="Digit 2: 2").click()
    page.get_by_role("group", name="Was it right?").get_by_role("button", name="No", exact=True).click()
    expect(page.get_by_role("button", name="It was 1")).to_be_visible()
    return page


def opened(scene: Scene) -> Page:
    page = answered(scene)
    expect(page.locator("#asked-list li")).to_have_count(1)
    for summary in page.locator("summary:visible").all():
        summary.click()
    return page


def few_rows(scene: Scene) -> Page:
    page = scene.open()
    scene.cloud.finish(
        scene.upload(page, "rows.csv"), {"format": "csv", "rows": 3, "succeeded": 3, "failed": 0, "labels": {"4": 2, "7": 1}}
    )
    expect(page.locator(".batch-few")).to_have_text("The 3 rows are a 4, a 4 and a 7.")
    return page


def correcting(scene: Scene) -> Page:
    page = answered(scene)
    page.get_by_role("button", name="No", exact=True).click()
    expect(page.get_by_role("button", name="It was 1")).to_be_visible()
    return page


def thanked(scene: Scene) -> Page:
    page = answered(scene)
    page.get_by_role("button", name="No", exact=True).click()
    page.get_by_role("button", name="It was 1").click()
    expect(page.get_by_role("button", name="Undo what I said")).to_be_visible()
    return page


def offline(scene: Scene) -> Page:
    page = scene.open()
    page.route("**/predictions*", lambda route: route.abort("connectionrefused"))
    ask(page)
    expect(page.locator("#problem-title")).to_have_text("The API cannot be reached")
    return page


def older(scene: Scene) -> Page:
    page = scene.open()
    page.route("**/predictions*", lambda route: route.abort("failed"))
    scene.site.config = {**scene.site.config, "stage": "another"}
    ask(page)
    expect(page.get_by_role("button", name="Reload", exact=True)).to_be_visible()
    return page


def throttled(scene: Scene) -> Page:
    page = scene.asked(Reply(429, {"message": "Too Many Requests"}))
    expect(page.locator("#countdown")).to_be_visible()
    return page


def signed_out(scene: Scene) -> Page:
    auth = {"kind": "jwt", "region": "eu-west-1", "userPoolId": "any-pool", "clientId": "any-client", "domain": scene.api.url}
    scene.site.config |= {"auth": auth, "stage": "dev"}
    page = scene.asked()
    expect(page.locator("#problem-title")).to_have_text("Please sign in")
    return page


def failed(scene: Scene) -> Page:
    page = scene.asked(problem(500, "internal", "Internal error", "something went wrong here", "Try again."))
    expect(page.locator("#problem-title")).to_have_text("Internal error")
    return page


def without_network(scene: Scene) -> Page:
    page = fresh(scene)
    page.context.set_offline(True)
    expect(page.locator("#problem-title")).to_have_text("You are offline")
    return page


def heic(scene: Scene) -> Page:
    page = fresh(scene)
    page.locator("#file").set_input_files({"name": "IMG_1.HEIC", "mimeType": "", "buffer": b"\0\0\0\x18ftypheic" + bytes(40)})
    expect(page.locator("#problem-title")).to_have_text("A HEIC picture")
    return page


def unconnected(scene: Scene) -> Page:
    scene.site.config = None
    page = scene.open()
    expect(page.locator("#problem-title")).to_have_text("This page is not connected")
    return page


def uploading(scene: Scene) -> Page:
    page = scene.open()
    scene.upload(page, "rows.csv")
    return page


def processing(scene: Scene) -> Page:
    page = scene.open()
    scene.cloud.progress(scene.upload(page, "rows.csv"), 6_200, 10_000)
    expect(page.get_by_role("progressbar")).to_have_attribute("aria-valuenow", "62")
    return page


def uploads_done(scene: Scene) -> Page:
    page = scene.open()
    scene.cloud.finish(scene.upload(page, "scan.png", photo()), photo_summary())
    scene.cloud.finish(scene.upload(page, "mnist test.csv"), BATCH)
    expect(page.locator(".batch-count")).to_be_visible()
    expect(page.locator(".read")).to_have_count(4)
    return page


def uploads_failed(scene: Scene) -> Page:
    page = scene.open()
    advice = "Upload a picture, CSV, JSON Lines, npy, idx or zip."
    document = scene.upload(page, "notes.pdf")
    expect(page.get_by_text("notes.pdf is uploaded")).to_be_attached()  # what comes of it may be told before its answer is there
    scene.cloud.fail(document, "Unsupported content type", "the upload is a PDF", advice, {"processing_s": 0.1})
    expect(page.locator(".card-answer .problem")).to_be_visible()
    empty: dict[str, Any] = {"format": "csv", "rows": 2, "succeeded": 0, "failed": 2, "labels": {}, "models": {}, "processing_s": 0.2}
    rows = scene.upload(page, "blank.csv")
    expect(page.get_by_text("blank.csv is uploaded")).to_be_attached()
    scene.cloud.finish(rows, empty)
    expect(page.locator(".card .batch-count")).to_be_visible()
    return page


def without_uploads(scene: Scene) -> Page:
    scene.api.jobs = lambda _: Reply(404, {"message": "Not Found"})
    page = scene.open()
    expect(page.locator("#uploads-lead")).to_have_text("This deployment has no uploads.")
    return page


def numbers(scene: Scene) -> Page:
    scene.take_numbers()
    page = scene.open()
    expect(page.get_by_label("Experience")).to_be_visible()
    return page


def numbers_answered(scene: Scene) -> Page:
    page = numbers(scene)
    page.get_by_label("Experience").fill("3.1")
    page.keyboard.press("Enter")
    expect(page.locator("#sentence")).to_contain_text("53,521.5")
    return page


def numbers_outside(scene: Scene) -> Page:
    page = numbers(scene)
    page.get_by_label("Experience").fill("40,5")
    page.keyboard.press("Enter")
    expect(page.locator("#confidence")).to_contain_text("this is a guess")
    return page


def numbers_refused(scene: Scene) -> Page:
    page = numbers(scene)
    page.get_by_label("Experience").fill("-3")
    page.keyboard.press("Enter")
    expect(page.locator(".note")).to_have_text("Experience cannot be below 0 years.")
    return page


def table(scene: Scene) -> Page:
    scene.site.config |= {"input": "numbers", "limits": ["Decisions about people."]}
    scene.api.model = Reply(body=MANIFEST_OF_A_TABLE)
    scene.api.replies = [Reply(body={**answer().body, "predictions": [CLASS | {"unknown_categories": ["Type"]}]})]
    page = scene.open()
    expect(page.get_by_label("Type")).to_be_visible()
    return page


def table_answered(scene: Scene) -> Page:
    page = table(scene)
    page.get_by_role("button", name="Example 1").click()
    expect(page.locator("#sentence")).to_have_text("Arrest")
    page.locator("#about summary").click()
    return page


def look_at_status(scene: Scene, reply: Reply, sentence: str) -> Page:
    """The page at #status, where the API says this."""
    scene.api.status = reply
    page = scene.open(path="#status")
    expect(page.locator("#status-summary")).to_contain_text(sentence)
    return page


def status_well(scene: Scene) -> Page:
    return look_at_status(scene, Reply(body=STATUS), "All is well.")


def status_troubled(scene: Scene) -> Page:
    return look_at_status(scene, Reply(body=TROUBLED), "Needs a look: endpoint: failed; uploads: 2 dead letters; alarms: 1 raised.")


def status_partly_unread(scene: Scene) -> Page:
    page = look_at_status(scene, Reply(body=PARTLY_UNREAD), "Needs a look: model: not known")
    expect(page.locator("[data-part=models]")).to_contain_text("AWS answered DescribeModel with ThrottlingException")
    return page


def status_refused(scene: Scene) -> Page:
    detail = "the status is for operators, and you are not in their group"
    return look_at_status(scene, problem(403, "forbidden", "Forbidden", detail, "Ask who administers the users."), "Forbidden.")


STATES: dict[str, Callable[[Scene], Page]] = {
    state.__name__: state
    for state in (
        fresh,
        slow,
        starting,
        told_to_wait,
        answered,
        doubted,
        several,
        crowded,
        correcting_one_of_several,
        opened,
        few_rows,
        correcting,
        thanked,
        offline,
        older,
        throttled,
        signed_out,
        failed,
        without_network,
        heic,
        unconnected,
        uploading,
        processing,
        uploads_done,
        uploads_failed,
        without_uploads,
        numbers,
        numbers_answered,
        numbers_outside,
        numbers_refused,
        table,
        table_answered,
        status_well,
        status_troubled,
        status_partly_unread,
        status_refused,
    )
}
