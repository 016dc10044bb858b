"""What axe-core, Deque's checker, finds on the page."""

from typing import Any

from playwright.sync_api import Page

from tests.browser.conftest import ROOT

AXE = ROOT / "node_modules/axe-core/axe.min.js"
RUN = """async (rules) => (await axe.run(document, rules ? { runOnly: rules } : { rules: { "target-size": { enabled: true } } })).violations
    .flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => [id, target.join(" "), failureSummary]))"""


def find_violations(page: Page, *rules: str) -> Any:
    """Return rule, element and reason of each violation; by all its rules if none are named."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text())
    return page.evaluate(RUN, list(rules) or None)
