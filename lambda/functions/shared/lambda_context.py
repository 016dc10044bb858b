"""The context that Lambda passes to a handler."""

from typing import Protocol


class LambdaContext(Protocol):
    """The part of the context that the functions use."""

    def get_remaining_time_in_millis(self) -> int:
        """Return the milliseconds until Lambda ends the function."""
