"""A table that is not UTF-8, as older spreadsheets save one: a text is not taken for one that the model does not know."""

import pytest

from functions.shared.reading.requests import read_csv
from recipes.columns import Category, Quantity
from recipes.errors import Malformed
from recipes.recipe import load
from tests.rows import open_upload

FLATS = load("salary")._replace(
    features=(Quantity("Fläche", "m²"), Category("Heizung", ("Gas", "Öl")), Category("Lage", ("Nord", "Süd"))), instance_shape=(3,)
)
TABLE = "Fläche;Heizung;Lage;Notiz\n70,5;Öl;Nord;schön\n60;Gas;Nord;schön\n".encode("cp1252")


def test_a_request_is_refused_with_the_cure() -> None:
    with pytest.raises(Malformed, match="not UTF-8") as refused:
        read_csv(TABLE, FLATS)
    assert "UTF-8" in refused.value.advice


def test_an_upload_loses_only_the_rows_whose_letters_are_lost() -> None:
    first, second = open_upload(TABLE, FLATS).rows
    assert isinstance(first.error, Malformed)
    assert second.error is None


def test_a_value_that_is_not_known_stays_one() -> None:
    assert read_csv("Fläche;Heizung;Lage\n70,5;Wärmepumpe;Nord\n".encode(), FLATS).unknown == {0: ["Heizung"]}


def test_a_header_whose_letters_are_lost_names_the_cure() -> None:
    with pytest.raises(Malformed, match="letters were lost, since the text is not UTF-8"):
        read_csv(TABLE.replace(b";Heizung", b" (m\xb2);Heizung"), FLATS)
