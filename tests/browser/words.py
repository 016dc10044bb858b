"""What the page of another model must not say."""

import re

from playwright.sync_api import Page

OF_DIGITS = ("digit", "draw", "0–9", "784", "28 ×")


def list_words_of_digits(page: Page, *more: str) -> list[str]:
    """Return the words of the digits' page, and others, that a page shows outside its addresses, whose ports may be any number."""
    words = re.sub(r"\S*127\.0\.0\.1\S*", "", page.locator("body").inner_text().lower())
    return [word for word in (*OF_DIGITS, *more) if word in words]
