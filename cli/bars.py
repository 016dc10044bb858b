"""Progress on stderr: of bytes, and of things that are counted."""

from rich.progress import BarColumn, DownloadColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TransferSpeedColumn

from cli.output import err


def byte_bars() -> Progress:
    """Return bars with sizes and speeds."""
    return Progress(
        TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeElapsedColumn(), console=err
    )


def count_bars() -> Progress:
    """Return bars that count."""
    return Progress(TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), console=err)
