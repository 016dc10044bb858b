"""Lambda's trace of an invocation, which requests to AWS name: by it Lambda finds functions that call themselves."""

import os


def name_trace() -> dict[str, str]:
    """Return the header with the trace of the invocation that runs, which is not signed; none outside of one."""
    trace = os.environ.get("_X_AMZN_TRACE_ID", "")
    return {"x-amzn-trace-id": trace} if trace and trace.isprintable() and trace.isascii() else {}
