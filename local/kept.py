"""What one run of a stack leaves for the next: a file for each recipe, or each set of them, in the state's folder."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from deployment.paths import state_dir
from deployment.stages import read_context, stack_name
from emulator.kept import KEPT_FILE, KeptSummary, NotKept, read_summary
from emulator.ministack.process import PINNED_VERSION
from functions.rollout.interface import PACKAGE_PARAMETER
from local.run_state import RunState


@dataclass(frozen=True, slots=True)
class Kept:
    """What a run begins with.

    Args:    file: where it is, and where this run's goes at its end.
             summary: what is in it.
             refusal: why what was there is not read; it lies beside the file then.
             stacks: the endpoint's, by the name of its model package group.
             model_dir: the model folder that was asked for, which serves while no version is approved.
    """

    file: Path
    summary: KeptSummary
    refusal: str = ""
    stacks: Mapping[str, str] = field(default_factory=dict)
    model_dir: str = ""

    @property
    def note(self) -> str:
        """What people should know of it; empty where there is nothing to begin with."""
        if self.refusal:
            return f"what the run before kept is not used, since {self.refusal}"
        if self.summary == KeptSummary():
            return ""
        note = f"with what the run before kept: {format_summary(self.summary)}"
        versions = [arn.rsplit("/", 1)[1] for arn in self.parameters.values()]
        if not (self.model_dir and versions):
            return note
        return (
            f"{note}\nversion {versions[0]} is approved, so it serves, and not the model of {self.model_dir}: "
            "`inferstack models rollback --wait` until that serves, or `inferstack up --fresh`, which begins without versions and jobs"
        )

    @property
    def environment(self) -> dict[str, str]:
        """What the emulator is told."""
        return {KEPT_FILE: str(self.file)}

    @property
    def parameters(self) -> dict[str, str]:
        """What the stacks are deployed with: the versions that are approved serve from the beginning."""
        arns = {arn.split("/")[1]: arn for arn in self.summary.serves.split(",") if arn}
        return {f"{stack}:{PACKAGE_PARAMETER}": arns[group] for group, stack in self.stacks.items() if group in arns}


def format_summary(kept: KeptSummary) -> str:
    """Return what is kept in a few words."""
    unfinished = f", {kept.unfinished} of them unfinished" if kept.unfinished else ""
    jobs, versions = kept.jobs + kept.unfinished, f"{kept.models} {'version' if kept.models == 1 else 'versions'} of the model"
    return f"{jobs} {'job' if jobs == 1 else 'jobs'}{unfinished}, {versions} ({kept.size_bytes / 1e6:.1f} MB)"


def open_kept(context: Mapping[str, str], *, fresh: bool) -> Kept:
    """Return what is kept for a stack with these settings.

    What cannot be read is set aside, over what was set aside before, so that a newer project starts and an older one finds its own.

    Args:    fresh: throw away what is kept.
    """
    settings = read_context("local", context)
    stacks = {each.model_group: stack_name("local", "Inference", "" if each is settings else each.recipe) for each in settings.split()}
    file = state_dir() / "kept" / f"{'+'.join(each.recipe for each in settings.split())}.zip"
    if fresh:
        file.unlink(missing_ok=True)
    try:
        return Kept(file, read_summary(file, PINNED_VERSION), stacks=stacks, model_dir=settings.model_dir)
    except NotKept as refusal:
        aside = file.with_suffix(".zip.old")
        file.replace(aside)
        return Kept(file, KeptSummary(), f"{refusal}; it is in {aside} now")


def read_what_is_kept(state: RunState) -> KeptSummary | None:
    """Return what a stack that has ended left for the next one; None where it leaves nothing."""
    try:
        return read_summary(Path(state.kept_file), PINNED_VERSION) if state.kept_file else None
    except NotKept:
        return None


def was_written(state: RunState) -> bool:
    """Return whether a stack that has ended wrote its file: a killed emulator or a full disk leaves the one of the run before.

    It is another file than the one when the run began. No time tells: the clock may be set back while a stack runs.
    """
    return find_mark(Path(state.kept_file)) not in {"", state.kept_mark}


def find_mark(file: Path) -> str:
    """Return by what a file is told from the one that takes its place; empty where there is no file."""
    about = file.stat() if file.exists() else None
    return f"{about.st_ino}-{about.st_mtime_ns}" if about else ""


def forget(state: RunState | None = None) -> list[Path]:
    """Delete what a stack left for the next one, or without a stack what all did, and return what was deleted."""
    files = [Path(state.kept_file)] if state and state.kept_file else sorted((state_dir() / "kept").glob("*.zip*"))
    files = [file for file in files if file.exists()]
    for file in files:
        file.unlink()
    return files
