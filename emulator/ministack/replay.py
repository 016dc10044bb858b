"""Decides recorded calls again, with a role's policy as it is and without each of its statements.

Run as `.venvs/local/bin/python -m emulator.ministack.replay`: it reads {"policies": {role: [statement, …]}, "calls": [call, …]} from
standard input, the calls as `trace.py` writes them, and writes to standard output, for each role:

    denied    the calls that its policy does not allow
    used_by   for each statement a call that is denied without it, or null
"""

import json
import sys
from collections.abc import Sequence
from typing import Any

from ministack.core import iam_evaluator

from deployment.this_machine import ACCOUNT, REGION
from emulator.ministack.iam import count_loopback_as_tls

Json = dict[str, Any]


def main() -> None:
    """Read the policies and the calls, and write what they show."""
    count_loopback_as_tls()
    given = json.load(sys.stdin)
    json.dump({role: replay(statements, find_calls(given["calls"], role)) for role, statements in given["policies"].items()}, sys.stdout)


def find_calls(calls: Sequence[Json], role: str) -> list[Json]:
    """Return the calls that were made as a role."""
    return [call for call in calls if f":assumed-role/{role}/" in call["principal"]]


def replay(statements: Sequence[Json], calls: Sequence[Json]) -> Json:
    """Return which of a role's calls are denied, and for each statement one that needs it."""
    allowed = [call for call in calls if is_allowed(statements, call)]
    without = ([each for each in statements if each is not statement] for statement in statements)
    used_by = [next((call for call in allowed if not is_allowed(rest, call)), None) for rest in without]
    return {"denied": [call for call in calls if call not in allowed], "used_by": used_by}


def is_allowed(statements: Sequence[Json], call: Json) -> bool:
    """Return whether statements allow a call."""
    context = iam_evaluator.EvalContext(
        call["principal"], "AssumedRole", ACCOUNT, call["action"], call["resource"], REGION, service_context=call["context"]
    )
    policy = iam_evaluator.parse_policy_document({"Statement": list(statements)})
    return bool(iam_evaluator.evaluate(context, [policy]).decision == "Allow")


if __name__ == "__main__":
    main()
