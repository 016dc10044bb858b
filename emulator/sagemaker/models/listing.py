"""What the operations that list have in common: which resources a request asks for, in which order, and in pages of how many."""

from collections.abc import Iterable
from typing import Any

from emulator.sagemaker.errors import validation_exception
from emulator.sagemaker.operation import Request, Response, select_fields

MAX_RESULTS = 100


def select_by_request(resources: Iterable[dict[str, Any]], request: Request, name: str) -> list[dict[str, Any]]:
    """Return those that a request filters, in the order of SortBy and SortOrder: by default the oldest first, equal ones by version.

    Args:    name: the field of their names.
    """
    after, before = request.get("CreationTimeAfter", float("-inf")), request.get("CreationTimeBefore", float("inf"))
    found = [each for each in resources if after < each["CreationTime"] < before and request.get("NameContains", "") in each[name]]
    by = name if request.get("SortBy") == "Name" else "CreationTime"
    return sorted(found, key=lambda each: (each[by], each.get("ModelPackageVersion", 0)), reverse=request.get("SortOrder") == "Descending")


def write_page(field: str, resources: list[dict[str, Any]], request: Request, names: tuple[str, ...]) -> Response:
    """Return a page of summaries, with NextToken unless it is the last."""
    token = request.get("NextToken", "0")
    if not token.isdecimal():
        raise validation_exception("Invalid NextToken: give the one of the page before.")
    start, end = int(token), int(token) + int(request.get("MaxResults", MAX_RESULTS))
    more = {"NextToken": str(end)} if end < len(resources) else {}
    return {field: [select_fields(each, *names) for each in resources[start:end]], **more}
