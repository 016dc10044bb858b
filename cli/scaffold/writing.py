"""How the files of a recipe are written: templates, and texts as Python has them."""

import json
import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from string import Template

WIDEST = 140
TEMPLATES = Path(__file__).parent / "templates"


def write_files(folder: Path, files: Mapping[str, str | bytes]) -> list[Path]:
    """Write a recipe's files by their names in its folder, all or none, and return all that it holds.

    Args:    folder: it must not exist.
    """
    try:
        for name, content in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
    except BaseException:  # a half recipe would be one to all that list them
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return sorted(path for path in folder.rglob("*") if path.is_file())


def fill(name: str, values: Mapping[str, object]) -> str:
    """Return a template with its values, e.g. of table/recipe.py."""
    return Template((TEMPLATES / f"{name}.txt").read_text(encoding="utf-8")).substitute(values)


def make_plain(text: str) -> str:
    """Return a text that ends no docstring and no string. What is not UTF-8 in a file's name is shown as such."""
    return " ".join(text.encode(errors="replace").decode().replace("\\", "/").replace('"', "'").split())


def make_markdown(text: str) -> str:
    """Return a text that Markdown shows as it is: the name of a column or a class begins no HTML, link, code, cell or attribute there."""
    return re.sub(r"[&<`|{\[*]", lambda found: f"&#{ord(found[0])};", make_plain(text))


def write_imports(name: str, *others: str) -> str:
    """Return the lines of imports of a recipe's dataset.py, in the order that the linter has for its name."""
    return "\n".join(sorted(("from recipes.dataset import Dataset", f"from recipes.{name}.recipe import RECIPE", *others)))


def quote(text: str) -> str:
    """Return a text as Python, quoted as the linter has it."""
    return repr(text) if '"' in text and "'" not in text else json.dumps(text, ensure_ascii=False)
