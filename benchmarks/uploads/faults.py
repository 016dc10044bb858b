"""The fault run at full size: python -m benchmarks.uploads.faults [UPLOADS] [RATE]. Prints the ledger; status 1 if it finds a fault."""

import contextlib
import json
import os
import sys
import time
from pathlib import Path

from tests.faults import check, run


def main() -> int:
    uploads = int(sys.argv[1]) if len(sys.argv) > 1 else 2_500
    rate = float(sys.argv[2]) if len(sys.argv) > 2 else 0.12
    started = time.perf_counter()
    with Path(os.devnull).open("w") as nowhere, contextlib.redirect_stdout(nowhere):  # the function's own log lines
        outcome = run(uploads, rate=rate, seed=20261121)
    wrong, ledger = check(outcome), outcome.ledger
    calls, faults = sum(ledger.calls.values()), sum(ledger.faults.values())
    summaries = sum(key.endswith("/summary.json") for key in outcome.writes)
    print(
        json.dumps(
            {
                "uploads": uploads,
                "events_delivered_first": ledger.delivered,
                "receives": sum(ledger.received.values()),
                "most_receives_of_one_event": max(ledger.received.values()),
                "through_the_dead_letter_queue": ledger.redriven,
                "aws_calls": calls,
                "faults_injected": faults,
                "share_of_calls": round(faults / calls, 4),
                "function_deaths": ledger.deaths,
                "faults_by_call": dict(sorted(ledger.faults.items())),
                "summaries": summaries,
                "ended_in_words": len(outcome.list_ended_in_words()),
                "told": len(outcome.notified),
                "lost": sum("has no result" in each for each in wrong),
                "doubled": sum("times" in each for each in wrong),
                "wrong": wrong[:20],
                "seconds": round(time.perf_counter() - started, 1),
            },
            indent=2,
        )
    )
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
