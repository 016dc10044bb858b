"""Decides recorded calls again, without each of the statements of a role's policy.

Run as `.venvs/local/bin/python -m emulator.ministack.access.replay`: it reads {"policies": {role: [statement, …]}, "calls": [call, …]} from
standard input, the calls as `trace.py` writes them, and writes to standard output for each role, in the order of its statements, a call
that is denied without the statement, or null.
"""

import json
import sys
from collections.abc import Sequence
from typing import Any

from ministack.core import iam_evaluator

from deployment.this_machine import ACCOUNT, REGION
from emulator.ministack.access.iam import count_loopback_as_tls

Json = dict[str, Any]


def main() -> None:
    """Read the policies and the calls, and write what they show."""
    count_loopback_as_tls()
    given = json.load(sys.stdin)
    json.dump(
        {role: find_needs(statements, find_calls(given["calls"], role)) for role, statements in given["policies"].items()}, sys.stdout
    )


def find_calls(calls: Sequence[Json], role: str) -> list[Json]:
    """Return the calls that were made as a role."""
    return [call for call in calls if f":assumed-role/{role}/" in call["principal"]]


def find_needs(statements: Sequence[Json], calls: Sequence[Json]) -> list[Json | None]:
    """Return for each statement, all of which allow, a call that no other allows, or None."""
    rests = ([each for each in statements if each is not statement] for statement in statements)
    return [
        next((call for call in calls if is_allowed([statement], call) and not is_allowed(rest, call)), None)
        for statement, rest in zip(statements, rests, strict=True)
    ]


def is_allowed(statements: Sequence[Json], call: Json) -> bool:
    """Return whether statements allow a call."""
    context = iam_evaluator.EvalContext(
        call["principal"], "AssumedRole", ACCOUNT, call["action"], call["resource"], REGION, service_context=call["context"]
    )
    policy = iam_evaluator.parse_policy_document({"Statement": list(statements)})
    return bool(iam_evaluator.evaluate(context, [policy]).decision == "Allow")


if __name__ == "__main__":
    main()
