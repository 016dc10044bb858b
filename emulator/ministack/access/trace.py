"""A record of what roles did and what they were not allowed: one line of JSON for each kind of call, once."""

import json
from contextlib import suppress
from contextvars import ContextVar
from pathlib import Path
from typing import Any

from ministack.core import iam_evaluator

MOST_CALLS = 100_000  # a stack that runs for weeks writes no more than this
_contexts: ContextVar[list[iam_evaluator.EvalContext] | None] = ContextVar("contexts", default=None)
_is_recording: ContextVar[bool] = ContextVar("is_recording", default=True)


def record_calls(path: Path) -> None:
    """Write each decision on a role's call to a file: who, which action, which resource, which condition keys, whether allowed.

    The operator's calls are not written: the account's root may do everything.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    lines: set[str] = set()
    evaluate, enforce = iam_evaluator.evaluate, iam_evaluator.enforce

    def evaluate_and_keep(context: iam_evaluator.EvalContext, *rest: Any) -> Any:
        if (contexts := _contexts.get()) is not None:
            contexts.append(context)
        return evaluate(context, *rest)

    def enforce_and_write(*arguments: Any, **options: Any) -> Any:
        if not _is_recording.get():
            return enforce(*arguments, **options)
        contexts: list[iam_evaluator.EvalContext] = []
        token = _contexts.set(contexts)
        try:
            denied = enforce(*arguments, **options)
        finally:
            _contexts.reset(token)
        if contexts:
            line = _write_line(contexts[0], is_allowed=denied is None)
            if line not in lines and len(lines) < MOST_CALLS:
                lines.add(line)
                with suppress(OSError), path.open("a") as file:  # a full disk must not fail the call
                    file.write(line)
        return denied

    iam_evaluator.evaluate, iam_evaluator.enforce = evaluate_and_keep, enforce_and_write


def stop_recording() -> None:
    """Write nothing more of what is asked in this context: a service asks it of itself, the caller did not do it."""
    _is_recording.set(False)


def _write_line(context: iam_evaluator.EvalContext, *, is_allowed: bool) -> str:
    call = {
        "principal": context.principal_arn,
        "action": context.action,
        "resource": context.resource_arn,
        "context": {key: value for key, value in context.service_context.items() if value is not None},
        "allowed": is_allowed,
    }
    return json.dumps(call, default=str) + "\n"
