"""The HTTP client of the command, and what is wrong with a call as a title and a sentence.

httpx is imported where it is used: it takes 100 ms, which `--help` need not pay.
"""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from recipes.errors import InferstackError

if TYPE_CHECKING:
    import httpx


class CallFailed(Exception):
    """A call without an answer, or with one that refuses.

    Args:    title: in a few words, for a table.
             detail: what, got, expected.
             advice: what to do; empty where that is plain.
             is_transient: whether the same call may succeed a little later.
             retry_after_s: how long the server asks to wait.
    """

    def __init__(self, title: str, detail: str, *, advice: str = "", is_transient: bool = False, retry_after_s: float = 0) -> None:
        super().__init__(f"{title}: {detail}")
        self.title, self.detail, self.advice = title, detail, advice
        self.is_transient, self.retry_after_s = is_transient, retry_after_s

    @property
    def problem(self) -> dict[str, str]:
        """What `--json` shows of it."""
        return {"title": self.title, "detail": self.detail, **({"advice": self.advice} if self.advice else {})}


class UnusableProxy(InferstackError):
    """The environment names a proxy that httpx cannot use."""

    code = "unusable-proxy"
    title = "Unusable proxy"


def open_client() -> "httpx.Client":
    """Return a client that uses the proxies of the environment, and the certificates of this machine in place of httpx's own.

    Raises:  UnusableProxy: of a kind that needs another package, or no URL.
    """
    from cli.http.bounded import BoundedClient  # noqa: PLC0415 - see above

    direct = dict.fromkeys(("all://127.0.0.1", "all://*localhost"), None)  # no proxy reaches the stack on this machine
    try:
        return BoundedClient(verify=ssl.create_default_context(), mounts=direct)
    except (ImportError, ValueError) as error:
        advice = "look at HTTP_PROXY, HTTPS_PROXY and ALL_PROXY: a proxy's URL begins with http:// or https://"
        raise UnusableProxy(str(error), advice=advice) from error


@contextmanager
def translate_http_errors(url: str) -> Iterator[None]:
    """Turn what httpx raises, and an answer that is not JSON, into CallFailed with the URL, less its query: that may hold a signature."""
    import httpx  # noqa: PLC0415 - see above

    try:
        yield
    except (httpx.HTTPError, httpx.InvalidURL, ValueError, RecursionError) as error:  # the last: of JSON that is nested without an end
        is_wrong = not isinstance(error, httpx.HTTPError) or isinstance(error, httpx.UnsupportedProtocol) or _is_untrusted(error)
        detail = f"{url.partition('?')[0]}: {error or type(error).__name__}"
        raise CallFailed("No answer", detail, is_transient=not is_wrong) from error


def is_transient(response: "httpx.Response") -> bool:
    """Return whether a refusal depends on the moment and not on the request."""
    return response.status_code == 429 or response.status_code >= 500


def read_retry_after_s(response: "httpx.Response") -> float:
    """Return the seconds that a Retry-After header asks for; 0 without one, or for a date."""
    value = response.headers.get("retry-after", "")
    return float(value) if value.isdecimal() else 0.0


def _is_untrusted(error: BaseException | None) -> bool:
    """Return whether a certificate is refused: httpx names the cause, not the kind."""
    return error is not None and (isinstance(error, ssl.SSLCertVerificationError) or _is_untrusted(error.__cause__))
