"""What a check is, and how checks are run: each by itself, so that one that fails never hides another."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from cli.http.client import CallFailed
from recipes.errors import InferstackError

if TYPE_CHECKING:
    from cli.verify.deployment import Deployment

Status = Literal["passed", "failed", "skipped"]


class CheckFailed(Exception):
    """The deployment is not as it must be.

    Args:    found: what is, and what was expected.
             fix: what to do about it; empty for the check's own advice.
    """

    def __init__(self, found: str, fix: str = "") -> None:
        super().__init__(found)
        self.fix = fix


class CheckSkipped(Exception):
    """The check cannot be made here; the message says why."""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that must be true of a deployment.

    Args:    group, name: what is checked, for people.
             run: returns what was found; raises CheckFailed or CheckSkipped.
             fix: what to do when it fails.
    """

    group: str
    name: str
    run: "Callable[[Deployment], str]"
    fix: str

    def of_recipe(self, name: str) -> "Check":
        """Return the same check of another of the deployment's recipes."""
        return replace(self, group=f"{self.group} of {name}", run=lambda deployment: self.run(deployment.of_recipe(name)))


@dataclass(frozen=True, slots=True)
class Result:
    """What a check found."""

    group: str
    name: str
    status: Status
    found: str
    fix: str
    seconds: float


def run_checks(checks: Sequence[Check], deployment: "Deployment", report: Callable[[Check], object] = lambda _: None) -> Iterator[Result]:
    """Yield each check's result.

    Args:    report: called before each.
    """
    for check in checks:
        report(check)
        started = time.perf_counter()
        status, found, fix = _run(check, deployment)
        yield Result(check.group, check.name, status, found, fix, round(time.perf_counter() - started, 3))


def require(condition: object, found: str) -> None:
    """Raise CheckFailed unless the condition holds."""
    if not condition:
        raise CheckFailed(found)


def _run(check: Check, deployment: "Deployment") -> tuple[Status, str, str]:
    try:
        return "passed", check.run(deployment), ""
    except CheckSkipped as skipped:
        return "skipped", str(skipped), ""
    except CheckFailed as failure:
        return "failed", str(failure), failure.fix or check.fix
    except (CallFailed, InferstackError) as error:
        return "failed", str(error), check.fix
    except Exception as error:  # noqa: BLE001 - whatever a broken deployment makes a check stumble over is that check's failure
        return "failed", f"{type(error).__name__}: {error}", check.fix
