"""A job's own address: it opens for its owner, and tells others plainly that it is not theirs."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import screenshot
from tests.browser.servers import FakePage
from tests.browser.test_sign_in import FakeCognito, cognito  # noqa: F401 - a fixture
from tests.browser.test_uploads import BATCH
from tests.browser.upload_servers import FakeCloud


def finish_job(cloud: FakeCloud) -> str:
    job = cloud.add("batch.csv")
    cloud.finish(job, BATCH)
    return job.id


def test_opens_a_finished_job_after_a_reload_too(open_page: Callable[..., Page], cloud: FakeCloud) -> None:
    page = open_page(path=f"#job={finish_job(cloud)}")
    for _ in range(2):
        card = page.get_by_role("article", name="batch.csv")
        expect(card.locator(".batch-count")).to_contain_text("10,000 rows")
        expect(page.locator(".card")).to_have_count(1)
        expect(card.locator(".batch-count")).to_be_in_viewport()
        expect(card.get_by_role("row", name="5 892")).to_be_in_viewport()
        page.reload()


def test_copies_a_job_s_address(open_page: Callable[..., Page], site: FakePage, cloud: FakeCloud) -> None:
    job = finish_job(cloud)
    page = open_page(permissions=["clipboard-read", "clipboard-write"])
    page.locator(".job").click()
    page.get_by_role("button", name="Copy link").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == f"{site.url}#job={job}"


def test_shows_the_address_where_it_may_not_copy(open_page: Callable[..., Page], site: FakePage, cloud: FakeCloud) -> None:
    job = finish_job(cloud)
    page = open_page(path=f"#job={job}")
    page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(new Error('no')) }")
    page.get_by_role("button", name="Copy link").click()
    expect(page.get_by_label("Link to this job")).to_have_value(f"{site.url}#job={job}")
    expect(page.get_by_label("Link to this job")).to_be_focused()


def test_follows_an_address_that_is_typed_while_the_page_is_open(open_page: Callable[..., Page], cloud: FakeCloud) -> None:
    page = open_page()
    page.evaluate("(id) => (location.hash = `job=${id}`)", finish_job(cloud))
    expect(page.get_by_role("article", name="batch.csv")).to_be_visible()


def test_tells_others_that_it_is_not_theirs(open_page: Callable[..., Page], cloud: FakeCloud) -> None:
    page = open_page(path=f"#job={'0' * 26}")
    expect(page.locator(".card")).to_contain_text("No such job of yours")
    expect(page.locator(".card")).to_contain_text("It is somebody else’s, or it is no longer there.")
    expect(page.locator(".card").get_by_role("button", name="Try again")).to_have_count(0)
    expect(page.get_by_role("alert").last).to_contain_text("No such job of yours")
    screenshot(page, "permalink-not-yours")


@pytest.mark.usefixtures("cognito")
def test_opens_once_its_owner_has_signed_in(open_page: Callable[..., Page], site: FakePage, cloud: FakeCloud) -> None:
    job = finish_job(cloud)
    page = open_page(path=f"#job={job}")
    card = page.locator(".card")
    expect(card).to_contain_text("Please sign in")
    expect(card).to_contain_text("Then it opens here.")
    card.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("article", name="batch.csv").locator(".batch-count")).to_contain_text("10,000 rows")
    assert page.url == f"{site.url}#job={job}"


def test_opens_nothing_for_an_address_that_names_no_job(open_page: Callable[..., Page], cloud: FakeCloud) -> None:
    finish_job(cloud)
    page = open_page(path="#job=../../secret")
    expect(page.locator(".job")).to_have_count(1)
    expect(page.locator(".card")).to_have_count(0)
    assert cloud.gets == []
