"""When something happened to an endpoint: what was done to it is noted, a canary and a way back are seen."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

LOOK_EVERY_S = 0.2


class Watch:
    """Looks at an endpoint five times a second.

    Args:    sagemaker: boto3's client.
    events  (seconds since the watch began, what happened)
    """

    def __init__(self, sagemaker: Any, endpoint: str) -> None:
        self._sagemaker, self._endpoint, self._ended = sagemaker, endpoint, threading.Event()
        self.began_s = time.time()
        self.events: list[tuple[float, str]] = []

    def note(self, what: str) -> float:
        """Keep that something happened now, and return when that is."""
        at_s = round(time.time() - self.began_s, 2)
        self.events.append((at_s, what))
        return at_s

    @contextmanager
    def watching(self) -> Iterator["Watch"]:
        """Watch the endpoint while the block lasts."""
        thread = threading.Thread(target=self._look, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self._ended.set()
            thread.join()

    def _look(self) -> None:
        had_canary, went_back, reason = False, False, ""
        while not self._ended.wait(LOOK_EVERY_S):
            endpoint = self._sagemaker.describe_endpoint(EndpointName=self._endpoint)
            has_canary, why = "PendingDeploymentSummary" in endpoint, endpoint.get("FailureReason", "")
            if has_canary and not had_canary:
                self.note("canary")
            goes_back = endpoint["EndpointStatus"] == "RollingBack"  # all traffic has; what is on its way to the canary is waited for
            if goes_back and not went_back:
                self.note("alarm")
            if why not in {"", reason}:
                self.note(f"rolled back: {why}" if why.startswith("The deployment") else f"refused: {why}")
            had_canary, went_back, reason = has_canary, goes_back, why
