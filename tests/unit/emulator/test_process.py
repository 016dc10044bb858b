"""ministack's process."""

import pytest

from emulator.ministack.process import require_pinned_version


def test_refuses_another_version_of_ministack() -> None:
    with pytest.raises(RuntimeError, match=r"ministack is 2\.0\.0.*make setup"):
        require_pinned_version("2.0.0")
