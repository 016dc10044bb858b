"""How many rows an upload and a request may have."""

from recipes.recipe import Recipe

MAX_REQUEST_ROWS = 10_000  # of a few requests they are in memory at once, with their ids and names
MAX_ROWS = 5_000_000  # of an upload


def count_rows_per_request(recipe: Recipe, chunk_bytes: int) -> int:
    """Return how many rows a request may hold, so that neither it nor its response has more than this many bytes.

    A row of few numbers has a response that is longer than itself, and a serverless endpoint answers at most 4 MB.
    """
    return min(MAX_REQUEST_ROWS, recipe.count_per_request(chunk_bytes))
