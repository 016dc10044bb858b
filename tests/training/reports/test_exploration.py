"""A look at a table says what is in it, and what is not."""

import numpy as np

from recipes.dataset import Split
from recipes.recipe import load
from recipes.tables import csv_files
from training.reports.exploration import describe_columns, describe_head, plot_classes

TABLE = csv_files.read(b"size;kind\n1,5;a\n2,5;b\nNA;b\n3,5;\n", "any.csv")


def test_the_head_is_the_first_rows_as_they_are_written() -> None:
    head = describe_head(TABLE, 2)
    assert (head.columns, head.rows) == (("row", "size", "kind"), [("1", "1,5", "a"), ("2", "2,5", "b")])


def test_the_head_of_a_wide_table_has_a_column_for_each_row() -> None:
    wide = csv_files.read(",".join(f"c{at}" for at in range(12)).encode() + b"\n" + b"1,2,3,4,5,6,7,8,9,10,11,12\n" * 3, "any.csv")
    head = describe_head(wide, 2)
    assert (head.columns, head.rows[0], len(head.rows)) == (("row", "1", "2"), ("c0", "1", "1"), 12)


def test_a_column_of_numbers_has_its_mean_its_spread_and_its_quartiles_without_what_is_missing() -> None:
    numbers, _ = describe_columns(TABLE).rows
    assert numbers == ("size", "4", "1", "3", "2.5", "1", "1.5", "2", "2.5", "3", "3.5", "")


def test_a_column_of_texts_has_its_commonest_value() -> None:
    _, texts = describe_columns(TABLE).rows
    assert texts == ("kind", "4", "1", "2", *[""] * 7, "b (2)")


def test_an_empty_column_is_missing_in_every_row() -> None:
    empty, _ = describe_columns(csv_files.read(b"a,b\n,1\n,2\n", "any.csv")).rows
    assert empty == ("a", "2", "2", "0", *[""] * 7)


def test_a_figure_that_no_column_has_is_left_out() -> None:
    assert "commonest" not in describe_columns(csv_files.read(b"a,b\n,1\n,2\n", "any.csv")).columns
    assert describe_columns(csv_files.read(b"kind\na\nb\n", "any.csv")).columns == ["column", "rows", "missing", "different", "commonest"]


def test_the_share_of_the_commonest_class_is_told() -> None:
    rows = Split(np.zeros((4, 10), np.float32), np.array([0, 0, 0, 1], np.uint8))
    assert "always answered No arrest would be right 75% of the time" in plot_classes(load("stop_search"), rows).caption
