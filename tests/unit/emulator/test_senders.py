"""Which requests a page of another site sends."""

import pytest

from emulator.front.senders import is_below_localhost, is_from_another_site, is_this_machine

STRANGE = {"origin": "https://elsewhere.example"}
LINK = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, False),  # curl, and every other program
        ({"sec-fetch-site": "none"}, False),  # typed into the address bar
        ({"sec-fetch-site": "same-origin", "origin": "null"}, False),
        ({"sec-fetch-site": "same-site", "origin": "http://127.0.0.1:4568"}, False),
        ({"sec-fetch-site": "cross-site", "origin": "http://localhost:5173"}, False),
        ({"origin": "http://localhost:5173"}, False),
        ({"sec-fetch-site": "cross-site"}, True),
        ({"sec-fetch-site": "same-site"}, True),
        (STRANGE, True),
        ({**STRANGE, "sec-fetch-site": "cross-site"}, True),
        ({"origin": "null"}, True),
        ({"origin": "http://localhost.elsewhere.example"}, True),
        ({"origin": "http://user@elsewhere.example:127.0.0.1"}, True),
        ({"origin": "http://["}, True),  # no browser's: it is refused, and no failure of ours
        ({"origin": "http://localhost/elsewhere"}, True),
        (LINK, True),
    ],
)
def test_tells_pages_of_other_sites_by_what_browsers_say(headers: dict[str, str], expected: bool) -> None:
    assert is_from_another_site("GET", headers) is expected


def test_lets_pages_in_that_are_named() -> None:
    assert not is_from_another_site("GET", {**STRANGE, "sec-fetch-site": "cross-site"}, origins={"https://elsewhere.example"})


@pytest.mark.parametrize(
    ("method", "headers", "expected"),
    [
        ("GET", LINK, False),
        ("POST", {**LINK, **STRANGE}, True),
        ("GET", {**LINK, "sec-fetch-dest": "iframe"}, True),
        ("GET", {**LINK, "sec-fetch-mode": "no-cors"}, True),
    ],
)
def test_lets_links_in_where_they_may_lead(method: str, headers: dict[str, str], expected: bool) -> None:
    assert is_from_another_site(method, headers, links=True) is expected


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.1:4566", "localhost:4566", "LOCALHOST"])
def test_knows_the_names_of_this_machine(host: str) -> None:
    assert is_this_machine(host)
    assert is_below_localhost(host)


@pytest.mark.parametrize("host", ["", "0.0.0.0:4566", "localhost.example", "127.0.0.1.example", "example:4566", "localhost:4566, example"])
def test_takes_no_other_name(host: str) -> None:
    assert not is_this_machine(host)
    assert not is_below_localhost(host)


def test_takes_buckets_names_below_localhost_where_signed_requests_go() -> None:
    assert is_below_localhost("bucket.s3.localhost:4566")
    assert not is_this_machine("bucket.s3.localhost:4566")
