"""ministack's process."""

import pytest

from emulator.front import loopback
from emulator.ministack.process import require_pinned_version


def test_refuses_another_version_of_ministack() -> None:
    with pytest.raises(RuntimeError, match=r"ministack is 2\.0\.0.*make setup"):
        require_pinned_version("2.0.0")


@pytest.mark.parametrize("address", [("0.0.0.0", 8883), ("", 8883), ("::", 8883, 0, 0), ("192.0.2.1", 0)])
def test_refuses_to_listen_where_other_machines_reach(address: tuple[object, ...]) -> None:
    with pytest.raises(PermissionError, match="it may only on"):
        loopback._refuse("socket.bind", (None, address))


@pytest.mark.parametrize("address", [("127.0.0.1", 0), ("::1", 0, 0, 0), "/run/a.sock", b"", (0, 0)])
def test_lets_the_rest_listen(address: object) -> None:
    loopback._refuse("socket.bind", (None, address))
