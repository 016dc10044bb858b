"""What the site needs beyond the pages of docs/: the project's own pages, links to its files, and the API's contract as a page."""

import re
from pathlib import Path
from posixpath import dirname, normpath, relpath
from typing import Any

import yaml
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).resolve().parents[2]
CONTRACT = "openapi.md"
# Pages of the project outside docs/, by where the site has them.
OUTSIDE = {
    f"project/{path.relative_to(ROOT).as_posix().replace('README', 'index')}": path
    for path in [
        *(ROOT / name for name in ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "benchmarks/README.md")),
        *ROOT.glob("recipes/*/README.md"),
        *ROOT.glob("clients/*/README.md"),
    ]
}
# Pictures that those pages show. They keep their place beside the pages, so that links to them hold.
PICTURES = {f"project/{path.relative_to(ROOT).as_posix()}": path for path in ROOT.glob("benchmarks/records/*/*.svg")}
PICTURE = re.compile(r'\b(src|srcset)="(?![a-z]+:)([^"]+)"')
FOREIGN_SHIM = re.compile(r"https://[^\"\s]+/iframe-worker/shim")
LINK = re.compile(r"(!?\[[^\[\]]*\])\((?![a-z]+:|#)([^)#\s]+)(#[^)\s]+)?\)")


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Add what the navigation need not list by hand: the decisions, and the project's own pages."""
    decisions = sorted(path.relative_to(ROOT / "docs").as_posix() for path in (ROOT / "docs/decisions").glob("0*.md"))
    config.nav = [*(config.nav or []), {"Project": list(OUTSIDE)}, {"Decisions": ["decisions/README.md", *decisions]}]
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages outside docs/ with their pictures, and the contract's."""
    for name, path in OUTSIDE.items():
        files.append(File.generated(config, name, content=path.read_text(encoding="utf-8")))
    for name, path in PICTURES.items():
        files.append(File.generated(config, name, abs_src_path=str(path)))
    files.append(File.generated(config, CONTRACT, content=describe_contract(ROOT / "docs/openapi.yaml")))
    return files


def on_page_markdown(markdown: str, page: Page, **_: Any) -> str:
    """Turn links that leave docs/ to where the site has the page, and into plain text where it has none."""
    source = OUTSIDE.get(page.file.src_uri, ROOT / "docs" / page.file.src_uri)
    markdown = PICTURE.sub(lambda found: f'{found[1]}="{_find_place(source.parent / found[2], page.file.src_uri)}"', markdown)
    return LINK.sub(lambda link: _turn_link(link, source, page.file.src_uri), markdown)


def on_post_page(output: str, page: Page, **_: Any) -> str:
    """Take the stand-in for a worker from the site itself: the theme would ask another host for one."""
    return FOREIGN_SHIM.sub(relpath("site/worker.js", dirname(page.file.dest_uri) or "."), output)


def on_post_template(output: str, **_: Any) -> str:
    """Do the same on the page for an address that is not there."""
    return FOREIGN_SHIM.sub("site/worker.js", output)


def _turn_link(link: re.Match[str], source: Path, page: str) -> str:
    place = _find_place(source.parent / link[2], page)
    if link[1].startswith("!") and not place:
        raise PluginError(f"{source.relative_to(ROOT)} shows {link[2]}, which the site has not; add it to PICTURES in docs/site/hooks.py")
    return f"{link[1]}({place}{link[3] or ''})" if place else link[1].removeprefix("!")[1:-1]


def _find_place(path: Path, page: str) -> str:
    """Return where the site has a file of the project, as seen from a page; empty where it has it not."""
    path = Path(normpath(path))
    path = path / "README.md" if path.is_dir() else path
    outside = [name for name, each in (OUTSIDE | PICTURES).items() if each == path]
    inside = [path.relative_to(ROOT / "docs").as_posix()] if path.is_relative_to(ROOT / "docs") else []
    return "".join(relpath(name, dirname(page) or ".") for name in outside + inside)


def describe_contract(path: Path) -> str:
    """Return an OpenAPI document as a page of Markdown: each operation with its parameters, bodies and answers, then the schemas."""
    contract: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    lines = [
        f"# {contract['info']['title']}",
        "",
        contract["info"]["description"],
        "",
        "The document itself: [openapi.yaml](openapi.yaml).",
        "",
    ]
    for tag in contract["tags"]:
        lines += [f"## {tag['name']}", "", tag["description"], ""]
        for route, methods in contract["paths"].items():
            shared = methods.get("parameters", [])
            for method, operation in methods.items():
                if isinstance(operation, dict) and tag["name"] in operation.get("tags", []):
                    lines += _describe_operation(contract, f"{method.upper()} {route}", operation, shared)
    lines += ["## Schemas", ""]
    for name, schema in contract["components"]["schemas"].items():
        text = yaml.safe_dump(schema, sort_keys=False, allow_unicode=True, width=120).rstrip()
        lines += [f"### {name}", "", "```yaml", text, "```", ""]
    return "\n".join(lines)


def _describe_operation(contract: dict[str, Any], title: str, operation: dict[str, Any], shared: list[Any]) -> list[str]:
    lines = [f"### {title}", "", f"**{operation.get('summary', '')}**", "", operation.get("description", ""), ""]
    parameters = [_resolve(contract, each) for each in [*shared, *operation.get("parameters", [])]]
    if parameters:
        lines += ["| parameter | in | |", "|---|---|---|"]
        lines += [f"| `{each['name']}` | {each['in']} | {_inline(each.get('description', ''))} |" for each in parameters] + [""]
    if body := _resolve(contract, operation.get("requestBody", {})).get("content"):
        lines += ["Body: " + ", ".join(f"`{kind}`{_name_schema(content)}" for kind, content in body.items()) + ".", ""]
    lines += ["| status | | body |", "|---|---|---|"]
    for status, answer in operation["responses"].items():
        found = _resolve(contract, answer)
        kinds = ", ".join(f"`{kind}`{_name_schema(content)}" for kind, content in found.get("content", {}).items())
        lines.append(f"| {status} | {_inline(found.get('description', ''))} | {kinds} |")
    return [*lines, ""]


def _resolve(contract: dict[str, Any], part: dict[str, Any]) -> dict[str, Any]:
    """Return what a reference leads to."""
    found: Any = part
    while "$ref" in found:
        target: Any = contract
        for name in found["$ref"].removeprefix("#/").split("/"):
            target = target[name]
        found = target
    return dict(found)


def _name_schema(content: dict[str, Any]) -> str:
    name = content.get("schema", {}).get("$ref", "").rpartition("/")[2]
    return f" [{name}](#{name.lower()})" if name else ""


def _inline(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
