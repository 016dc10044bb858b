"""DescribeStacks of a stack that is being created answers when it is there, or after some seconds.

The cdk CLI looks when it has asked for a stack, and then every five seconds: of stacks that are there after two, three were lost.
"""

import asyncio
import time
from collections.abc import Mapping
from typing import Any

from ministack import app

from emulator.ministack.access.stack_roles import find_stack, read_request

LIMIT_S = 4.5  # below the time-outs of whoever asks
POLL_S = 0.05


def answer_when_created() -> None:
    """Let it do so."""
    handle = app.SERVICE_HANDLERS["cloudformation"]

    async def handle_when_created(method: str, path: str, headers: Mapping[str, str], body: bytes, query: Mapping[str, Any]) -> Any:
        parameters = read_request(body, query)
        deadline = time.monotonic() + LIMIT_S
        while parameters.get("Action") == "DescribeStacks" and _is_being_created(parameters) and time.monotonic() < deadline:
            await asyncio.sleep(POLL_S)
        return await handle(method, path, headers, body, query)

    app.SERVICE_HANDLERS["cloudformation"] = handle_when_created


def _is_being_created(parameters: Mapping[str, str]) -> bool:
    return (find_stack(parameters) or {}).get("StackStatus") == "CREATE_IN_PROGRESS"
