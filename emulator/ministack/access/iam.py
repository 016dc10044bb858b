"""What ministack's policy evaluator knows of a request."""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from ministack.core import iam_actions, iam_evaluator

BATCHES = {f"sqs:{action}Batch": f"sqs:{action}" for action in ("SendMessage", "DeleteMessage", "ChangeMessageVisibility")}
LOOPBACK_IS_TLS = {"aws:securetransport": "true", "s3:tlsversion": "1.3"}


def count_loopback_as_tls() -> None:
    """Let bucket policies that require TLS accept loopback: nothing leaves this machine, and CloudFront's own reads need it."""
    resolve = iam_evaluator._resolve_condition_key
    iam_evaluator._resolve_condition_key = lambda key, context: LOOPBACK_IS_TLS.get(key.lower()) or resolve(key, context)


def ask_for_batches_as_for_one() -> None:
    """Ask who sends, deletes or hides messages ten at a time for the right to do so with one: IAM knows no other."""
    extract: Callable[..., str | None] = iam_actions.extract_iam_action

    def extract_one(*request: Any) -> str | None:
        action = extract(*request)
        return BATCHES.get(action, action) if action else None

    iam_actions.extract_iam_action = extract_one


def match_line_feeds() -> None:
    """Let `*` and `?` of a policy stand for any character, as IAM's do: ministack's stop at a line feed, which a key in S3 may have."""
    iam_evaluator._fnmatch_compile = compile_pattern


@lru_cache(maxsize=4096)
def compile_pattern(pattern: str, ignore_case: bool) -> re.Pattern[str]:
    """Return what matches a policy's pattern, from a text's beginning to its end."""
    parts = {"*": ".*", "?": "."}
    regex = "".join(parts.get(character) or re.escape(character) for character in pattern)
    return re.compile(rf"{regex}\Z", re.DOTALL | (re.IGNORECASE if ignore_case else 0))
