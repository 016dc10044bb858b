"""HTML pages of figures and plots: each is one file that needs no other, with a PNG of each plot beside it for slides."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from training.reports.plots import FINENESS, Plot, encode_png, read_png_width


@dataclass(frozen=True, slots=True)
class Table:
    """A table of a page: its heading, the names of its columns, and its rows."""

    heading: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]


def write_page(path: Path, template: str, **values: Any) -> None:
    """Render templates/<template>.html.j2 with the values, and write it to the path, whose folder is made if it is not there.

    Each plot that the template shows is written beside it too: evaluation.html has an evaluation-trust.png.
    """
    path.parent.mkdir(parents=True, exist_ok=True)

    def show(plot: Plot) -> Markup:
        image = encode_png(plot.figure)
        path.with_name(f"{path.stem}-{plot.name}.png").write_bytes(image)
        return _embed(plot, image)

    path.write_text(_ENVIRONMENT.get_template(f"{template}.html.j2").render({**values, "show": show}), encoding="utf-8")


def embed_plot(plot: Plot) -> Markup:
    """Return the plot as a figure element: its PNG, with the title as the alternative text, and its caption.

    It has a width of its own: a notebook has not the reports' style, and a small plot is not blown up.
    """
    return _embed(plot, encode_png(plot.figure))


def embed_table(table: Table) -> Markup:
    """Return a table element, as the reports have it: the first cell of a row is its heading."""
    macros: Any = _ENVIRONMENT.get_template("parts.html.j2").module
    element: Markup = macros.table(table)
    return element


def _embed(plot: Plot, image: bytes) -> Markup:
    template = Markup('<figure><img alt="{}" width="{}" src="data:image/png;base64,{}"><figcaption>{}</figcaption></figure>')
    return template.format(plot.title, read_png_width(image) // FINENESS, base64.b64encode(image).decode(), plot.caption)


_ENVIRONMENT = Environment(
    loader=PackageLoader("training.reports"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
)
