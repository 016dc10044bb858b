"""How long the pictures of a request may be read all together: the endpoint needs the rest of the time."""

from collections.abc import Callable
from typing import TypeVar

from recipes.errors import TooLarge
from recipes.recipe import Recipe

Read = TypeVar("Read")


class ReadingTime:
    """The time that one request's pictures have: an environment of Lambda answers one request at a time.

    Args:    clock: in seconds.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._limit_s = self._end_s = 0.0
        self.has_begun = False  # whether the request had a picture

    def start(self, limit_s: float) -> None:
        """Begin a request's time."""
        self._limit_s, self._end_s, self.has_begun = limit_s, self._clock() + limit_s, False

    def limit(self, recipe: Recipe) -> Recipe:
        """Return the recipe that refuses to read a picture when the time is over."""
        if not recipe.takes_pictures:
            return recipe
        find, reread = recipe.find_instances, recipe.reread_image
        return recipe._replace(
            read_image=self._limit_read(recipe.read_image),
            find_instances=self._limit_read(find) if find else None,
            reread_image=self._limit_read(reread) if reread else None,
        )

    def _limit_read(self, read: Callable[[bytes], Read]) -> Callable[[bytes], Read]:
        def read_in_time(image: bytes) -> Read:
            if self._clock() > self._end_s:
                raise TooLarge(
                    f"the pictures take longer than {self._limit_s:.0f} s to read", advice="Send fewer, or make a job: POST /jobs."
                )
            self.has_begun = True
            return read(image)

        return read_in_time
