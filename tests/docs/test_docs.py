"""The documents tell the truth: links lead somewhere, commands exist, rooms are there, no line names a machine of ours."""

import re
import runpy
import shlex
import subprocess
import tomllib
from pathlib import Path

import pytest

from recipes.models.artifact import load

ROOT = Path(__file__).resolve().parents[2]
LISTED = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
TRACKED = [ROOT / line for line in LISTED.splitlines()]
PAGES = [path for path in TRACKED if path.suffix == ".md" and path.exists()]
LINK = re.compile(r"\[[^\]]*\]\((?!https?:|mailto:)([^)#\s]*)(?:#([^)\s]+))?\)")
PICTURE = re.compile(r'(?:src|srcset)="(?!https?:|data:)([^"]+)"')
CODE = re.compile(r"```.*?```|`[^`\n]*`", re.DOTALL)


def relative(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("page", PAGES, ids=relative)
def test_every_link_leads_somewhere(page: Path) -> None:
    text = CODE.sub("", page.read_text())
    found = [(target, page.parent / target if target else page, anchor) for target, anchor in LINK.findall(text)]
    assert [target for target, path, _ in found if not path.exists()] == []
    assert [picture for picture in PICTURE.findall(text) if not (page.parent / picture).is_file()] == []
    assert [f"{target}#{anchor}" for target, path, anchor in found if anchor and anchor not in list_anchors(path)] == []


@pytest.mark.parametrize("page", PAGES, ids=relative)
def test_what_follows_a_table_stands_apart_from_it(page: Path) -> None:
    """A line right below a table is shown as one of its rows."""
    text = re.sub(r"```.*?```", "", page.read_text(), flags=re.DOTALL)
    assert re.findall(r"^ *\|.*\n(?! *\||<!--|$)(.*)", text, re.MULTILINE) == []


@pytest.mark.parametrize("page", PAGES, ids=relative)
def test_a_list_stands_apart_from_the_paragraph_above_it(page: Path) -> None:
    """The site shows an item right below a paragraph as more of its text."""
    text = re.sub(r"```.*?```", "", page.read_text(), flags=re.DOTALL)
    assert re.findall(r"^(?! *(?:[-*]|\d+\.) |#|  |<|$).*\n((?:[-*]|1\.) .*)", text, re.MULTILINE) == []


def list_anchors(page: Path) -> set[str]:
    """Return what links may name of a page: its headings, as GitHub and the site spell them."""
    titles = re.findall(r"^#+ (.+)$", re.sub(r"```.*?```", "", page.read_text(), flags=re.DOTALL), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.replace("`", "").lower()).replace(" ", "-") for title in titles}


SHOWN = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")), ROOT / "docs/openapi.yaml"]


def test_answers_that_are_shown_are_those_of_a_model_that_ships() -> None:
    """Another model has other thresholds: what was certain may be unsure."""
    models = [load(path.parent).manifest for path in sorted((ROOT / "recipes").glob("*/pretrained/manifest.json"))]
    (thresholds,) = [model.trust for model in models if model.trust]
    text = "\n".join(page.read_text() for page in SHOWN if page.name != "log.md")
    answers = re.findall(r'"?trust"?: ([\d.]+), "?verdict"?: "?([a-z ]*[a-z])', text)
    assert len(answers) > 3
    assert [(trust, verdict) for trust, verdict in answers if thresholds.judge(float(trust)) != verdict] == []
    assert set(re.findall(r"1\.0\.0\+[0-9a-f]{8}", text)) <= {model.version for model in models}


def test_the_rooms_of_the_architecture_exist() -> None:
    rooms = re.findall(r"^\| `([a-z_/]+)/` \|", (ROOT / "docs/architecture.md").read_text(), re.MULTILINE)
    assert len(rooms) > 8
    assert [room for room in rooms if not (ROOT / room).is_dir()] == []


def test_every_decision_is_in_the_index_under_its_title() -> None:
    index = (ROOT / "docs/decisions/README.md").read_text()
    written = sorted((ROOT / "docs/decisions").glob("0*.md"))
    rows = [
        f"| [{path.name[:4]}]({path.name}) | {path.read_text().splitlines()[0].removeprefix(f'# {path.name[:4]} · ')} |" for path in written
    ]
    assert rows
    assert [row for row in rows if row not in index] == []


def test_the_readme_names_only_make_targets_and_commands_that_exist() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    pages = "\n".join(page.read_text() for page in PAGES)
    code = "\n".join(re.findall(r"`[^`]*`|```.*?```", pages, re.DOTALL))
    assert set(re.findall(r"\bmake ([a-z-]+)", code)) <= targets

    from cli.main import COMMANDS

    named = set(re.findall(r"\binferstack ([a-z]+)\b", "\n".join(re.findall(r"```bash\n.*?```", pages, re.DOTALL))))
    assert named <= COMMANDS.keys()


def test_the_changelog_has_short_entries_under_the_words_of_its_format() -> None:
    lines = (ROOT / "CHANGELOG.md").read_text().partition("\n## [Unreleased]\n")[2].splitlines()
    parts = [line.removeprefix("### ") for line in lines if line.startswith("### ")]
    assert parts
    assert set(parts) <= {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}
    assert [line for line in lines if line.startswith("- ") and len(line) > 300] == []


def test_every_contract_that_keeps_something_to_one_room_binds_all_others() -> None:
    linter = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    exceptions = {
        "only stacks meet CDK": {"stacks"},
        "only adapters meet AWS's client": set(),
        "only emulator.ministack meets ministack": set(),
        # A command starts a training, so what trains is behind it: a contract of its own forbids only direct imports.
        "only training meets what trains": {"training", "cli"},
        "a command meets what trains only through training": set(linter["root_packages"]) - {"cli"},
    }
    bound = {contract["name"]: set(contract["source_modules"]) for contract in linter["contracts"] if contract["name"] in exceptions}
    assert bound == {name: set(linter["root_packages"]) - rooms for name, rooms in exceptions.items()}


# Spelled in halves, so that this file does not name what it forbids.
HALVES = (
    ("pypi", r"\.org"),
    ("pythonhosted", r"\.org"),
    ("registry", r"\.npmjs"),
    ("deb", r"\.debian\.org"),
    ("/wo", "rk/"),
    ("/ro", "ot/"),
)
FORBIDDEN = re.compile("|".join(first + second for first, second in HALVES))


def test_no_file_names_a_registry_host_or_a_machine_path() -> None:
    named = []
    for path in TRACKED:
        if path.suffix in {".onnx", ".png", ".jpg", ".npy"} or not path.is_file():
            continue
        named += [f"{relative(path)}: {match.group()}" for match in FORBIDDEN.finditer(path.read_text(errors="ignore"))]
    assert named == []


def test_no_record_names_a_scratch_path() -> None:
    """A figure's command is one that a reader can run: it names nothing of the machine it was run on."""
    records = [path for path in TRACKED if "benchmarks/records" in str(path) and path.suffix in {".json", ".md"}]
    assert records
    assert [relative(path) for path in records if re.search(r"(?<![\w.])/(tmp|var|home|mnt)/", path.read_text())] == []


def test_makes_a_user_who_gets_mail_and_can_replace_a_forgotten_password() -> None:
    """Cognito sends an SMS unless told otherwise, and recovers accounts only by a verified address."""
    (command,) = re.findall(r"^aws cognito-idp admin-create-user (?:.*\\\n)*.*$", (ROOT / "docs/deploying.md").read_text(), re.MULTILINE)
    words = shlex.split(command.replace("\\\n", " "))
    assert words[words.index("--desired-delivery-mediums") + 1] == "EMAIL"
    user = words[words.index("--username") + 1]
    assert {f"Name=email,Value={user}", "Name=email_verified,Value=true"} <= set(words[words.index("--user-attributes") :])


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_picture_of_the_architecture_is_what_its_code_draws(scheme: str) -> None:
    """`make pictures` writes it."""
    drawing = runpy.run_path(str(ROOT / "docs/pictures/architecture.py"))
    assert (ROOT / f"docs/pictures/architecture-{scheme}.svg").read_text() == drawing["draw"](drawing[scheme.upper()])


def test_no_picture_is_larger_than_150_kb() -> None:
    assert [path.name for path in (ROOT / "docs/pictures").iterdir() if path.stat().st_size > 150_000] == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_picture_of_costs_is_what_its_code_draws_of_the_prices_and_rates(scheme: str) -> None:
    """`make pictures` writes it."""
    drawing = runpy.run_path(str(ROOT / "docs/pictures/cost_curves.py"))
    assert (ROOT / f"docs/pictures/scale-{scheme}.svg").read_text() == drawing["draw"](drawing[scheme.upper()])
