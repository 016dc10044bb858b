"""What an input may cost, and what is wrong with one that costs more."""

from tests.fuzz.probe import Verdict
from tests.fuzz.upload_target import REMAINING_MS

MAX_MEMORY_MB, MAX_MODEL_MEMORY_MB = 600, 1000  # of a function; of the server and of training, whose libraries are larger
MAX_CPU_S, MAX_ROW_CPU_S = 20, 0.1
START_CPU_S = 1.0  # of an upload, for what is not of a row
MAX_LOG_BYTES = 100_000


def find_faults(verdict: Verdict, *, is_model: bool = False, has_many: bool = False) -> list[str]:
    """Return what is wrong with an input's verdict, each in a sentence.

    Args:    is_model: whether the model server or training read it.
             has_many: whether it may take all of the function's time.
    """
    faults, limit_s = [], REMAINING_MS / 1000 if has_many else find_cpu_limit_s(verdict)
    if verdict.outcome not in {"answered", "refused"}:
        faults.append(f"{verdict.outcome}: {verdict.detail}")
    limit_mb = MAX_MODEL_MEMORY_MB if is_model else MAX_MEMORY_MB
    if verdict.memory_mb > limit_mb:
        faults.append(f"it took {verdict.memory_mb:.0f} MB; the limit is {limit_mb}")
    if verdict.cpu_s > limit_s:
        faults.append(f"it took {verdict.cpu_s:.1f} s; the limit is {limit_s:.1f}")
    if verdict.log_bytes > MAX_LOG_BYTES:
        faults.append(f"it wrote {verdict.log_bytes:,} bytes into the log")
    return faults


def find_cpu_limit_s(verdict: Verdict) -> float:
    """Return what an input may take: a picture 20 s, a small row 0.1 s; rows of pictures in a file have the function's time."""
    if verdict.detail.get("format") in {"csv", "npy", "idx"}:
        return min(MAX_CPU_S, START_CPU_S + MAX_ROW_CPU_S * int(verdict.detail["rows"]))
    return MAX_CPU_S
