"""The four ports of a run, one after the other."""

from typing import NamedTuple


class Ports(NamedTuple):
    """Where each part of a run listens.

    Args:    gateway: AWS's APIs, S3 among them.
             api: the API that is deployed.
             page: its page.
             events: its Event API.
    """

    gateway: int
    api: int
    page: int
    events: int

    @classmethod
    def starting_at(cls, first: int) -> "Ports":
        """Return the four ports from the first one."""
        return cls(*range(first, first + 4))
