"""Lines of a table that are none of its rows: what sums others up, its header once more, and the rows of another table below it."""

from collections.abc import Iterable, Sequence

from functions.shared.reading.cells import is_number
from functions.shared.reading.tables.header import UNKNOWN

# What spreadsheets, databases and people call a line that sums others up.
TOTALS = frozenset(
    [
        "total",
        "totals",
        "subtotal",
        "sub total",
        "grand total",
        "sum",
        "average",
        "avg",
        "mean",
        "median",
        "std",
        "std. dev.",
        "std dev",
        "stdev",
        "standard deviation",
        "variance",
        "overall",
        "Σ".lower(),
        "summe",
        "gesamt",
        "gesamtsumme",
        "zwischensumme",
        "mittelwert",
        "durchschnitt",
        "somme",
        "moyenne",
        "total général",
        "sous-total",
        "suma",
        "promedio",
        "totale",
        "somma",
        "soma",
        "média",
        "totaal",
        "gemiddelde",
        "totalt",
        "toplam",
        "razem",
        "итого",
        "всего",
        "合計",
        "合计",
        "总计",
        "平均",
    ]
)
STATISTICS = frozenset(("count", "mean", "std", "min", "25%", "50%", "75%", "max"))  # rows of pandas' describe(); people are called Max


def find_total(cells: Iterable[str], index: str | None) -> str:
    """Return the cell that says that a line sums others up; "" if none does.

    Args:    cells: those that may say it.
             index: the cell of a column that names the rows; None if there is none.
    """
    if index in STATISTICS:
        return index
    return next((cell for cell in cells if cell and cell.lower().rstrip(" :") in TOTALS), "")


def is_header_of_another(cells: Sequence[str], others: Sequence[str], *, is_after_gap: bool) -> bool:
    """Return whether a line begins another table: names alone, after an empty line, or where no cell of a row may hold a word.

    Args:    cells: of the line.
             others: those of its cells that hold numbers in a row.
    """
    is_named = len(set(cells)) == len(cells) and all(cell and not is_number(cell) and cell.lower() not in UNKNOWN for cell in cells)
    return is_named and (is_after_gap or len(others) > 1)
