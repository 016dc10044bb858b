"""A table becomes the same splits whenever and however it is read."""

from functools import partial
from pathlib import Path

import numpy as np
import pytest

from recipes import dataset
from recipes.columns import Category, Quantity
from recipes.errors import InvalidSettings, Malformed
from recipes.recipe import load
from recipes.tables import recordio, tabular

SALARY = load("salary")


def pairs(split: dataset.Split) -> list[tuple[float, float]]:
    return list(zip(split.inputs[:, 0].tolist(), split.targets.tolist(), strict=True))


def test_shares_out_all_thirty_rows() -> None:
    data = dataset.load("salary")
    assert [len(data.train), len(data.validation), len(data.test)] == [18, 6, 6]
    rows = pairs(data.train + data.validation + data.test)
    assert len(rows) == 30
    assert {rows.count(row) for row in rows} == {1}
    assert data.train.inputs.dtype == data.train.targets.dtype == np.float32


def test_the_place_of_a_row_and_of_a_column_changes_no_split(tmp_path: Path) -> None:
    header, *lines = (Path(dataset.__file__).parent / "salary/data.csv").read_text().split()
    turned = [",".join(reversed(line.split(","))) for line in (header, *reversed(lines))]
    (tmp_path / "data.csv").write_text("\n".join(turned))
    found, expected = dataset.load("salary", tmp_path), dataset.load("salary")
    for split in ("train", "validation", "test"):
        assert sorted(pairs(getattr(found, split))) == sorted(pairs(getattr(expected, split)))


def test_each_class_has_the_same_share_of_every_split() -> None:
    rows = dataset.Split(np.arange(1000, dtype=np.float32)[:, None], (np.arange(1000) % 10 == 0).astype(np.uint8))
    train, validation, test = tabular.divide(rows, test_share=0.3, is_stratified=True)
    assert [(len(split), int(split.targets.sum())) for split in (train, validation, test)] == [(524, 52), (176, 18), (300, 30)]


def test_refuses_rows_whose_columns_hold_each_other_s_numbers(tmp_path: Path) -> None:
    header, *lines = (Path(dataset.__file__).parent / "stop_search/data.csv").read_text().splitlines()
    swapped = {"Latitude": "Longitude", "Longitude": "Latitude"}
    names = ",".join(swapped.get(name, name) for name in header.split(","))
    (tmp_path / "data.csv").write_text("\n".join([names, *lines[:9]]))
    with pytest.raises(Malformed, match=r"data.csv, row 1: Latitude is -?\d.*, a value of Longitude, and Longitude is 5"):
        dataset.load("stop_search", tmp_path)


CLOTHES = SALARY._replace(
    features=(Category("Colour", ("red", "blue", "")), Quantity("Size", "cm")),
    instance_shape=(2,),
    target=Category("Sold", ("no", "yes")),
)


def test_reads_categories_as_their_codes_and_classes_as_numbers() -> None:
    content = b"Sold,Size,shop,colour\nyes,40,A,Blue\nno,41.5,A,green\nNo,42,B,\n"
    found = tabular.parse_rows(content, "clothes.csv", CLOTHES)
    assert found.inputs.tolist() == [[1, 40], [-1, 41.5], [2, 42]]
    assert found.targets.tolist() == [1, 0, 0]


def test_another_class_is_refused(tmp_path: Path) -> None:
    (tmp_path / "data.csv").write_text("Colour,Size,Sold\nred,40,maybe\n")
    with pytest.raises(Malformed, match="1 of 1 rows have another target than no, yes"):
        tabular.load(CLOTHES, tmp_path)


def test_five_houses_are_every_split() -> None:
    data = dataset.load("house_price")
    assert pairs(data.train) == pairs(data.validation) == pairs(data.test)
    assert pairs(data.train) == [(size, 100 * size + 50_000) for size in (1500, 2000, 2500, 3000, 3500)]


def test_reads_recordio_as_csv(tmp_path: Path) -> None:
    whole = dataset.load("house_price").train
    path = tmp_path / "train.rec"
    path.write_bytes(recordio.write(whole))
    found = dataset.load("house_price", path)
    assert pairs(found.train) == pairs(whole)
    assert set(found.sha256) == {"train.rec"}


def test_reads_a_folder_with_windows_lines_and_empty_ones(tmp_path: Path) -> None:
    (tmp_path / "data.csv").write_bytes(b"\xef\xbb\xbfyears,salary\r\n1,10\r\n\r\n2,20\r\n")
    assert pairs(tabular.load(SALARY._replace(test_share=0), tmp_path).train) == [(1, 10), (2, 20)]


def test_reads_what_a_spreadsheet_of_another_country_writes() -> None:
    content = b'Farbe;Size;Sold;"Colour"\nx;40,5;yes;"red"\ny;41;no; BLUE \nz;-0,25;no;"two\nlines"\n'
    found = tabular.parse_rows(content, "clothes.csv", CLOTHES)
    assert found.inputs.tolist() == [[0, 40.5], [1, 41], [-1, -0.25]]


def test_leaves_out_rows_whose_target_or_number_is_missing() -> None:
    content = b"Size,Colour,Sold\n40,,yes\nNA,red,no\n41,red,\n?,red,no\n42,blue,no\n"
    found = tabular.parse_rows(content, "clothes.csv", CLOTHES, partial(tabular.is_whole, CLOTHES))
    assert found.inputs.tolist() == [[2, 40], [1, 42]]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("years,salary\n1,2\n1,2,3\n", "line 3 has 3 cells; the header has 2"),
        ("years;salary\n1.000,5;2\n", "could not convert"),
        ("years,salary\n1_000,2\n", "could not convert"),
        ("years,salary\n1,much\n", "not a table.*could not convert"),
        ("years,salary\n1,2\n1\n", "not a table"),
        ("years,salary\n", "no row under a header"),
        ("salary\n1\n", "no column, or more than one, of experience in years; it has salary"),
        ("years,experience in years,salary\n1,2,3\n", "more than one, of experience"),
        ("years,salary\n1,nan\n", "expected 1, all finite"),
    ],
)
def test_says_what_is_no_table(tmp_path: Path, content: str, said: str) -> None:
    (tmp_path / "data.csv").write_text(content)
    with pytest.raises(Malformed, match=said):
        tabular.load(SALARY, tmp_path)


def test_a_split_comes_back_from_its_folder(tmp_path: Path) -> None:
    written = dataset.load("salary").train
    tabular.write_split(written, tmp_path / "train")
    assert pairs(tabular.read_split(SALARY, tmp_path / "train")) == pairs(written)
    with pytest.raises(Malformed, match="does not hold a split"):
        tabular.read_split(SALARY, tmp_path)


@pytest.mark.parametrize("name", ["salary", "house_price"])
def test_brings_what_a_pipeline_reads(name: str, tmp_path: Path) -> None:
    ((stored, file),) = dataset.find_raw_files(name).items()
    (tmp_path / stored).write_bytes(file.read_bytes())
    assert pairs(dataset.load(name, tmp_path).train) == pairs(dataset.load(name).train)
    for missing in (tmp_path / "nothing.csv", tmp_path / "empty"):
        (tmp_path / "empty").mkdir(exist_ok=True)
        for read in (dataset.find_raw_files, dataset.load):
            with pytest.raises(FileNotFoundError, match="name a csv"):
                read(name, missing)


@pytest.mark.parametrize("name", ["people.csv", "people.rec"])
def test_brings_a_table_of_any_name_under_the_one_that_is_found(name: str, tmp_path: Path) -> None:
    mine, bucket = tmp_path / name, tmp_path / "bucket"
    table = dataset.load("salary").train
    mine.write_bytes(recordio.write(table) if name.endswith(".rec") else b"years,salary\n" + _write_rows(table))
    bucket.mkdir()
    ((stored, file),) = dataset.find_raw_files("salary", mine).items()
    (bucket / stored).write_bytes(file.read_bytes())
    assert pairs(dataset.load("salary", bucket).train) == pairs(dataset.load("salary", mine).train)


def _write_rows(table: dataset.Split) -> bytes:
    return "".join(f"{row[0]},{target}\n" for row, target in zip(table.inputs.tolist(), table.targets.tolist(), strict=True)).encode()


def test_the_share_that_is_measured_on_can_be_asked_for() -> None:
    found, usual = dataset.load("salary", test_share=0.5), dataset.load("salary")
    assert [len(found.train), len(found.validation), len(found.test), found.test_share] == [11, 4, 15, 0.5]
    assert set(pairs(usual.test)) < set(pairs(found.test))
    assert usual.test_share is None


@pytest.mark.parametrize("share", [0, 1, -0.1, 70, float("nan")])
def test_refuses_what_is_no_share(share: float) -> None:
    with pytest.raises(InvalidSettings, match=f"the test share is {share:g}; expected more than 0 and less than 1"):
        dataset.load("salary", test_share=share)


def test_refuses_to_guess_the_share(tmp_path: Path) -> None:
    (tmp_path / "data.csv").write_text("experience,salary\n1,2\n")
    with pytest.raises(InvalidSettings, match="salary does not say which share is measured on"):
        tabular.load(SALARY._replace(test_share=None), tmp_path)


def test_refuses_a_share_where_rows_are_divided_in_one_way() -> None:
    with pytest.raises(InvalidSettings, match="house_price divides its data in one way"):
        dataset.load("house_price", test_share=0.3)


@pytest.mark.parametrize("share", [0.01, 0.99])
def test_refuses_a_share_that_leaves_a_part_empty(share: float) -> None:
    with pytest.raises(Malformed, match=r"a test share of 0\.\d+ makes .*; expected some of each"):
        dataset.load("salary", test_share=share)
