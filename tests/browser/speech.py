"""What a screen reader has to say of the page: its tree in order, and what its live regions come to say."""

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from playwright.sync_api import Page

# Before the page's own scripts: keeps what the live regions come to say, in order.
LISTEN = """addEventListener("DOMContentLoaded", () => {
    window.said = [];
    const live = "[role=alert], [role=status], [aria-live=polite], [aria-live=assertive]";
    new MutationObserver((records) => {
        const regions = new Set(records.map(({ target }) => (target.closest ? target : target.parentElement)?.closest(live)));
        for (const region of regions) if (region?.textContent.trim()) window.said.push(region.textContent.trim());
    }).observe(document.body, { childList: true, characterData: true, subtree: true });
});"""
SILENT = {"none", "generic", "InlineTextBox", "RootWebArea", "LineBreak", "LayoutTable", "LayoutTableRow", "LayoutTableCell"}
SAME = {"Sign in"}  # wherever it stands, it does the same
CONTROLS = {"button", "link", "textbox", "slider", "checkbox", "tab", "DisclosureTriangle", "combobox"}


@dataclass(frozen=True)
class Node:
    """What is read out of one element."""

    role: str
    name: str
    description: str
    level: int
    depth: int

    def __str__(self) -> str:
        parts = [self.role, f'"{self.name}"' if self.name else "", f"({self.description})" if self.description else ""]
        return "  " * self.depth + " ".join(filter(None, parts))


def read_tree(page: Page) -> list[Node]:
    """Return what Chromium tells assistive technology, in reading order."""
    session = page.context.new_cdp_session(page)
    nodes = {node["nodeId"]: node for node in session.send("Accessibility.getFullAXTree")["nodes"]}
    session.detach()
    found: list[Node] = []

    def walk(node: dict[str, Any], depth: int, above: str) -> None:
        role, name, description = (str(node.get(part, {}).get("value", "")).strip() for part in ("role", "name", "description"))
        if not node.get("ignored") and role not in SILENT and not (role == "StaticText" and name in above):
            levels = [each["value"]["value"] for each in node.get("properties", []) if each["name"] == "level"]
            found.append(Node(role, name, description, int(levels[0]) if levels else 0, depth))
            depth, above = depth + 1, name
        if role == "image":  # what is in it is not read
            return
        for child in filter(None, (nodes.get(each) for each in node.get("childIds", []))):
            walk(child, depth, above)

    walk(next(node for node in nodes.values() if "parentId" not in node), 0, "")
    return found


def find_flaws(nodes: list[Node]) -> list[str]:
    """Return what somebody who only listens would stumble over."""
    flaws = [f"no name: {node}" for node in nodes if node.role in {*CONTROLS, "image", "table"} and not node.name]
    flaws += [f"said twice: {node}" for node in nodes if node.description and node.description in node.name]
    flaws += [f"no word: {node}" for node in nodes if node.role in {"StaticText", "cell"} and re.fullmatch(r"[^\w\s%]+", node.name)]
    controls = [(node.role, node.name) for node in nodes if node.role in CONTROLS and node.name not in SAME]
    flaws += [f"two of one name: {role} {name}" for role, name in sorted({each for each in controls if controls.count(each) > 1})]
    headings = [node for node in nodes if node.role == "heading"]
    if [node.level for node in headings].count(1) != 1:
        flaws.append("not one heading of the page")
    flaws += [f"skips a level: {after}" for before, after in pairwise(headings) if after.level > before.level + 1]
    return flaws
