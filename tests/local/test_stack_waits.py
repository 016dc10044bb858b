"""DescribeStacks answers when a stack is created, not before and not five seconds later; other questions and stacks do not wait."""

import subprocess

from deployment.paths import EMULATOR_PYTHON, ROOT

PROGRAM = """
import asyncio
from ministack import app
from ministack.services import cloudformation
from emulator.ministack.stack_waits import answer_when_created

stacks = cloudformation._stacks
stacks["new"], stacks["there"] = {"StackStatus": "CREATE_IN_PROGRESS"}, {"StackStatus": "UPDATE_IN_PROGRESS"}

async def handle(method, path, headers, body, query):
    name = query["StackName"]
    return stacks[name]["StackStatus"] if name in stacks else "none"

app.SERVICE_HANDLERS["cloudformation"] = handle
answer_when_created()

async def ask(action, name):
    return await app.SERVICE_HANDLERS["cloudformation"]("POST", "/", {}, b"", {"Action": action, "StackName": name})

async def main():
    asked = asyncio.ensure_future(ask("DescribeStacks", "new"))
    others = [await ask("DescribeStackEvents", "new"), await ask("DescribeStacks", "there"), await ask("DescribeStacks", "gone")]
    print(*others, asked.done())
    stacks["new"]["StackStatus"] = "CREATE_COMPLETE"
    print(await asked)

asyncio.run(main())
"""


def test_answers_of_a_stack_that_is_being_created_when_it_is_there() -> None:
    done = subprocess.run(
        [EMULATOR_PYTHON, "-c", PROGRAM], cwd=ROOT, env={"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.splitlines() == ["CREATE_IN_PROGRESS UPDATE_IN_PROGRESS none False", "CREATE_COMPLETE"]
