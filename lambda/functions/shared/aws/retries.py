"""Which requests to AWS are sent again, and when: what botocore's standard mode does, without its quota of retries."""

import time
from collections.abc import Callable, Mapping
from typing import Any

from functions.shared.aws.http_response import Answer

TRANSIENT = {500, 502, 503, 504}  # S3's SlowDown is one
THROTTLED = {"SlowDown", "Throttling", "ThrottlingException", "RequestThrottled", "TooManyRequestsException", "RequestLimitExceeded"}
AGAIN = THROTTLED | {"RequestTimeout", "InternalError", "TemporaryRedirect"}  # the last: the name of a new bucket is not known everywhere
FIRST_PAUSE_S, THROTTLED_PAUSE_S = 0.05, 1.0


class Refused(Exception):
    """AWS responded with an error.

    Args:    code: the error's name in AWS's API; the status where it has none.
             status: of the response.
    """

    def __init__(self, code: str, message: str, status: int) -> None:
        super().__init__(f"{code} ({status}): {message}"[:500])
        self.response: Mapping[str, Any] = {"Error": {"Code": code, "Message": message}}  # as botocore's errors have it
        self.code, self.status = code, status


def read_code(error: Exception) -> str:
    """Return the code of AWS's refusal, whoever's client raised it; "" for any other error."""
    response = getattr(error, "response", None)
    return str(response.get("Error", {}).get("Code", "")) if isinstance(response, Mapping) else ""


def send_until_answered(
    send: Callable[[], Answer], find_refusal: Callable[[Answer], Refused | None], attempts: int, sleep: Callable[[float], None] = time.sleep
) -> Answer:
    """Return the response to a request that may be sent again.

    Raises:  Refused: the last of the attempts was refused, or one was for a reason that stays.
             TimeoutError, ConnectionError: the last of them was not answered.
    """
    for left in reversed(range(attempts)):
        pause_s = FIRST_PAUSE_S
        try:
            answer = send()
            refusal = find_refusal(answer)
        except (TimeoutError, ConnectionError):
            if not left:
                raise
        else:
            if refusal is None:
                return answer
            if not left or not (refusal.status in TRANSIENT or refusal.code in AGAIN):
                raise refusal
            pause_s = THROTTLED_PAUSE_S if refusal.code in THROTTLED else FIRST_PAUSE_S
        import random  # noqa: PLC0415 - most starts never need it

        sleep(random.random() * pause_s * 2 ** (attempts - 1 - left))  # noqa: S311 - spreads retries, guards nothing
    raise AssertionError("unreachable")
