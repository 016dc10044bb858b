"""HTML pages of figures and plots, each one self-contained file, from the templates in training/templates/."""

import base64
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from matplotlib.figure import Figure

from training.plots import encode_png


def write_page(path: Path, template: str, **values: Any) -> None:
    """Render templates/<template>.html.j2 with the values, and write it to the path, whose folder is made if it is not there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(_ENVIRONMENT.get_template(f"{template}.html.j2").render(values), encoding="utf-8")


def embed_image(figure: Figure, title: str) -> Markup:
    """Return the figure as an img element that holds its PNG, with the title as the alternative text."""
    return Markup('<img alt="{}" src="data:image/png;base64,{}">').format(title, base64.b64encode(encode_png(figure)).decode())


_ENVIRONMENT = Environment(
    loader=PackageLoader("training"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
)
_ENVIRONMENT.filters["embed"] = embed_image
