"""A rollout's ledger as a picture: answers by version, failures, latency, and what happened when."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib import pyplot

DECIDED, CANARY, BACK = "#1f4e9c", "#b8860b", "#c00000"
EVENTS = {"approved": DECIDED, "rollback": DECIDED, "canary": CANARY, "alarm": BACK, "rolled back": BACK, "refused": BACK}
FAILED = "#ff0000"


def draw(seconds: Sequence[Mapping[str, Any]], events: Sequence[tuple[float, str]], path: Path) -> None:
    """Write the picture of `rollout_ledger.count_by_second` and a watch's events as PNG."""
    mpl.use("Agg")
    versions = sorted({version for row in seconds for version in row["by_version"]})
    at = [row["second"] + 0.5 for row in seconds]
    areas = [[row["by_version"].get(version, 0) for row in seconds] for version in versions]
    failed = [sum(row["failed"].values()) for row in seconds]
    figure, (rates, latencies) = pyplot.subplots(2, 1, figsize=(15, 8), sharex=True, height_ratios=(3, 1), layout="constrained")
    colors = [mpl.colormaps["Set2"](index) for index in range(len(versions))]
    rates.stackplot(at, *areas, failed, labels=[*versions, f"failed ({sum(failed)})"], colors=[*colors, FAILED], step="mid")
    rates.set_ylabel("answers a second, by the model that answered")
    latencies.plot(at, [row["p50_ms"] for row in seconds], color="#555555", label="p50")
    latencies.plot(at, [row["p99_ms"] for row in seconds], color="#000000", label="p99")
    latencies.set(yscale="log", xlabel="seconds", ylabel="latency, ms")
    for at_s, what in events:
        kind = next((kind for kind in EVENTS if what.startswith(kind)), "")
        if not kind:
            continue
        for axes in (rates, latencies):
            axes.axvline(at_s, color=EVENTS[kind], linestyle="--" if kind in {"canary", "rolled back"} else "-", linewidth=1)
        rates.text(at_s, 1.01, what.partition(":")[0], transform=rates.get_xaxis_transform(), rotation=70, color=EVENTS[kind], fontsize=9)
    for axes in (rates, latencies):
        axes.legend(loc="upper right", fontsize=9, ncols=8)
        axes.margins(x=0)
    figure.savefig(path, dpi=100)
    pyplot.close(figure)
