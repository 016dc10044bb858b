"""How soon the page is there on a slow phone: a first load and a second one, over a throttled line and a throttled processor.

.venv/bin/python -m benchmarks.page.first_load [--loads 5] [--web FOLDER] [--record FILE]
"""

import argparse
import base64
import hashlib
import json
import os
import statistics
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from playwright.sync_api import Browser, BrowserContext, CDPSession, Page, sync_playwright

from benchmarks.harness import ROOT, describe_machine, write_record
from tests.browser.conftest import FLAGS, NODE, find_chromium

# Lighthouse's slow 4G and its middle phone; the latency is that of each request.
DOWN_MBPS, UP_MBPS, LATENCY_MS, CPU_TIMES = 1.6, 0.75, 150, 4
SETTLED_MS = 1500
VIEWPORT = {"width": 390, "height": 844}
ANSWERS = {
    "config": {"auth": {"kind": "none"}, "recipe": "digits", "input": "pictures", "stage": "dev", "live": False, "limits": []},
    "api": {
        "/model": {"name": "cnn", "version": "1.0.0+0a1b2c3d", "labels": list(range(10)), "variant": "AllTraffic"},
        "/jobs": {"jobs": [], "next": None, "request_id": "any-request"},
    },
}
WATCH = """
    window.seen = { lcp: 0, cls: 0, tasks: [] };
    const watch = (type, take) => new PerformanceObserver((list) => list.getEntries().forEach(take)).observe({ type, buffered: true });
    watch("largest-contentful-paint", (entry) => (seen.lcp = entry.startTime));
    watch("layout-shift", (entry) => entry.hadRecentInput || (seen.cls += entry.value));
    watch("longtask", (entry) => seen.tasks.push([entry.startTime, entry.duration]));
"""
READ = """(() => {
    const fcp = performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? 0;
    const late = seen.tasks.filter(([start]) => start >= fcp);
    const blocking = late.reduce((sum, [, duration]) => sum + Math.max(0, duration - 50), 0);
    const [{ startTime: ready }] = performance.getEntriesByName("page-ready");
    return { fcp_ms: fcp, lcp_ms: seen.lcp, ready_ms: ready, tbt_ms: blocking, cls: seen.cls };
})()"""


def write_certificate(key: Path, certificate: Path) -> None:
    """Write a certificate of this machine's own."""
    new = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]
    subprocess.run([*new, "-subj", "/CN=localhost", "-keyout", key, "-out", certificate], check=True, capture_output=True)


def trust(certificate: Path) -> str:
    """Return the flag that has Chromium trust it: what comes with another one is not cached."""
    public = subprocess.run(["openssl", "x509", "-in", certificate, "-noout", "-pubkey"], check=True, capture_output=True).stdout
    der = subprocess.run(["openssl", "pkey", "-pubin", "-outform", "der"], input=public, check=True, capture_output=True).stdout
    return f"--ignore-certificate-errors-spki-list={base64.b64encode(hashlib.sha256(der).digest()).decode()}"


@contextmanager
def serve(web: Path, folder: Path) -> Iterator[str]:
    """Serve a page's folder over HTTP/2; yields its address."""
    key, certificate, answers = folder / "key.pem", folder / "certificate.pem", folder / "answers.json"
    write_certificate(key, certificate)
    answers.write_text(json.dumps(ANSWERS))
    command = [NODE, ROOT / "benchmarks/page/server.mjs", key, certificate, web, answers]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout
        assert server.stdin
        try:
            yield json.loads(server.stdout.readline())["page"]
        finally:
            server.stdin.close()


def throttle(session: CDPSession) -> None:
    """Make the line and the processor those of a phone."""
    session.send("Network.enable")
    rates = {"downloadThroughput": DOWN_MBPS * 1e6 / 8, "uploadThroughput": UP_MBPS * 1e6 / 8, "latency": LATENCY_MS, "offline": False}
    session.send("Network.emulateNetworkConditions", rates)
    session.send("Emulation.setCPUThrottlingRate", {"rate": CPU_TIMES})


def load(page: Page, session: CDPSession, url: str) -> dict[str, float]:
    """Load the page until it knows its model; returns its figures."""
    wire: dict[str, list[float]] = {"bytes": [], "requests": []}
    session.on("Network.loadingFinished", lambda event: wire["bytes"].append(event["encodedDataLength"]))
    session.on("Network.requestWillBeSent", lambda event: wire["requests"].append(not event["request"]["url"].startswith("blob:")))
    page.goto(url)
    page.wait_for_function("document.getElementById('model').textContent === 'cnn' && (performance.mark('page-ready'), true)")
    page.wait_for_timeout(SETTLED_MS)
    figures: dict[str, float] = page.evaluate(READ)
    return {**figures, "kB": sum(wire["bytes"]) / 1000, "requests": sum(wire["requests"])}


def visit(context: BrowserContext, url: str) -> dict[str, float]:
    """Open the page in a tab of its own, throttled."""
    page = context.new_page()
    page.add_init_script(WATCH)
    session = context.new_cdp_session(page)
    throttle(session)
    figures = load(page, session, url)
    page.close()
    return figures


def measure(browser: Browser, url: str, loads: int) -> dict[str, list[dict[str, float]]]:
    """Load the page twice in each of `loads` fresh browsers: first with nothing cached, then with everything."""
    found: dict[str, list[dict[str, float]]] = {"first": [], "second": []}
    for _ in range(loads):
        context = browser.new_context(viewport=VIEWPORT, device_scale_factor=2)  # type: ignore[arg-type]
        for visits in found.values():
            visits.append(visit(context, url))
        context.close()
    return found


def summarize(loads: list[dict[str, float]]) -> dict[str, Any]:
    """Return median, least and greatest of each figure."""
    digits = {"cls": 4, "kB": 1}
    figures = {name: [each[name] for each in loads] for name in loads[0]}
    return {name: [round(pick(values), digits.get(name, 0)) for pick in (statistics.median, min, max)] for name, values in figures.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--loads", type=int, default=5)
    parser.add_argument("--web", type=Path, default=ROOT / "web", help="another page's folder, to compare")
    parser.add_argument("--record", type=Path)
    arguments = parser.parse_args()
    executable, environment = find_chromium()
    with TemporaryDirectory() as folder, serve(arguments.web, Path(folder)) as url, sync_playwright() as playwright:
        flags = [*FLAGS, trust(Path(folder) / "certificate.pem")]
        browser = playwright.chromium.launch(executable_path=executable, args=flags, env={**os.environ, **environment})
        found = measure(browser, url, arguments.loads)
        browser.close()
    results = {which: summarize(loads) for which, loads in found.items()}
    for which, figures in results.items():
        print(which, *(f"{name} {median} ({least}-{most})" for name, (median, least, most) in figures.items()), sep="\n  ")
    if arguments.record:
        line = {"down_mbps": DOWN_MBPS, "up_mbps": UP_MBPS, "latency_ms": LATENCY_MS, "cpu_times": CPU_TIMES}
        write_record(arguments.record, {"machine": describe_machine(), "loads": arguments.loads, "throttled": line, **results})


if __name__ == "__main__":
    main()
