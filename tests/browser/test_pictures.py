"""`make pictures` finds on the page what it draws on, uploads to and waits for."""

import runpy
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from playwright.sync_api import Page, expect

from tests.browser.conftest import ROOT
from tests.browser.files import photo_summary
from tests.browser.servers import FakeApi, FakePage, answer
from tests.browser.upload_servers import FakeCloud

DIGITS = 15  # of the photo


def test_shows_what_the_pictures_of_the_readme_show(open_page: Callable[..., Page], api: FakeApi, site: FakePage, cloud: FakeCloud) -> None:
    script = runpy.run_path(str(ROOT / "docs/pictures/page.py"))
    api.replies = [answer(3)]
    page = open_page()
    boxes = [(30 * place + 10, 40, 20, 40) for place in range(DIGITS)]

    def read_photo() -> None:
        job = cloud.next()
        cloud.events.wait_for(job.channel)
        cloud.finish(job, photo_summary([7] * DIGITS, boxes))

    with ThreadPoolExecutor(1) as pool:
        read = pool.submit(read_photo)
        script["show_answers"](page, site.url)
        read.result()
    for part in page.locator(script["LEFT_OUT"]).all():
        expect(part).to_be_hidden()
    assert page.locator(script["LEFT_OUT"]).count() > 1  # it names what there is
