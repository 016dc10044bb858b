"""A steady load on the HTTP API: so many requests a second from a few clients, each kept as what came of it."""

import http.client
import json
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from urllib.parse import urlsplit

GOLDEN = Path(__file__).resolve().parents[2] / "recipes/digits/golden"
LONGEST_S = 35  # an API gives up after 30


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a request.

    Args:    due_s, answered_s: time.time() when it was to be sent and when its answer was there. Latency is between the two, so what waited
                                for a free client counts too.
             status: HTTP's; 0 where there was no answer.
             version: of the model that answered; empty where none did.
             right: whether the digit is the picture's.
             said: the body of a failure.
    """

    due_s: float
    answered_s: float
    status: int
    version: str = ""
    right: bool = False
    said: str = ""


class Steady:
    """Sends pictures of 0 to 9 in turn until it is left; `outcomes` is whole from then on.

    Args:    url: the API's.
             clients: threads, each with a connection of its own.
             rate: requests a second, of all together.
    """

    def __init__(self, url: str, *, clients: int, rate: float) -> None:
        self._address, self._rate = urlsplit(url), rate
        self._pictures = [(GOLDEN / f"{digit}.png").read_bytes() for digit in range(10)]
        self._lock, self._ended, self._next = threading.Lock(), threading.Event(), 0
        self._threads = [threading.Thread(target=self._run, daemon=True) for _ in range(clients)]
        self.outcomes: list[Outcome] = []

    def __enter__(self) -> "Steady":
        """Begin."""
        self._began_s = time.time()
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Wait for the answers of what has been sent."""
        self._ended.set()
        for thread in self._threads:
            thread.join(LONGEST_S)

    def _run(self) -> None:
        connection = http.client.HTTPConnection(self._address.hostname or "", self._address.port, timeout=LONGEST_S)
        while True:
            with self._lock:
                number, self._next = self._next, self._next + 1
            due_s = self._began_s + number / self._rate
            if self._ended.wait(max(0.0, due_s - time.time())):
                return
            self.outcomes.append(self._ask(connection, number % 10, due_s))

    def _ask(self, connection: http.client.HTTPConnection, digit: int, due_s: float) -> Outcome:
        try:
            connection.request("POST", "/predictions", self._pictures[digit], {"content-type": "image/png"})
            response = connection.getresponse()
            body = response.read()
            if response.status != 200:
                return Outcome(due_s, time.time(), response.status, said=body.decode(errors="replace")[:500])
            answer = json.loads(body)
            right = answer["predictions"][0]["label"] == digit
            return Outcome(due_s, time.time(), 200, answer["model"]["version"], right)
        except (OSError, http.client.HTTPException, ValueError, LookupError) as error:
            connection.close()  # the next request opens it anew
            return Outcome(due_s, time.time(), 0, said=f"{type(error).__name__}: {error}")
