"""`inferstack new recipe`: a folder in recipes/ from a table or from folders of pictures, ready to train, serve and test."""

from enum import StrEnum
from pathlib import Path
from shlex import quote
from typing import Annotated, Any

import typer

import recipes
from cli.console import err, out, print_json, print_table
from cli.failures import WrongCall
from cli.options import Json
from cli.progress_bars import build_count_bars
from cli.training.inputs import require_training_packages
from recipes.errors import InvalidSettings, Malformed

MOST_SHOWN = 20  # of the files that are left out

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
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="What its folder in recipes/ is called: lowercase letters, digits and underscores.")
    ],
    source: Annotated[
        Path,
        typer.Option(
            "--from",
            metavar="CSV|FOLDER",
            help="A csv whose header names the columns; or a folder, or a zip, with a folder of pictures for each class.",
            exists=True,
        ),
    ],
    target: Annotated[str | None, typer.Option(help="For a table: the column to predict; by default the last.")] = None,
    kind: Annotated[
        Kind | None, typer.Option(help="For a table: whether to predict a class or a value; by default what the column looks like.")
    ] = None,
    without: Annotated[list[str] | None, typer.Option(help="For a table: a column to leave out; repeat it.", metavar="COLUMN")] = None,
    title: Annotated[str | None, typer.Option(help="What people read; by default made of the name.")] = None,
    as_json: Json = False,
) -> None:
    """Write a recipe for your own data. It guesses what the columns or the pictures are, shows that, and leaves you files to change.

    Examples:
    inferstack new recipe bikes --from rentals.csv
    inferstack new recipe pets --from photos/
    """
    from cli.scaffold.names import check_name  # noqa: PLC0415 - no other command needs it

    folder = Path(recipes.__path__[0]) / name
    title = title or name.replace("_", " ").capitalize()
    try:
        check_name(name, {path.stem for path in folder.parent.iterdir()})
        if source.is_dir() or source.suffix.lower() == ".zip":
            if target or kind or without:
                raise InvalidSettings("--target, --kind and --without are of tables", advice="Leave them out, or name a csv.")
            _write_of_pictures(folder, title, source, as_json=as_json)
        else:
            _write_of_table(folder, title, source, as_json=as_json, target=target, kind=kind, without=without or ())
    except Malformed as error:  # --from names what is no table, or no pictures
        raise WrongCall(error.detail, advice=error.advice) from error


def _write_of_table(folder: Path, title: str, source: Path, *, as_json: bool, **asked: Any) -> None:
    with require_training_packages():
        from cli.scaffold.table_files import write_recipe  # noqa: PLC0415 - reading a table needs numpy
        from cli.scaffold.table_guess import guess_table, read_table  # noqa: PLC0415

    table = read_table(source)
    guess = guess_table(table, **asked)
    files = write_recipe(folder, title, source, table, guess)
    columns = [_describe(each, guess.target) for each in guess.columns]
    if as_json:
        print_json({"recipe": folder.name, "rows": guess.rows, "rows_used": guess.whole, "columns": columns, "files": files})
        return
    print_table(columns)
    if guess.whole < guess.rows:
        err.print(f"{guess.rows - guess.whole:,} of {guess.rows:,} rows are left out: {guess.target.name} or a number is missing in them")
    _print_next(folder.name, "delete the folder and say\n--target COLUMN, --kind classes|values or --without COLUMN.")


def _write_of_pictures(folder: Path, title: str, source: Path, *, as_json: bool) -> None:
    with require_training_packages():
        from cli.scaffold.picture_files import name_variable, write_recipe  # noqa: PLC0415 - needs numpy and Pillow
        from cli.scaffold.picture_guess import FEW_PICTURES, guess_pictures  # noqa: PLC0415

    with build_count_bars() as bars:
        bar = bars.add_task("looking at the pictures", total=None)
        guess = guess_pictures(source, lambda done, total: bars.update(bar, completed=done, total=total))
    files = write_recipe(folder, title, source, guess)
    total = sum(guess.counts.values())
    classes = [{"class": label, "pictures": f"{count:,}", "share": f"{count / total:.1%}"} for label, count in guess.counts.items()]
    if as_json:
        found = {"pictures": total, "classes": guess.counts, "side": guess.side, "grey": guess.is_grey, "left_out": guess.left_out}
        print_json({"recipe": folder.name, **found, "folders_without_pictures": guess.unread_folders, "files": files})
        return
    print_table(classes)
    color = "all grey" if guess.is_grey else "in colour"
    out.print(f"\n{total:,} pictures, {color}; the model sees squares of {guess.side} × {guess.side}.")
    for name, reason in list(guess.left_out.items())[:MOST_SHOWN]:
        err.print(f"left out: {name}: {reason}", markup=False)
    if len(guess.left_out) > MOST_SHOWN:
        err.print(f"left out: {len(guess.left_out) - MOST_SHOWN:,} more; --json names all")
    if guess.unread_folders:
        err.print(f"no class, because none of their files is a picture that is read here: {', '.join(guess.unread_folders)}", markup=False)
    if few := [label for label, count in guess.counts.items() if count < FEW_PICTURES]:
        err.print(f"few pictures, from which a network learns little: {', '.join(few)}", markup=False)
    _print_next(folder.name, "mend the folders and begin anew.", data=str(source))
    out.print(f"\nThe pictures stay where they are: other commands find them by the variable {name_variable(folder.name)}.", markup=False)


def _print_next(name: str, otherwise: str, data: str = "") -> None:
    out.print(f"\nrecipes/{name} is written. What is wrong above you can change in recipes/{name}/recipe.py, or {otherwise} Then:\n")
    read = f" --data {quote(data)}" if data else ""
    for step in (f"train {name}{read} --out recipes/{name}/pretrained", f"up -c recipe={name}"):
        out.print(f"  inferstack {step}", markup=False, soft_wrap=True)


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
