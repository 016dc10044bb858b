"""The functions' bundles, built by a process of its own."""

import pytest

from local.bundles import BundlesFailed, build_bundles


def test_says_why_bundles_could_not_be_built() -> None:
    with pytest.raises(BundlesFailed, match=r"(?s)the functions' bundles could not be built\. .*invalid choice: 'nope'"):
        build_bundles("nope")
