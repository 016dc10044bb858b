"""What a page takes of its browser when many pictures are dropped at once, until each is answered: beside a stack that answers at once.

.venv/bin/python -m benchmarks.page.many_files [--files 200] [--rounds 1] [--web FOLDER ...]
"""

import argparse
import json
import os
import queue
import threading
from contextlib import ExitStack
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from benchmarks.harness import ROOT
from tests.browser import servers
from tests.browser.conftest import FLAGS, find_chromium
from tests.browser.files import drop, photo_summary
from tests.browser.upload_servers import FakeCloud, serve_uploads

LIMIT_MS = 600_000
PICTURE = (ROOT / "recipes/digits/golden/7.png").read_bytes()
WATCH = """
    window.seen = { longest: 0, blocked: 0 };
    new PerformanceObserver((list) => {
        for (const { duration } of list.getEntries()) {
            seen.longest = Math.max(seen.longest, duration);
            seen.blocked += duration - 50;
        }
    }).observe({ type: "longtask", buffered: true });
"""


def answer(cloud: FakeCloud, ended: threading.Event) -> None:
    """Answer each picture as it arrives."""
    while not ended.is_set():
        try:
            job = cloud.arrived.get(timeout=0.2)
        except queue.Empty:
            continue
        cloud.progress(job, 0, 1)
        cloud.finish(job, photo_summary([7], [(4, 4, 20, 20)]))


def measure(browser: Browser, web: Path, count: int) -> dict[str, float]:
    """Return the main thread's processor seconds, how long it answered nobody in tasks of over 50 ms, and the longest of them."""
    servers.WEB = web
    api, cloud, ended = servers.FakeApi(), FakeCloud(), threading.Event()
    with ExitStack() as stack:
        api.url = stack.enter_context(servers.serve(api.reply, cors=True))
        site = servers.FakePage(api.url)
        url = stack.enter_context(servers.serve(site.reply))
        stack.enter_context(serve_uploads(cloud, api, site))
        threading.Thread(target=answer, args=(cloud, ended), daemon=True).start()
        stack.callback(ended.set)
        page = stack.enter_context(browser.new_page(viewport={"width": 1280, "height": 800}))
        page.add_init_script(WATCH)
        session = page.context.new_cdp_session(page)
        session.send("Performance.enable", {"timeDomain": "threadTicks"})
        page.goto(f"{url}/")
        drop(page, *[(f"{number}.png", "image/png", PICTURE) for number in range(count)])
        page.locator("article[data-phase=succeeded]").nth(count - 1).wait_for(state="attached", timeout=LIMIT_MS)
        metrics = {each["name"]: each["value"] for each in session.send("Performance.getMetrics")["metrics"]}
        seen = page.evaluate("seen")
    return {"cpu_s": round(metrics["TaskDuration"], 2), "blocked_s": round(seen["blocked"] / 1e3, 2), "longest_ms": round(seen["longest"])}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--web", type=Path, nargs="+", default=[ROOT / "web"], help="folders of pages, measured in turn")
    options = parser.parse_args()
    executable, environment = find_chromium()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=FLAGS, env={**os.environ, **environment})
        for _ in range(options.rounds):
            for web in options.web:
                print(web, json.dumps(measure(browser, web.resolve(), options.files)), flush=True)
        browser.close()


if __name__ == "__main__":
    main()
