"""`inferstack new recipe` of pictures: what their folders are taken for, what cannot be, and what is written."""

import ast
import hashlib
import html
import json
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from PIL import Image

import recipes
from cli.main import app
from cli.scaffold.picture_files import write_recipe
from cli.scaffold.picture_guess import PictureGuess, guess_pictures
from cli.scaffold.writing import write_files
from recipes.errors import Malformed
from tests.command import CliRunner
from tests.digits import encoded
from tests.files import write_folder


def picture(level: int, *, mode: str = "RGB", size: tuple[int, int] = (40, 30)) -> bytes:
    color = (level, 0, 255 - level) if mode == "RGB" else level
    return encoded(Image.new(mode, size, color))


def pets(each: int = 5, **options: object) -> dict[str, bytes]:
    kinds = enumerate(("cat", "dog"))
    return {f"{kind}/{at}.png": picture(100 * row + at, **options) for row, kind in kinds for at in range(each)}  # type: ignore[arg-type]


def guess(tmp_path: Path, files: dict[str, bytes]) -> PictureGuess:
    return guess_pictures(write_folder(tmp_path / "pets", files))


def test_takes_the_folders_for_classes_and_counts_each(tmp_path: Path) -> None:
    found = guess(tmp_path, {**pets(), "dog/9.png": picture(250)})
    assert (found.labels, found.counts, found.left_out) == (("cat", "dog"), {"cat": 5, "dog": 6}, {})
    assert found.largest_share == pytest.approx(6 / 11)


def test_a_zip_is_as_good_as_a_folder(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "pets.zip", "w") as archive:
        for name, content in pets().items():
            archive.writestr(f"data/{name}", content)
    assert guess_pictures(tmp_path / "pets.zip") == guess(tmp_path, pets())


@pytest.mark.parametrize(
    ("size", "side"), [((40, 30), 128), ((129, 500), 224), ((4000, 10), 128)], ids=["small", "just not", "by the shorter side"]
)
def test_the_size_is_that_of_small_or_of_large_pictures(tmp_path: Path, size: tuple[int, int], side: int) -> None:
    assert guess(tmp_path, pets(size=size)).side == side


def test_is_grey_only_where_every_picture_is(tmp_path: Path) -> None:
    assert guess(tmp_path / "grey", pets(mode="L")).is_grey
    assert not guess(tmp_path / "one of colours", {**pets(mode="L"), "cat/red.png": picture(255)}).is_grey


def test_classes_that_are_numbers_are_in_their_order(tmp_path: Path) -> None:
    files = {f"{kind}/{at}.png": picture(10 * kind + at) for kind in (2, 10, 1) for at in range(5)}
    assert guess(tmp_path, files).labels == ("1", "2", "10")


def test_folders_that_split_the_classes_are_taken_together(tmp_path: Path) -> None:
    files = {f"data/{('train', 'Test')[at % 2]}/{name}": content for at, (name, content) in enumerate(pets(6).items())}
    assert guess(tmp_path, files).counts == {"cat": 6, "dog": 6}


def test_names_what_is_broken_and_what_is_in_two_classes(tmp_path: Path) -> None:
    found = guess(tmp_path, {**pets(), "cat/torn.jpg": picture(7)[:40], "cat/a.png": picture(99), "dog/a.png": picture(99)})
    assert found.counts == {"cat": 5, "dog": 5}
    assert set(found.left_out) == {"cat/torn.jpg", "cat/a.png", "dog/a.png"}
    assert "damaged" in found.left_out["cat/torn.jpg"]
    assert found.left_out["cat/a.png"].endswith("dog/a.png")  # each of the two names the other
    assert found.left_out["dog/a.png"].endswith("cat/a.png")


def test_names_a_folder_whose_files_are_no_pictures_that_are_read(tmp_path: Path) -> None:
    found = guess(tmp_path, {**pets(), "fish/1.heic": b"x", "cat/notes.txt": b"", ".git/1.png": b"", "__MACOSX/cat/._1.png": b""})
    assert (found.labels, found.unread_folders) == (("cat", "dog"), ["fish"])


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({}, "has no pictures"),
        ({"a.csv": b"x,y", "b/c.pdf": b""}, "has no pictures; it has 1 files: .pdf"),
        ({f"{at}.png": picture(at) for at in range(9)}, "9 pictures beside its folders, which have no class: 0.png, 1.png, 2.png"),
        ({**pets(), "a.png": picture(3)}, "1 pictures beside its folders, which have no class: a.png"),
        ({**pets(), "cat/kitten/a.png": picture(3)}, "5 pictures beside its folders, which have no class: cat/0.png"),
        ({name: content for name, content in pets().items() if "cat" in name}, "has one class, 'cat'; expected two or more"),
        ({f"{way}/2026/{at}.png": picture(at) for at, way in enumerate("ab")}, "pictures at several places, a/2026, b/2026"),
        ({**pets(), "Cat/0.png": picture(3)}, "the folders 'Cat' and 'cat' differ in capital letters alone"),
        (pets(4), "fewer than 5 different pictures that can be read: 'cat' (4), 'dog' (4)"),
        ({**pets(), "dog/4.png": b"torn"}, "'dog' (4); dog/4.png: "),
        ({**pets(), "cat/5.png": b"ripped", "dog/4.png": b"torn"}, "'dog' (4); dog/4.png: "),
        ({**pets(), "dog/4.png": pets()["dog/3.png"]}, "'dog' (4)"),
    ],
)
def test_refuses_what_cannot_be(tmp_path: Path, files: dict[str, bytes], said: str) -> None:
    (tmp_path / "pets").mkdir()
    with pytest.raises(Malformed) as refused:
        guess(tmp_path, files)
    assert said in refused.value.detail
    assert refused.value.advice


def test_the_card_shows_classes_as_they_are(tmp_path: Path) -> None:
    """It is a page of the documentation's site, where HTML in Markdown is HTML."""
    hostile = "<img src=x onerror=alert(1)>"
    files = {f"{kind}/{at}.png": picture(20 * row + at) for row, kind in enumerate((hostile, "a | b")) for at in range(5)}
    found = guess(tmp_path, files | {f"{hostile}/no picture.png": b"any"})
    write_recipe(tmp_path / "mine", hostile, tmp_path / "pets", found)
    card = (tmp_path / "mine/README.md").read_text()
    assert html.unescape(card).count(hostile) == 4  # title, classes, counts, and the file that is left out
    assert "<" not in card
    assert "a &#124; b" in card


@pytest.mark.parametrize("name", ["caf\udce9", "two\nlines", "\x1b[2J"])
def test_refuses_a_class_whose_name_is_no_text(tmp_path: Path, name: str) -> None:
    files = {f"{kind}/{at}.png": picture(20 * row + at) for row, kind in enumerate((name, "dog")) for at in range(5)}
    with pytest.raises(Malformed, match="a class cannot be called"):
        guess(tmp_path, files)


def test_names_a_file_whose_name_is_not_utf_8(tmp_path: Path) -> None:
    found = guess(tmp_path, pets() | {"cat/caf\udce9.png": b"any"})
    write_recipe(tmp_path / "mine", "Pets", tmp_path / "p\udce9ts", found)
    assert "- cat/caf?.png: " in (tmp_path / "mine/README.md").read_text()


def test_leaves_no_half_recipe_where_it_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(UnicodeEncodeError):
        write_files(tmp_path / "mine", {"__init__.py": "", "recipe.py": "\udce9"})
    assert not (tmp_path / "mine").exists()


ODD = {f"{kind}/{at}.png": picture(20 * row + at, size=(300, 300)) for row, kind in enumerate(('a "b" $c', "it's", "é")) for at in range(5)}
MANY = {f"a class with a long name {kind}/{at}.png": picture(7 * kind + at) for kind in range(12) for at in range(5)}


@pytest.mark.parametrize("files", [pets(), pets(mode="L"), ODD, MANY], ids=["colours", "grey", "odd names", "many classes"])
def test_writes_what_python_reads_and_the_linter_leaves_alone(tmp_path: Path, files: dict[str, bytes]) -> None:
    found = guess(tmp_path, files)
    written = write_recipe(tmp_path / "mine", 'My "pets"', tmp_path / "pets", found)
    assert {path.relative_to(tmp_path / "mine").as_posix() for path in written} == {
        *("__init__.py", "recipe.py", "dataset.py", "README.md", "golden/picture.png", "golden/cases.json")
    }
    for path in written:
        if path.suffix == ".py":
            ast.parse(path.read_text())
    recipe: dict[str, object] = {}
    exec((tmp_path / "mine/recipe.py").read_text(), recipe)
    made = recipe["RECIPE"]
    (case,) = json.loads((tmp_path / "mine/golden/cases.json").read_text())
    values = made.from_image((tmp_path / "mine/golden" / case["file"]).read_bytes())  # type: ignore[attr-defined]
    assert (made.labels, len(values)) == (found.labels, made.instance_bytes)  # type: ignore[attr-defined]
    assert (case["label"] in found.labels, hashlib.sha256(values).hexdigest()) == (True, case["pixels_sha256"])
    ruff = shutil.which("ruff", path=str(Path(sys.executable).parent)) or "ruff"
    for check in (
        ["format", "--diff"],
        ["check", "--isolated", "--select", "E501,F,I", "--config", 'lint.isort.known-first-party=["recipes"]'],
    ):
        done = subprocess.run([ruff, *check, "--line-length", "140", tmp_path / "mine"], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout


def test_the_command_shows_what_it_found_and_what_is_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "recipes").mkdir()
    monkeypatch.setattr(recipes, "__path__", [str(tmp_path / "recipes")])
    source = write_folder(tmp_path / "my pets", {**pets(), "cat/torn.jpg": b"\xff\xd8\xff"})
    done = CliRunner().invoke(app, ["new", "recipe", "pets", "--from", str(source)])
    assert done.exit_code == 0, done.output
    assert "cat    5         50.0%" in done.stdout
    assert "10 pictures, in colour; the model sees squares of 128 × 128." in done.stdout
    assert f"inferstack train pets --data '{source}' --out recipes/pets/pretrained" in done.stdout
    assert "INFERSTACK_PETS" in done.stdout
    assert "left out: cat/torn.jpg" in done.stderr
    again = CliRunner().invoke(app, ["new", "recipe", "more", "--from", str(source), "--json"])
    assert json.loads(again.stdout)["classes"] == {"cat": 5, "dog": 5}


def test_the_command_refuses_what_is_of_tables(tmp_path: Path) -> None:
    done = CliRunner().invoke(
        app, ["new", "recipe", "no_such_recipe", "--from", str(write_folder(tmp_path, pets())), "--target", "x", "--json"]
    )
    assert (done.exit_code, "are of tables" in json.loads(done.stdout)["error"]) == (2, True)
