"""Takes docs/pictures/page-light.png and page-dark.png: the page of the stack on this machine, with a digit drawn and a photo read.

`make pictures` runs it beside a running stack (`make up`). Each picture has few colours, so that it is small.
"""

import io
import json
import os
import subprocess
import sys
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

from tests.browser.conftest import FLAGS, draw, find_chromium
from tests.browser.test_real_stack import DIGITS

ROOT = Path(__file__).resolve().parents[2]
FOLDER = Path(__file__).parent
SIZE = {"width": 1200, "height": 1100}
COLORS = 224
LEFT_OUT = "#code, .around"  # stands between the two answers, and would push the second out of the picture
ANSWER_MS = 30_000


def show_answers(page: Page, url: str) -> None:
    """Draw a digit, upload a photo of several, and wait for both answers."""
    page.goto(url)
    draw(page, *DIGITS[3])
    page.locator("#digit").get_by_text("3").wait_for(timeout=ANSWER_MS)
    page.locator("#upload-files").set_input_files([str(ROOT / "docs/digits-photo.jpg")])
    page.locator(".digits").get_by_role("button").nth(14).wait_for(timeout=ANSWER_MS)
    page.wait_for_timeout(500)
    page.evaluate(f"document.querySelectorAll({LEFT_OUT!r}).forEach((part) => (part.hidden = true)); scrollTo(0, 0)")


def compress(png: bytes) -> bytes:
    """Return the picture in few colours."""
    out = io.BytesIO()
    Image.open(io.BytesIO(png)).convert("RGB").quantize(COLORS, dither=Image.Dither.NONE).save(out, "PNG", optimize=True)
    return out.getvalue()


def main() -> None:
    """Take both."""
    status = subprocess.run([ROOT / ".venv/bin/inferstack", "status", "--json"], capture_output=True, text=True, check=False)
    if not json.loads(status.stdout)["running"]:
        sys.exit("no stack runs here; start one with `make up` and run this again")
    url = json.loads(status.stdout)["page_url"]
    executable, environment = find_chromium()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=FLAGS, env={**os.environ, **environment})
        for scheme in ("light", "dark"):
            page = browser.new_page(viewport=SIZE, color_scheme=scheme)
            show_answers(page, url)
            (FOLDER / f"page-{scheme}.png").write_bytes(compress(page.screenshot()))
        browser.close()


if __name__ == "__main__":
    main()
