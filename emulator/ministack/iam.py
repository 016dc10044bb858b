"""What ministack's policy evaluator knows of a request."""

import re
from functools import lru_cache

from ministack.core import iam_evaluator

LOOPBACK_IS_TLS = {"aws:securetransport": "true", "s3:tlsversion": "1.3"}


def count_loopback_as_tls() -> None:
    """Let bucket policies that require TLS accept loopback: nothing leaves this machine, and CloudFront's own reads need it."""
    resolve = iam_evaluator._resolve_condition_key
    iam_evaluator._resolve_condition_key = lambda key, context: LOOPBACK_IS_TLS.get(key.lower()) or resolve(key, context)


def match_line_feeds() -> None:
    """Let `*` and `?` of a policy stand for any character, as IAM's do: ministack's stop at a line feed, which a key in S3 may have."""
    iam_evaluator._fnmatch_compile = compile_pattern


@lru_cache(maxsize=4096)
def compile_pattern(pattern: str, ignore_case: bool) -> re.Pattern[str]:
    """Return what matches a policy's pattern, from a text's beginning to its end."""
    parts = {"*": ".*", "?": "."}
    regex = "".join(parts.get(character) or re.escape(character) for character in pattern)
    return re.compile(rf"{regex}\Z", re.DOTALL | (re.IGNORECASE if ignore_case else 0))
