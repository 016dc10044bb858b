"""A real Chromium, the page in it, and a hand to draw with."""

import json
import os
import subprocess
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.browser.servers import FakeApi, FakePage, serve
from tests.browser.speech import LISTEN
from tests.browser.upload_servers import FakeCloud, serve_uploads

ROOT = Path(__file__).resolve().parents[2]
SCREENSHOTS = ROOT / ".build/screenshots"
NODE = ROOT / ".venv/bin/node"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost, EXCLUDE *.localhost",
]
Point = tuple[float, float]
# What a busy machine may take, and less than the page waits until it does something by itself: it reads the status again after 20 s.
LIMIT_MS = 15_000
expect.set_options(timeout=LIMIT_MS)


def find_chromium() -> tuple[str, dict[str, str]]:
    """Return Chromium's path and its extra environment: CHROMIUM_PATH, else Debian's, else npm's, unpacked once."""
    for path in (os.environ.get("CHROMIUM_PATH"), "/usr/bin/chromium"):
        if path and Path(path).is_file():
            return path, {}
    command = [NODE, ROOT / "tests/browser/chromium.mjs", ROOT / ".build"]
    found = json.loads(subprocess.run(command, capture_output=True, text=True, check=True, timeout=120).stdout)
    return found["executable"], {"LD_LIBRARY_PATH": found["libraries"], "FONTCONFIG_FILE": found["fontconfig"]}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    # One a module, not one a session: while it runs, Playwright holds this thread's event loop, which other tests need.
    executable, environment = find_chromium()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=FLAGS, env={**os.environ, **environment}, timeout=60_000)
        yield browser
        browser.close()


@pytest.fixture
def api() -> Iterator[FakeApi]:
    fake = FakeApi()
    with serve(fake.reply, cors=True) as url:
        fake.url = url
        yield fake


@pytest.fixture
def site(api: FakeApi) -> Iterator[FakePage]:
    fake = FakePage(api.url)
    with serve(fake.reply) as url:
        fake.url = url + "/"
        yield fake


@pytest.fixture
def cloud(api: FakeApi, site: FakePage) -> Iterator[FakeCloud]:
    """A cloud that takes the page's uploads, beside the scripted API."""
    fake = FakeCloud()
    with serve_uploads(fake, api, site):
        yield fake


@pytest.fixture
def open_page(browser: Browser, site: FakePage) -> Iterator[Callable[..., Page]]:
    """Open the page with Playwright's context options, and a script that runs before its own.

    Afterwards, no error and no violation of the policy may have been reported.
    """
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def open_(*, path: str = "", script: str = "", **options: object) -> Page:
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 800}, **options})  # type: ignore[arg-type]
        contexts.append(context)
        context.set_default_timeout(LIMIT_MS)
        context.add_init_script(
            "addEventListener('securitypolicyviolation', (e) => console.error('CSP', e.violatedDirective, e.blockedURI))"
        )
        if script:
            context.add_init_script(script)
        page = context.new_page()
        page.on("filechooser", lambda _: None)  # asked for early: on a busy machine a key was faster than the request to hear of it
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        page.goto(site.url + path)
        return page

    yield open_
    for context in contexts:
        context.close()
    # Chromium itself reports every failed request and connection; those the tests ask for.
    assert [text for text in complaints if not text.startswith(("Failed to load resource", "WebSocket connection to"))] == []


@pytest.fixture
def scene(api: FakeApi, site: FakePage, cloud: FakeCloud, open_page: Callable[..., Page]) -> Any:
    """A scripted stack, and the page in front of it, which keeps what it comes to say."""
    from tests.browser.states import Scene

    return Scene(api, site, cloud, lambda **options: open_page(reduced_motion="reduce", script=LISTEN, **options))


@pytest.fixture
def page(open_page: Callable[..., Page]) -> Page:
    return open_page()


def draw(page: Page, *strokes: Sequence[Point]) -> None:
    """Draw strokes on the pad with the mouse; points are fractions of its side."""
    box = page.locator("#pad").bounding_box()
    assert box
    for stroke in strokes:
        (x, y), *rest = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in stroke]
        page.mouse.move(x, y)
        page.mouse.down()
        for x, y in rest:
            page.mouse.move(x, y, steps=6)
        page.mouse.up()


def stop_clock(page: Page) -> None:
    """Let the page's timers come due by `page.clock.run_for` alone: on a busy machine a test may take longer than the page waits."""
    page.clock.install(time="2026-11-30T12:00:00Z")
    page.clock.pause_at("2026-11-30T12:00:01Z")


def ask(page: Page) -> None:
    """Get a prediction the quick way, by a sample: no pause is waited for."""
    page.get_by_role("button", name="Try a handwritten 7").click()


def screenshot(page: Page, name: str) -> None:
    """Keep a picture of the page for people to look at, where they ask with INFERSTACK_SCREENSHOTS: each is as slow as a test."""
    if os.environ.get("INFERSTACK_SCREENSHOTS"):
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=SCREENSHOTS / f"{name}.png", full_page=True)
