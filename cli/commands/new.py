"""`inferstack new recipe`: a folder in recipes/ from a table, ready to train, serve and test."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

import recipes
from cli.console import err, fail, out, print_json, print_table
from cli.options import Json
from recipes.errors import InferstackError

app = typer.Typer(no_args_is_help=True, help="Add what the project does not have yet: a recipe.")


class Kind(StrEnum):
    """What is answered."""

    classes = "classes"
    values = "values"


@app.callback()
def _make_group() -> None:
    """Keep `recipe` a command of a group, although it is the only one."""


@app.command()
def recipe(  # noqa: PLR0917 - typer makes options of arguments
    name: Annotated[str, typer.Argument(metavar="NAME", help="Of the folder in recipes/: small letters, digits and underscores.")],
    source: Annotated[Path, typer.Option("--from", help="A csv whose header names the columns.", exists=True)],
    target: Annotated[str | None, typer.Option(help="The column to be answered; by default the last.")] = None,
    kind: Annotated[Kind | None, typer.Option(help="One of a few classes or a number; by default what it looks like.")] = None,
    without: Annotated[list[str] | None, typer.Option(help="A column to leave out; repeat it.", metavar="COLUMN")] = None,
    title: Annotated[str | None, typer.Option(help="What people read; by default made of the name.")] = None,
    as_json: Json = False,
) -> None:
    """Write a recipe for your own data: what its columns are is guessed and shown, and yours to change.

    Examples:  inferstack new recipe bikes --from rentals.csv  ·  inferstack new recipe churn --from customers.csv --target left
    """
    from cli.scaffold.names import check_name  # noqa: PLC0415 - no other command needs it, and reading a table needs numpy
    from cli.scaffold.table_files import write_recipe  # noqa: PLC0415
    from cli.scaffold.table_guess import guess_table, read_table  # noqa: PLC0415

    parent = Path(recipes.__path__[0])
    try:
        check_name(name, {path.stem for path in parent.iterdir()})
        table = read_table(source)
        guess = guess_table(table, target=target, kind=kind, without=without or ())
    except InferstackError as error:
        raise fail(error.detail, advice=error.advice, as_json=as_json, code=2) from error
    files = write_recipe(parent / name, title or name.replace("_", " ").capitalize(), source, table, guess)
    columns = [_describe(each, guess.target) for each in guess.columns]
    if as_json:
        print_json({"recipe": name, "rows": guess.rows, "rows_used": guess.whole, "columns": columns, "files": files})
        return
    print_table(columns)
    if guess.whole < guess.rows:
        err.print(f"{guess.rows - guess.whole:,} of {guess.rows:,} rows are left out: {guess.target.name} or a number is missing in them")
    out.print(f"\nrecipes/{name} is written. What is wrong above you can change in recipes/{name}/recipe.py, or delete the folder and say")
    out.print("--target COLUMN, --kind classes|values or --without COLUMN. Then:\n")
    for step in (f"train {name} --out recipes/{name}/pretrained", f"up -c recipe={name}"):
        out.print(f"  inferstack {step}")


def _describe(column: Any, target: Any) -> dict[str, str]:
    """Return a line of the table of columns."""
    taken = column.kind
    if column.name == target.name:
        taken = "target: classes" if hasattr(target, "values") else "target: values"
    values = getattr(target, "values", ()) if column.name == target.name else column.values
    held = ", ".join(value or "(empty)" for value in values)
    return {
        "column": column.name or "(no name)",
        "taken for": taken,
        "missing": str(column.missing or ""),
        "because": f"{held[:80]}{'…' * (len(held) > 80)}" if values else column.why,
    }
