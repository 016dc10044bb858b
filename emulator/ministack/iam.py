"""What ministack's policy evaluator knows of a request."""

from ministack.core import iam_evaluator

LOOPBACK_IS_TLS = {"aws:securetransport": "true", "s3:tlsversion": "1.3"}


def count_loopback_as_tls() -> None:
    """Let bucket policies that require TLS accept loopback: nothing leaves this machine, and CloudFront's own reads need it."""
    resolve = iam_evaluator._resolve_condition_key
    iam_evaluator._resolve_condition_key = lambda key, context: LOOPBACK_IS_TLS.get(key.lower()) or resolve(key, context)
