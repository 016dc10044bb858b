"""Progress on stderr: of bytes, of things that are counted, and of a training."""

from collections.abc import Callable

from rich.progress import (
    BarColumn,
    DownloadColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

from cli.console import err


def build_byte_bars() -> Progress:
    """Return bars with sizes and speeds."""
    return Progress(
        TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeElapsedColumn(), console=err
    )


def build_count_bars() -> Progress:
    """Return bars that count."""
    return Progress(TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), console=err)


def build_training_bars() -> Progress:
    """Return bars that count, with the time that is left and a figure; `add_training_bar` adds them."""
    return Progress(
        TextColumn("{task.description:16}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[figure]}"),
        console=err,
    )


def add_training_bar(bars: Progress, description: str) -> Callable[[int, int, str], None]:
    """Add a bar, and return the function that moves it: (done, total, figure)."""
    task = bars.add_task(description, total=None, figure="")
    return lambda done, total, figure: bars.update(task, completed=done, total=total, figure=figure)
