"""Who sends a request: a program, a page of this machine, or a page of another site. Browsers say so, and no page can change what they say.

A page of any site may send requests to this machine. It cannot choose Host, Origin and Sec-Fetch-* (https://www.w3.org/TR/fetch-metadata/),
and programs such as curl send neither of the last two.
"""

import re
from collections.abc import Collection, Mapping

Headers = Mapping[str, str]
THIS_MACHINE = r"(127\.0\.0\.1|localhost)(:\d+)?"
# Browsers and libc resolve these without asking anybody; AWS's clients put a bucket's name there.
BELOW_LOCALHOST = rf"{THIS_MACHINE}|[a-z0-9.-]+\.localhost(:\d+)?"


def is_this_machine(host: str) -> bool:
    """Return whether a Host header names this machine, and not a name that somebody made to lead here (DNS rebinding)."""
    return re.fullmatch(THIS_MACHINE, host, re.IGNORECASE) is not None


def is_below_localhost(host: str) -> bool:
    """Return the same, and True for names below localhost."""
    return re.fullmatch(BELOW_LOCALHOST, host, re.IGNORECASE) is not None


def is_from_another_site(method: str, headers: Headers, *, origins: Collection[str] = (), links: bool = False) -> bool:
    """Return whether a page of another site sends a request.

    Pages of this machine may, whatever their port: a front end's development server is one. The Host header has to be checked first: a
    page behind a name that leads here is of the same origin.

    Args:    origins: other origins whose pages may.
             links: whether links of all sites may lead here.
    """
    site, origin = headers.get("sec-fetch-site"), headers.get("origin")
    if site in {"same-origin", "none"}:
        return False
    if origin is not None:
        return origin not in origins and not is_this_machine(origin.partition("://")[2])
    return site is not None and not (links and _is_link(method, headers))


def _is_link(method: str, headers: Headers) -> bool:
    """Return whether a browser goes to the address, and does not only put it into a frame of a page."""
    return method in {"GET", "HEAD"} and headers.get("sec-fetch-mode") == "navigate" and headers.get("sec-fetch-dest") == "document"
