"""The combinations of settings that decide which resources a stage has, and few of them that hold every pair of values."""

from collections.abc import Iterator
from contextlib import suppress
from itertools import combinations, product

from deployment.stages import settings_for
from recipes.errors import InvalidSettings

Combination = dict[str, str]
REGIONS = ("eu-central-1", "ap-southeast-2", "us-east-1")
NEW = "models/digits/new.tar.gz"
FIELDS = {
    "endpoint_kind": ("serverless", "cpu", "gpu"),
    "auth": ("jwt", "iam"),
    "variants": ("AllTraffic", f"champion:0.9,challenger:0.1:{NEW}"),
    "shadow": ("", f"shadow:0.5:{NEW}"),
    "capture_percent": ("0", "10"),
    "notebook": ("false", "true"),
    "start_on_data": ("false", "true"),
    "retain_data": ("false", "true"),
    "tags": ("", "cost-center=ml,team=a b"),
    "alarm_email": ("", "someone@example.com"),
    "encryption_key": ("", "create"),
    "vpc": ("", "subnet-0a1b2c3d,subnet-4e5f6a7b,sg-8c9d0e1f"),
}


def list_valid() -> list[Combination]:
    """Return every combination that the settings take."""
    return list(_find_valid())


def _find_valid() -> Iterator[Combination]:
    for values in product(*FIELDS.values()):
        combination = dict(zip(FIELDS, values, strict=True))
        with suppress(InvalidSettings):
            settings_for("dev", **combination)
            yield combination


def cover_pairs(all_: list[Combination]) -> list[Combination]:
    """Return few of the combinations, in which every two values that can meet do: most defects of a combination are of two values."""
    pairs = {id(each): set(combinations(sorted(each.items()), 2)) for each in all_}
    missing = set().union(*pairs.values())
    chosen = []
    while missing:
        best = max(all_, key=lambda each: len(pairs[id(each)] & missing))
        chosen.append(best)
        missing -= pairs[id(best)]
    return chosen
