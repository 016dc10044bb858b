"""`inferstack new recipe`: what a table's columns are taken for, what cannot be, and what is written."""

import ast
import html
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from cli.main import app
from cli.scaffold.guess import guess_column
from cli.scaffold.names import check_name
from cli.scaffold.table_files import write_recipe
from cli.scaffold.table_guess import TableGuess, guess_table
from recipes.columns import Category, Quantity
from recipes.errors import InferstackError, InvalidSettings
from recipes.tables import csv_files
from recipes.tables.csv_files import CsvTable
from tests.command import CliRunner
from tests.tables import CUSTOMERS, FLATS, RENTALS

ANY_TABLE = csv_files.read(CUSTOMERS, "customers.csv")


def guess(content: bytes, **asked: object) -> TableGuess:
    return guess_table(csv_files.read(content, "data.csv"), **asked)  # type: ignore[arg-type]


def test_takes_the_last_column_for_the_target_and_texts_for_its_classes() -> None:
    found = guess(CUSTOMERS)
    assert found.target == Category("left", ("no", "yes"))
    assert found.features == (
        Category("plan", ("basic", "plus", "pro")),
        Quantity("months", ""),
        Quantity("calls", ""),
        Category("region", ("east", "north", "south", "west", "")),
    )
    why = {each.name: each.why for each in found.columns if each.kind == "left out"}
    assert why.keys() == {"customer_id", "joined", "note"}
    assert (why["joined"][:5], "different texts" in why["note"], why["customer_id"][:5]) == ("dates", True, "an id")
    assert 0 < found.rows - found.whole == next(each.missing for each in found.columns if each.name == "calls")


def test_takes_many_numbers_for_values_and_few_whole_ones_for_classes() -> None:
    assert guess(RENTALS).target == Quantity("rented", "")
    assert guess(RENTALS, target="holiday").target == Category("holiday", ("0", "1"))
    assert guess(RENTALS, target="HOLIDAY ", kind="values").target == Quantity("holiday", "")
    assert [each.name for each in guess(RENTALS, without=["wind", "season"]).features] == ["temperature", "holiday"]


def test_reads_semicolons_and_decimal_commas() -> None:
    found = guess(FLATS)
    assert [each.name for each in found.features] == ["Fläche (m²)", "Zimmer", "Lage"]
    assert found.target == Quantity("Miete", "")


@pytest.mark.parametrize(
    ("cells", "kind", "why"),
    [
        (["7"] * 20, "left out", "it is always '7'"),
        (["", "NA", "?"] * 5, "left out", "it is empty"),
        ([f"{number}" for number in range(20)], "left out", "it counts the rows"),
        ([f"{number}.5" for number in range(20)], "number", "numbers"),
        ([*"13579246", *[""] * 8], "left out", "8 of its cells are empty"),
        (["1 Jan", "2"] * 10, "category", "2 texts"),
        ([f"${number}" for number in range(20)], "left out", "20 different texts in 20 rows"),
        ([*map(str, range(19)), "$1,200"], "left out", "19 of them are numbers, '$1,200' is none"),
        (["12:30", "9:15", "23:59:59", "08:00"] * 5, "left out", "dates"),
        (["1.2.2026", "24.12.26", "3.3.2026 8:00"] * 7, "left out", "dates"),
    ],
)
def test_says_why(cells: list[str], kind: str, why: str) -> None:
    found = guess_column("x", cells, ANY_TABLE.is_number)
    assert (found.kind, why in found.why) == (kind, True), found


def test_a_category_has_its_commonest_spelling() -> None:
    assert guess_column("x", ["Red", "red", "red", "BLUE"] * 5, ANY_TABLE.is_number).values == ("BLUE", "red")


def rows(header: str, *lines: str, times: int = 20) -> bytes:
    return "\n".join([header, *lines * times]).encode()


@pytest.mark.parametrize(
    ("content", "asked", "said"),
    [
        (b"a,b\n1,2\n", {}, "different values; expected two or more"),
        (b"a,b\n", {}, "no row under a header"),
        (b"\xff\xfe\x00", {}, "is not text"),
        (b"a,b\n1,2\n3,4\n5,6\n", {}, "3 rows of 3 have 'b' and every number; expected 10"),
        (rows("a,b", "1,x", "2,y"), {"target": "c"}, "there is no column 'c'"),
        (rows("a,b", "1,x", "2,y"), {"without": ["c"]}, "there is no column 'c'"),
        (rows("a,b", "1,x", "2,y"), {"kind": "values"}, "'b' holds 'x'; values are numbers"),
        (b"a,b\n" + b"".join(b"%d,text %d\n" % (each % 7, each) for each in range(40)), {}, "'b' has 40 different texts in 40 rows"),
        (rows("a,b", "1,x", "2,y") + b"\n1,z", {}, "'b' have fewer than 5 rows: 'z' (1)"),
        (rows("a,b", "1,x", "1,y"), {}, "no column is left to tell 'b' from: a: it is always '1'"),
        (rows("b", "1", "2"), {}, "no column is left to tell 'b' from: it is the only one"),
        (rows("b,b", "1,2", "2,3"), {}, "no column of its own: two columns have this name"),
        (rows("a,", "1,2", "2,3"), {}, "the target '' is no column of its own"),
    ],
)
def test_refuses_what_cannot_be(content: bytes, asked: dict[str, object], said: str) -> None:
    with pytest.raises(InferstackError) as refused:
        guess(content, **asked)
    assert said in refused.value.detail
    assert refused.value.advice or "csv" in refused.value.detail


@pytest.mark.parametrize("first", ["71.5,3,north", "71,3,north", "a,3,north", "a,b,north", "a,1e3,c", "3,2,1"])
def test_refuses_a_first_line_that_is_a_row(first: str) -> None:
    rows = "".join(f"{place}.5,{place % 7},{('north', 'south')[place % 2]}\n" for place in range(20))
    with pytest.raises(InferstackError, match="the first line holds") as refused:
        guess(f"{first}\n{rows}".encode())
    (cell,) = re.findall("holds '(.+)'", refused.value.detail)
    assert f"If they stand there, give the column {cell!r} a name that is no value, such as 'is {cell}'." in refused.value.advice


def test_takes_years_and_places_for_names() -> None:
    rows = "".join(f"{place}.5,{place % 7},{('north', 'south')[place % 2]}\n" for place in range(20))
    for first in ("2019,2020,side", "0,1,2", "North,a,side"):
        assert len(guess(f"{first}\n{rows}".encode()).features) == 2


def test_shows_which_text_of_a_target_is_no_number() -> None:
    rents = "".join(f"{20 + place},{900 + place}\n" for place in range(20))
    with pytest.raises(InferstackError) as refused:
        guess(f'area,rent\n{rents}70,"€1,099"\n'.encode())
    assert "'€1,099' is no number" in refused.value.detail
    assert "without currencies, units and signs of thousands" in refused.value.advice


def test_names_no_other_target_where_there_is_no_other_column() -> None:
    with pytest.raises(InferstackError) as refused:
        guess(b"a\n1\n")
    assert refused.value.advice == "Add another column: there is none to choose."


@pytest.mark.parametrize("name", ["Bikes", "1st", "a-b", "a__b", "_a", "a_", "class", "match", "a" * 25, "", "digits", "columns", "../x"])
def test_refuses_a_name_that_python_or_aws_does_not_take(name: str) -> None:
    with pytest.raises(InvalidSettings):
        check_name(name, {"digits", "columns"})


@pytest.mark.parametrize(
    ("name", "fitting"), [("bike-rental", "bike_rental"), ("2Pets", "pets"), ("Äpfel", "apfel"), ("犬", "bike_rental")]
)
def test_names_one_that_fits(name: str, fitting: str) -> None:
    with pytest.raises(InvalidSettings) as refused:
        check_name(name, {"digits"})
    assert refused.value.advice.endswith(f"such as {fitting}.")


def test_takes_a_name_of_words() -> None:
    check_name("bike_rental_2", {"digits"})


@pytest.mark.parametrize("content", [CUSTOMERS, RENTALS, FLATS, rows('"a""b\\",c', '"x""y",1', '"\\n",2')])
def test_writes_what_python_reads_and_the_linter_leaves_alone(tmp_path: Path, content: bytes) -> None:
    source = tmp_path / "my data.csv"
    source.write_bytes(content)
    table: CsvTable = csv_files.read(content, source.name)
    files = write_recipe(tmp_path / "mine", 'A "title"', source, table, guess_table(table))
    assert {path.relative_to(tmp_path / "mine").as_posix() for path in files} == {
        *("__init__.py", "recipe.py", "dataset.py", "README.md", "data.csv", "golden/rows.json")
    }
    for path in files:
        if path.suffix == ".py":
            ast.parse(path.read_text())
    assert json.loads((tmp_path / "mine/golden/rows.json").read_text())
    ruff = shutil.which("ruff", path=str(Path(sys.executable).parent)) or "ruff"
    for check in (
        ["format", "--diff"],
        ["check", "--isolated", "--select", "E501,F,I", "--config", 'lint.isort.known-first-party=["recipes"]'],
    ):
        done = subprocess.run([ruff, *check, "--line-length", "140", tmp_path / "mine"], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout


ACTIVE = ("&ltb&gt", "<img src=x onerror=alert(1)>", "[a](javascript:alert(1))", "`<b>`", "{: onclick=alert(1) }")


@pytest.mark.parametrize("name", ACTIVE)
def test_the_card_shows_names_as_they_are(tmp_path: Path, name: str) -> None:
    """It is a page of the documentation's site, where HTML in Markdown is HTML, and the data may be a stranger's."""
    source = tmp_path / f"{name.replace('/', '')}.csv"
    source.write_bytes(content := rows(f"{name},{name} always,kind", *(f"{at % 7}.{at},1,{('plain', name)[at % 2]}" for at in range(40))))
    table = csv_files.read(content, source.name)
    write_recipe(tmp_path / "mine", name, source, table, guess_table(table))
    card = (tmp_path / "mine/README.md").read_text()
    assert html.unescape(card).count(name.replace("/", "")) >= 5  # title, file, column, class and a column that is left out
    assert not re.search(r"<|\[a|`&|\{", card)


def test_the_command_says_what_is_wrong_as_json(tmp_path: Path) -> None:
    (tmp_path / "data.csv").write_text("a,b\n1,2\n")
    for name, said in (("digits", "has a 'digits' already"), ("x", "expected two or more")):
        done = CliRunner().invoke(app, ["new", "recipe", name, "--from", str(tmp_path / "data.csv"), "--json"])
        assert (done.exit_code, said in json.loads(done.stdout)["error"]) == (2, True)


@pytest.mark.parametrize("source", ["data.csv", "pictures.zip"])
def test_says_how_to_install_what_reads_the_data(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, source: str) -> None:
    """`make up` alone installs no numpy."""
    (tmp_path / source).write_bytes(b"a,b")
    for module in ("table_guess", "picture_guess"):
        monkeypatch.setitem(sys.modules, f"cli.scaffold.{module}", None)
    done = CliRunner().invoke(app, ["new", "recipe", "bikes", "--from", str(tmp_path / source)])
    assert done.exit_code == 1
    assert "run `make setup-training`" in done.output
