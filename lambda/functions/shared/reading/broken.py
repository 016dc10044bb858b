"""Whatever readers of hostile bytes raise, as an error in words."""

from collections.abc import Iterator
from contextlib import contextmanager

from recipes.errors import InferstackError, Malformed, TooLarge


@contextmanager
def refuse_broken(what: str) -> Iterator[None]:
    """Raise an InvalidInput in place of whatever a reader of hostile bytes raises.

    The standard library's raise anything, and an upload that cannot be read is to end its job in words, not to be tried again.
    """
    try:
        yield
    except InferstackError:
        raise
    except MemoryError as error:
        raise TooLarge(f"{what} takes more memory than there is", advice="Send less at once.") from error
    except Exception as error:
        raise Malformed(
            f"{what} is broken: {error or type(error).__name__}"[:500], advice="Pack it again and upload the whole file."
        ) from error
