"""How many rows an upload and a request may have."""

from recipes.recipe import Recipe

MAX_REQUEST_BYTES = 1_000_000  # well below the 4 MB that a serverless endpoint answers, so that others get their turn
MAX_REQUEST_ROWS = 10_000  # of a few requests they are in memory at once, with their ids and names
MAX_ROWS = 5_000_000  # of an upload


def count_rows_per_request(recipe: Recipe) -> int:
    """Return how many rows a request to the endpoint may hold, so that neither it nor its response is too long.

    A row of few numbers has a response that is longer than itself.
    """
    return min(MAX_REQUEST_ROWS, recipe.count_per_request(MAX_REQUEST_BYTES))
