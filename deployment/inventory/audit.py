"""Looks up known vulnerabilities of every locked package, of Python's and of npm's.

Run as `python -m deployment.inventory.audit`. Exit status 0: none is known; 1: at least one is; 3: something could not be looked up, which
says nothing about it.
"""

import json
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

from deployment.inventory import LOCKS, list_deployables
from deployment.inventory.sbom import NPM
from deployment.paths import ROOT

PIP_AUDIT = (
    ROOT / ".venvs/audit/bin/pip-audit",
    "--require-hashes",
    "--disable-pip",
    "--format",
    "json",
    "--progress-spinner",
    "off",
    "-r",
)
LIMIT_S = 600
CLEAN, FOUND, UNKNOWN = 0, 1, 3
SHOWN = 5  # of what could not be looked up: usually nothing could


@dataclass(frozen=True, slots=True)
class Report:
    """What was found of some packages.

    Args:    found: a line for each vulnerability.
             unknown: a line for each package, or reason, that could not be looked up.
    """

    found: tuple[str, ...]
    unknown: tuple[str, ...]


def main() -> int:
    """Print what was found, and return the exit status."""
    reports = [_audit_python(), _audit_node()]
    found, unknown = [line for each in reports for line in each.found], [line for each in reports for line in each.unknown]
    if found:
        _print("known vulnerabilities:", *found)
    if unknown:
        more = [f"and {len(unknown) - SHOWN} more"] if len(unknown) > SHOWN else []
        _print("could not be looked up, so nothing is known of:", *unknown[:SHOWN], *more)
        _print("The registries of this network may not answer such questions: run this where the public ones of Python and npm do.")
    return FOUND if found else UNKNOWN if unknown else CLEAN


def read_pip_report(text: str, error: str) -> Report:
    """Return the report in pip-audit's JSON; nothing is known where there is none."""
    try:
        packages: list[dict[str, Any]] = json.loads(text)["dependencies"]
    except (ValueError, KeyError):
        return Report((), (f"all Python packages: {_read_last_line(error)}",))
    found = [
        f"{each['name']} {each['version']}: {known['id']}, mended in {', '.join(known['fix_versions']) or 'no version'}"
        for each in packages
        for known in each.get("vulns", [])
    ]
    return Report(tuple(found), tuple(f"{each['name']}: {each['skip_reason']}" for each in packages if "skip_reason" in each))


def read_npm_report(text: str, error: str) -> Report:
    """Return the report in npm audit's JSON; nothing is known where there is none."""
    try:
        answer = json.loads(text)
        packages: dict[str, dict[str, Any]] = answer["vulnerabilities"]
    except ValueError:
        return Report((), (f"all npm packages: {_read_last_line(error)}",))
    except KeyError:
        return Report((), (f"all npm packages: {answer.get('message', _read_last_line(error))}",))
    return Report(tuple(f"{name} {each['range']}: {each['severity']}" for name, each in packages.items()), ())


def _audit_python() -> Report:
    # One call for each lock: they hold different versions of the same packages, which one call refuses.
    locks = {path for paths in list_deployables().values() for path in paths if path.parent == LOCKS}
    reports = [read_pip_report(*_run([*PIP_AUDIT, path])) for path in sorted(locks)]
    return Report(_merge(report.found for report in reports), _merge(report.unknown for report in reports))


def _merge(lines: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(sorted(set(chain.from_iterable(lines))))


def _audit_node() -> Report:
    return read_npm_report(*_run([NPM, "audit", "--json", "--package-lock-only", "--loglevel", "error"]))


def _print(title: str, *lines: str) -> None:
    print(title, *(f"  {line}" for line in lines), sep="\n")  # noqa: T201 - the command's output


def _run(command: list[str | Path]) -> tuple[str, str]:
    done = subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=LIMIT_S, check=False)
    return done.stdout, done.stderr


def _read_last_line(error: str) -> str:
    return (error.strip().splitlines() or ["no answer"])[-1]


if __name__ == "__main__":
    sys.exit(main())
