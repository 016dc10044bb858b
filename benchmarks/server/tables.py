"""The servers' figures as Markdown: every server of a scene, and ours beside the best of the others.

.venv/bin/python -m benchmarks.server.tables RECORD.json ...    benchmarks/README.md's table from scenes that were measured in several runs
"""

import json
import re
import statistics
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.harness import ROOT, summarize
from benchmarks.server.contenders import CONTENDERS, INFERSTACK, LIMIT

OURS = (INFERSTACK, "Inferstack, JSON")
BEGIN, END = "<!-- servers -->", "<!-- /servers -->"
Scene = Mapping[str, Any]


def summarize_rounds(rounds: Sequence[Mapping[str, float]]) -> dict[str, dict[str, float]]:
    """Return median, least and greatest of each figure."""
    return {key: summarize([measured[key] for measured in rounds]) for key in rounds[0]}


def format_scene(title: str, scene: Scene) -> str:
    """Return a table of every server at every concurrency, then memory and start, then what was not measured."""
    lines = [f"### {title.replace(', ', ', workers: ')}", ""]
    lines += _format_head(["connections", "server", "requests/s", "of ours", "requests/core-s", "of ours", "p50 ms", "p99 ms", "errors"])
    for at in _find_connections(scene):
        own = scene["summary"].get(INFERSTACK, {}).get(at)
        for name, by_at in scene["summary"].items():
            measured = by_at[at]
            rate, per_core = measured["requests_s"], measured["requests_core_s"]["median"]
            cells = [
                *(at, name, f"{rate['median']:.0f} ({rate['min']:.0f}-{rate['max']:.0f})"),
                f"{rate['median'] / own['requests_s']['median']:.2f}" if own else "",
                f"{per_core:.0f}",
                f"{per_core / own['requests_core_s']['median']:.2f}" if own else "",
                f"{measured['p50_ms']['median']:.2f}",
                f"{measured['p99_ms']['median']:.1f} ({measured['p99_ms']['min']:.1f}-{measured['p99_ms']['max']:.1f})",
                f"{measured['errors']['max']:.0f}",
            ]
            lines.append(_format_row(cells))
    lines += ["", *_format_head(["server", "start to first answer s", "RSS MB", "largest process MB", "PSS MB"])]
    for name, state in scene["servers"].items():
        memory = (f"{state[key]:.0f}" for key in ("rss_mb", "largest_rss_mb", "pss_mb"))
        lines.append(_format_row([name, f"{state['first_answer_s']:.2f}", *memory]))
    if LIMIT in scene["summary"] and INFERSTACK in scene["summary"]:
        lines += ["", *_describe_limit(scene)]
    return "\n".join([*lines, *_describe_faults(scene), ""])


def _describe_limit(scene: Scene) -> Iterator[str]:
    """HTTP and the batched model on one core: what a server that did nothing else would reach."""
    model = statistics.median(scene["model_core_s"])
    for at in _find_connections(scene):
        http = scene["summary"][LIMIT][at]["requests_core_s"]["median"]
        own = scene["summary"][INFERSTACK][at]["requests_core_s"]["median"]
        limit = 1 / (1 / http + 1 / model)
        yield (
            f"At {at} connections a core-second is {limit:.0f} requests of HTTP ({http:.0f}) and the model in batches of 32 ({model:.0f}); "
            f"ours reaches {own / limit:.2f} of it.  "
        )


def format_bodies(title: str, bodies: Mapping[str, Any]) -> str:
    """Return a table of instances a second in large bodies."""
    bare = statistics.median(bodies["model_core_s"])
    lines = [f"### {title}: 1,000 instances a request, 2 connections", "", f"The model itself: {bare:.0f} instances a core-second.", ""]
    lines += _format_head(["server", "form", "images/s", "images/core-s", "of the model"])
    for name, by_form in bodies["rates"].items():
        for form, rounds in by_form.items():
            measured = summarize_rounds(rounds)
            rate, per_core = measured["images_s"], measured["images_core_s"]["median"]
            spread = f"{rate['median']:.0f} ({rate['min']:.0f}-{rate['max']:.0f})"
            lines.append(_format_row([name, form, spread, f"{per_core:.0f}", f"{per_core / bare:.2f}"]))
    return "\n".join([*lines, *_describe_faults(bodies), ""])


def format_overview(scenes: Mapping[str, Scene]) -> str:
    """Return ours beside the best peer of each scene and concurrency; the best in requests and the best in p99 may be two."""
    lines = _format_head(
        ["model", "workers", "connections", "ours, requests/s", "best peer", "times", "times by core-second", "ours, p99 ms", "lowest peer"]
    )
    for title, scene in scenes.items():
        for at in _find_connections(scene):
            own = scene["summary"][INFERSTACK][at]
            peers = {name: by_at[at] for name, by_at in scene["summary"].items() if name not in (*OURS, LIMIT)}
            best = max(peers, key=lambda name: peers[name]["requests_s"]["median"])
            per_core = max(peer["requests_core_s"]["median"] for peer in peers.values())
            calm = min(peers, key=lambda name: peers[name]["p99_ms"]["median"] if peers[name]["requests_s"]["median"] > 0 else 1e9)
            cells = [
                *(*title.split(", "), at, f"{own['requests_s']['median']:.0f}", f"{best} {peers[best]['requests_s']['median']:.0f}"),
                f"{own['requests_s']['median'] / peers[best]['requests_s']['median']:.1f}",
                f"{own['requests_core_s']['median'] / per_core:.1f}",
                f"{own['p99_ms']['median']:.1f}",
                f"{calm} {peers[calm]['p99_ms']['median']:.1f}",
            ]
            lines.append(_format_row(cells))
    return "\n".join(lines)


def write_tables(path: Path, records: Sequence[Mapping[str, Any]], *, overview: bool = False) -> None:
    """Write the tables between their marks in a file, which is begun where it is not there.

    Args:    overview: one table of the scenes of all records; of a scene that several have, the last record's.
    """
    scenes = {title: scene for record in records for title, scene in record["scenes"].items()}
    parts = [format_overview(scenes)] if overview else []
    for record in () if overview else records:
        machine = record["machine"]
        parts.append(
            f"{machine['date']}, {machine['cores']} cores ({machine['cpu']}), kernel {machine['kernel']}, commit {machine['commit']}, "
            f"n = {record['rounds']} rounds of {record['seconds']:g} s. Command: `{machine['command']}`.  \n"
            f"Versions: {', '.join(record['versions'].values())}. Not installed: {', '.join(record['missing']) or 'none'}.\n"
        )
        parts += [format_scene(title, scene) for title, scene in record["scenes"].items()]
        parts += [format_bodies(title, bodies) for title, bodies in record["bodies"].items()]
    text = path.read_text() if path.exists() else f"{BEGIN}\n{END}\n"
    if BEGIN not in text or END not in text:
        raise ValueError(f"{path} has no {BEGIN} and {END} to write its tables between")
    body = "\n".join(parts)
    path.write_text(re.sub(f"{BEGIN}.*{END}", lambda _: f"{BEGIN}\n{body}\n{END}", text, flags=re.DOTALL))


def _find_connections(scene: Scene) -> list[str]:
    return list(next(iter(scene["summary"].values()), {}))


def _describe_faults(figures: Mapping[str, Any]) -> list[str]:
    order = [contender.name for contender in CONTENDERS]
    faults = sorted(figures["faults"].items(), key=lambda item: order.index(item[0]) if item[0] in order else len(order))
    return ["", *(f"- Not measured: {name}: {text.splitlines()[0]}" for name, text in faults)] if faults else []


def _format_head(columns: Sequence[str]) -> list[str]:
    return [_format_row(columns), "|---" * len(columns) + "|"]


def _format_row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"


if __name__ == "__main__":
    write_tables(ROOT / "benchmarks/README.md", [json.loads(Path(name).read_text()) for name in sys.argv[1:]], overview=True)
