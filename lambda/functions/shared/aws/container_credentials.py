"""The credentials of a function with SnapStart, fetched from an address: those in the snapshot's environment would have expired.

Source:  "Activating and managing Lambda SnapStart" in Lambda's developer guide, and "Container credential provider" in AWS's reference of
SDKs and tools; the tests hold botocore's beside it.
"""

import json
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from ipaddress import ip_address
from threading import Lock
from typing import Any

from functions.shared.aws.address import LOOPBACK, parse_address
from functions.shared.aws.connections import Connections, Sender
from functions.shared.aws.credentials import Credentials
from functions.shared.aws.http_response import Answer
from functions.shared.aws.retries import Refused, send_until_answered
from recipes.errors import InvalidSettings

ADDRESS, TOKEN = "AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_CONTAINER_AUTHORIZATION_TOKEN"
CONTAINERS = {"169.254.170.2", "169.254.170.23", "fd00:ec2::23"}  # what AWS's SDKs take without TLS, beside this machine
CONNECT_S, WAIT_S, TRIES, MAX_BYTES = 1, 1, 3, 1 << 16
EARLY_S = 300.0  # before they are over, others are asked for
AGAIN_S = 10.0  # between tries that fail while they are still valid


class ContainerCredentials:
    """Returns the valid credentials, and keeps them until shortly before they expire. Threads may ask at the same time.

    Nothing is asked before they are needed: a snapshot that held some would be restored with them.

    Args:    host, target: the address's host with its port, and its path.
             token: that the address asks for; "" for none.
             sender: to there.
             now, sleep: replaced in tests.
    """

    def __init__(
        self,
        host: str,
        target: str,
        token: str,
        sender: Sender,
        *,
        now: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        asked = {"host": host, "accept": "application/json", "connection": "close"}  # the next request is hours away
        self._headers = {**asked, **({"authorization": token} if token else {})}
        self._target, self._sender, self._now, self._sleep, self._lock = target, sender, now, sleep, Lock()
        self._kept, self._ends_s, self._next_s = Credentials("", ""), 0.0, 0.0

    def __call__(self) -> Credentials:
        """Return the credentials; raise ConnectionError if there are none that are valid."""
        with self._lock:
            now_s = self._now()
            if now_s >= self._next_s:
                try:
                    self._kept, self._ends_s = self._ask()
                    self._next_s = self._ends_s - EARLY_S
                except (Refused, TimeoutError, ConnectionError, ValueError, KeyError, TypeError) as error:
                    if now_s >= self._ends_s:
                        raise ConnectionError(f"{ADDRESS} gives no credentials: {type(error).__name__}: {error}"[:300]) from error
                    self._next_s = min(self._now() + AGAIN_S, self._ends_s)
            return self._kept

    def _ask(self) -> tuple[Credentials, float]:
        """Return credentials, and when they expire, in seconds since 1970."""

        def send() -> Answer:
            return self._sender.send("GET", self._target, self._headers, b"", wait_s=WAIT_S, most_bytes=MAX_BYTES)

        said: dict[str, Any] = json.loads(send_until_answered(send, _find_refusal, TRIES, self._sleep).body)
        ends_s = datetime.fromisoformat(said["Expiration"]).timestamp()
        return Credentials(str(said["AccessKeyId"]), str(said["SecretAccessKey"]), str(said["Token"])), ends_s


def open_container_credentials(environment: Mapping[str, str]) -> ContainerCredentials:
    """Return the credentials at the address in an environment.

    Raises:  InvalidSettings: it is none that AWS's SDKs would send the token to.
    """
    address, token = parse_address(environment[ADDRESS], ADDRESS), environment.get(TOKEN, "")
    is_known = address.is_secure or address.host in LOOPBACK | CONTAINERS or _is_loopback(address.host)
    if not is_known or not token.isprintable():
        said = f"{address.host!r} without TLS" if not is_known else f"a {TOKEN} that is no header"
        advice = f"{ADDRESS} is an address of this machine; leave it to Lambda"
        raise InvalidSettings(f"the role's credentials are at {said}; {advice}", advice=advice)
    return ContainerCredentials(address.authority, address.path or "/", token, Connections(address, CONNECT_S))


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:  # a name, which may begin as a number
        return False


def _find_refusal(answer: Answer) -> Refused | None:
    return None if answer.status == 200 else Refused(str(answer.status), answer.body[:100].decode(errors="replace"), answer.status)
