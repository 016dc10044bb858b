"""What the browser forbids the page, whatever a line of its code would do."""

import pytest
from playwright.sync_api import Browser

from tests.browser.servers import FakePage

LINES = {
    "HTML": "document.body.innerHTML = '<img src=x onerror=alert(1)>'",
    "more HTML": "document.body.insertAdjacentHTML('beforeend', '<b>x</b>')",
    "a frame": "document.createElement('iframe').srcdoc = '<b>x</b>'",
    "a script": "document.createElement('script').text = 'alert(1)'",
    "a script of another site": "document.createElement('script').src = 'https://other.example/x.js'",
    "a way around": "trustedTypes.createPolicy('any', { createHTML: (text) => text })",
}


@pytest.mark.parametrize("line", LINES.values(), ids=LINES)
def test_makes_of_no_text(browser: Browser, site: FakePage, line: str) -> None:
    page = browser.new_page()
    page.goto(site.url)
    assert page.evaluate(f"() => {{ try {{ {line}; return '' }} catch (error) {{ return error.name }} }}") == "TypeError"
    page.close()
