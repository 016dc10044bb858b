"""The emulator ends with the process that started it, unless that has told it to go on."""

import asyncio
import os

import pytest

from emulator.caller import GO_ON, watch_caller


@pytest.mark.parametrize(("said", "ends"), [(b"", True), (GO_ON, False)])
def test_ends_when_its_caller_has_without_a_word(said: bytes, ends: bool) -> None:
    read, write = os.pipe()
    ended: list[bool] = []

    async def watch() -> None:
        watch_caller(asyncio.get_running_loop(), read, lambda: ended.append(True))
        await asyncio.sleep(0)
        assert not ended  # it runs
        os.write(write, said)
        os.close(write)
        for _ in range(3):
            await asyncio.sleep(0.01)

    asyncio.run(watch())
    os.close(read)
    assert ended == [True] * ends
