"""Files whose upload a page did not finish: kept in the browser, offered again, and never doubled."""

import threading
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.files import BATCH, ROWS, drop
from tests.browser.servers import Reply
from tests.browser.upload_servers import FakeCloud

HAS_ID = """async () => {
    const opening = indexedDB.open("inferstack.unsent");
    await new Promise((resolve) => (opening.onsuccess = resolve));
    const asked = opening.result.transaction("files").objectStore("files").getAll();
    await new Promise((resolve) => (asked.onsuccess = resolve));
    opening.result.close();
    return asked.result.some(({ id }) => id);
}"""  # whether a file that is kept belongs to a job


@pytest.fixture
def page(open_page: Callable[..., Page], cloud: FakeCloud) -> Page:
    del cloud  # there before the page asks where it is
    return open_page()


@pytest.fixture
def held(cloud: FakeCloud) -> Iterator[threading.Event]:
    """A storage that takes the first file's bytes and does not answer."""
    gate = threading.Event()
    cloud.refusals = [Reply(503, b"<Error/>", gate=gate)]
    yield gate
    gate.set()


def leave_while_sending(page: Page, cloud: FakeCloud) -> None:
    """Begin an upload, and load the page anew before it has arrived."""
    expect(page.locator("#jobs-words")).to_have_text("None yet.")
    drop(page, ("rows.csv", "text/csv", ROWS))
    expect(page.locator(".live-words")).to_contain_text("Uploading 100 %")
    for _ in range(100):  # Playwright's own wait would evaluate a text inside the page, which its Content-Security-Policy refuses
        if is_kept := page.evaluate(HAS_ID):
            break
        page.wait_for_timeout(100)
    assert is_kept
    assert len(cloud.jobs) == 1
    page.reload()


def card(page: Page) -> Locator:
    return page.get_by_role("article", name="rows.csv")


@pytest.mark.usefixtures("held")
def test_offers_to_send_a_file_again_to_the_same_job(page: Page, cloud: FakeCloud) -> None:
    leave_while_sending(page, cloud)
    expect(card(page)).to_contain_text("Not sent to its end")
    card(page).get_by_role("button", name="Send again").click()
    job = cloud.next()
    expect(card(page)).to_be_focused()
    assert job.body == ROWS
    assert len(cloud.jobs) == 1
    cloud.events.wait_for(job.channel)
    cloud.finish(job, BATCH)
    expect(card(page).locator(".batch-count")).to_be_visible()
    page.reload()
    expect(page.locator("#job-list li")).to_have_count(1)
    expect(page.get_by_role("article")).to_have_count(0)


@pytest.mark.usefixtures("held")
def test_shows_the_job_of_a_file_that_did_arrive(page: Page, cloud: FakeCloud) -> None:
    leave_while_sending(page, cloud)
    expect(card(page)).to_contain_text("Not sent to its end")
    (job,) = cloud.jobs.values()
    cloud.finish(job, BATCH)
    page.reload()
    expect(card(page).locator(".batch-count")).to_be_visible()
    expect(page.get_by_role("article")).to_have_count(1)


@pytest.mark.usefixtures("held")
def test_forgets_a_file_that_nobody_wants_to_send(page: Page, cloud: FakeCloud) -> None:
    leave_while_sending(page, cloud)
    page.get_by_role("button", name="Close rows.csv").click()
    expect(page.get_by_role("article")).to_have_count(0)
    expect(page.get_by_label("Choose files")).to_be_focused()
    page.reload()
    expect(page.locator("#job-list li")).to_have_count(1)
    expect(page.get_by_role("article")).to_have_count(0)


@pytest.mark.usefixtures("held")
def test_offers_nothing_that_another_tab_is_sending(page: Page, cloud: FakeCloud) -> None:
    drop(page, ("rows.csv", "text/csv", ROWS))
    expect(page.locator(".live-words")).to_contain_text("Uploading 100 %")
    other = page.context.new_page()
    other.goto(page.url)
    expect(other.locator("#job-list li")).to_have_count(1)
    expect(other.get_by_role("article")).to_have_count(0)


def test_sends_by_itself_what_the_network_broke_off_when_it_is_back(page: Page, cloud: FakeCloud) -> None:
    page.clock.install()
    page.route(f"{cloud.bucket_url}/**", lambda route: route.abort("connectionreset"))
    drop(page, ("rows.csv", "text/csv", ROWS))
    expect(card(page)).to_contain_text("Uploading")  # the API has answered: its time runs by the same clock
    for _ in range(1000):  # the page waits before each attempt, and the browser may take its time to fail one
        if "Upload broken" in card(page).inner_text():
            break
        page.clock.run_for(1_000)
    page.unroute(f"{cloud.bucket_url}/**")
    page.evaluate("dispatchEvent(new Event('online'))")
    assert cloud.next().body == ROWS
    assert len(cloud.jobs) == 1
