"""How long a model takes to answer: on this machine, so worth comparing within one evaluation only."""

import time
from statistics import median

from recipes.dataset import Array
from training.artifact import OnnxModel

BATCHES, RUNS, MOST_S = (1, 32, 256), 30, 0.3
LARGEST_BYTES = 8 << 20  # of a batch


def measure_latency_ms(model: OnnxModel, inputs: Array) -> dict[str, float]:
    """Return the median time of an inference, by batch size."""
    most = max(1, LARGEST_BYTES // max(1, inputs[:1].nbytes))
    return {str(size): round(1000 * _measure_median_s(model, inputs[:size]), 3) for size in BATCHES if size <= most}


def _measure_median_s(model: OnnxModel, batch: Array) -> float:
    times: list[float] = []
    while len(times) < RUNS and sum(times) < MOST_S:
        started = time.perf_counter()
        model.predict(batch)
        times.append(time.perf_counter() - started)
    return median(times)
