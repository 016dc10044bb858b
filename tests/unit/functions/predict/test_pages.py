"""Several digits in one picture: told where one is answered, and each read where all are asked for."""

import base64
import json
from typing import Any

import pytest
from PIL import ImageDraw

from functions.predict.handler import Handler
from functions.predict.service import Service
from recipes.recipe import FoundInstance, Picture, Recipe, Trust, load
from tests.asking import ask_handler
from tests.digits import beside_each_other, digit, encoded, on_page
from tests.events import ID_KEY, event
from tests.fakes import FakeClock, FakeEndpoint

DIGITS = load("digits")
ALL = {"digits": "all"}


FOUR_TWO, SEVEN = beside_each_other(4, 2), encoded(on_page(digit(7)))


def test_says_that_a_picture_shows_several_digits_and_how_to_have_each_read(ask: Any) -> None:
    _, answer = ask("POST", "/predictions", FOUR_TWO, "image/png")
    assert [each["digits_found"] for each in answer["predictions"]] == [2]
    (note,) = answer["notes"]
    assert (note["code"], "2 digits" in note["detail"], "?digits=all" in note["advice"]) == ("several-digits", True, True)


def test_says_nothing_of_a_picture_of_one_digit(ask: Any) -> None:
    _, answer = ask("POST", "/predictions", SEVEN, "image/png")
    assert "notes" not in answer
    assert "digits_found" not in answer["predictions"][0]


def test_says_in_a_form_which_picture_shows_several_digits(ask: Any) -> None:
    body = b"".join(
        b'--x\r\nContent-Disposition: form-data; name="image"; filename="%d.png"\r\n\r\n%b\r\n' % (number, picture)
        for number, picture in enumerate((SEVEN, FOUR_TWO, FOUR_TWO))
    )
    _, answer = ask("POST", "/predictions", body + b"--x--", "multipart/form-data; boundary=x")
    assert [each.get("digits_found", 1) for each in answer["predictions"]] == [1, 2, 2]
    assert len(answer["notes"]) == 1


@pytest.mark.parametrize("kind", ["itself", "base64 in JSON", "a form"])
def test_says_that_ink_beside_the_digit_was_not_read(ask: Any, kind: str) -> None:
    page = on_page(digit(7))
    ImageDraw.Draw(page).line((122, 80, 146, 80), fill=0, width=8)
    picture = encoded(page)
    form = b'--x\r\nContent-Disposition: form-data; name="image"; filename="7.png"\r\n\r\n%b\r\n--x--' % picture
    bodies = {
        "itself": (picture, "image/png"),
        "base64 in JSON": (json.dumps({"instances": [{"b64": base64.b64encode(picture).decode()}]}), "application/json"),
        "a form": (form, "multipart/form-data; boundary=x"),
    }
    _, answer = ask("POST", "/predictions", *bodies[kind])
    assert [each["marks_found"] for each in answer["predictions"]] == [1]
    (note,) = answer["notes"]
    assert (note["code"], "?digits=all" in note["advice"]) == ("unread-marks", True)


PACKED = {
    "itself": (FOUR_TWO, "image/png"),
    "base64 in JSON": (json.dumps({"image": base64.b64encode(FOUR_TWO).decode()}), "application/json"),
    "base64": (base64.b64encode(FOUR_TWO), None),
}


@pytest.mark.parametrize(("body", "declared"), PACKED.values(), ids=PACKED)
def test_reads_every_digit_of_a_picture_as(ask: Any, endpoint: FakeEndpoint, body: bytes | str, declared: str | None) -> None:
    status, answer = ask("POST", "/predictions", body, declared, query=ALL)
    assert (status, answer.get("detail")) == (200, None)
    found = DIGITS.find_instances(FOUR_TWO)  # type: ignore[misc]
    assert (len(endpoint.asked), endpoint.instances) == (1, found.list_instances())
    assert [each["box"] for each in answer["predictions"]] == [list(each.box) for each in found.found]  # type: ignore[arg-type]
    assert [each["picture"] for each in answer["predictions"]] == [1, 1]
    assert answer["pictures"] == [{"width": 300, "height": 240, "unread": []}]


def test_names_the_file_of_a_form_whose_digits_it_reads(ask: Any) -> None:
    body = b'--x\r\nContent-Disposition: form-data; name="image"; filename="42.png"\r\n\r\n%b\r\n--x--' % FOUR_TWO
    _, answer = ask("POST", "/predictions", body, "multipart/form-data; boundary=x", query=ALL)
    assert [each["name"] for each in answer["predictions"]] == ["42.png", "42.png"]


def send(
    recipe: Recipe, body: bytes | str, content_type: str, endpoint: FakeEndpoint | None = None, **query: str
) -> tuple[int, dict[str, Any]]:
    handler = Handler(Service(recipe, endpoint or FakeEndpoint(), id_key=ID_KEY))
    return ask_handler(handler, event("POST", "/predictions", body, content_type, query=query))


def seeing(*found: FoundInstance, unread: tuple[tuple[int, int, int, int], ...] = ()) -> Recipe:
    """Return the digits recipe with pages on which all this stands."""
    return DIGITS._replace(find_instances=lambda _, **__: Picture(300, 200, list(found), unread))


def test_tells_line_separator_and_unread_ink() -> None:
    found = [
        FoundInstance(bytes(784), (10, 10, 20, 30), 1, "point"),
        FoundInstance(bytes([2]) * 784, (50, 10, 20, 30), 1),
        FoundInstance(bytes([3]) * 784, None, 2),
    ]
    status, answer = send(seeing(*found, unread=((1, 2, 3, 4),)), SEVEN, "image/png", digits="all", include="pixels")
    assert status == 200
    told = [(each["label"], each["line"], each["after"], each.get("box"), each["pixels"][0]) for each in answer["predictions"]]
    assert told == [(0, 1, "point", [10, 10, 20, 30], 0), (2, 1, "", [50, 10, 20, 30], 2), (3, 2, "", None, 3)]
    assert answer["pictures"] == [{"width": 300, "height": 200, "unread": [[1, 2, 3, 4]]}]


def test_shows_the_model_each_way_to_cut_what_touches_in_one_call_and_answers_what_is_chosen() -> None:
    whole, left, right = (FoundInstance(bytes([label]) * 784, (10 * label, 0, 10, 10)) for label in (8, 1, 3))

    def choose(trust: Trust) -> Picture:
        assert [trust(each.instance) for each in (whole, left, right)] == [0.9] * 3
        return Picture(300, 200, [left, right], [(1, 2, 3, 4)])

    page = Picture(300, 200, [whole], others=[left.instance, right.instance], choose=choose)
    endpoint = FakeEndpoint()
    status, answer = send(DIGITS._replace(find_instances=lambda _: page), SEVEN, "image/png", endpoint, digits="all")
    assert (status, len(endpoint.asked), len(endpoint.instances)) == (200, 1, 3)
    assert [(each["label"], each["box"][0]) for each in answer["predictions"]] == [(1, 10), (3, 30)]
    assert answer["pictures"][0]["unread"] == [[1, 2, 3, 4]]


def test_refuses_a_page_without_digits_or_with_too_many() -> None:
    status, problem = send(seeing(unread=((1, 2, 3, 4), (5, 6, 7, 8))), SEVEN, "image/png", digits="all")
    assert (status, problem["type"]) == (422, "urn:inferstack:problem:blank-image")
    assert "2 marks" in problem["detail"]
    status, problem = send(seeing(*[FoundInstance(bytes(784), None)] * 1001), SEVEN, "image/png", digits="all")
    assert (status, "POST /jobs" in problem["advice"]) == (413, True)


def test_reads_every_digit_of_each_picture_of_a_form(ask: Any, endpoint: FakeEndpoint) -> None:
    parts = [("a.png", FOUR_TWO), ("b.json", json.dumps([[9] * 784] * 2).encode()), ("c.png", beside_each_other(1, 0, 3))]
    body = b"".join(b'--x\r\nContent-Disposition: form-data; name="a"; filename="%b"\r\n\r\n%b\r\n' % (n.encode(), c) for n, c in parts)
    status, answer = ask("POST", "/predictions", body + b"--x--", "multipart/form-data; boundary=x", query=ALL)
    told = [(each["name"], each.get("picture")) for each in answer["predictions"]]
    assert (status, told) == (200, [*[("a.png", 1)] * 2, *[("b.json", None)] * 2, *[("c.png", 2)] * 3])
    assert [each["name"] for each in answer["pictures"]] == ["a.png", "c.png"]
    assert endpoint.instances.count(bytes([9]) * 784) == 2


def test_takes_values_for_what_they_are(ask: Any, endpoint: FakeEndpoint) -> None:
    assert ask("POST", "/predictions", json.dumps([[9] * 784] * 2), "application/json", query=ALL)[1]["pictures"] == []
    assert endpoint.instances == [bytes([9]) * 784] * 2


@pytest.mark.parametrize("query", [None, ALL])
def test_reads_pictures_for_half_of_the_time_that_is_left(ask: Any, clock: FakeClock, query: dict[str, str] | None) -> None:
    def part(number: int) -> bytes:
        return b'--x\r\nContent-Disposition: form-data; name="a"; filename="%d"\r\n\r\n%b\r\n' % (number, SEVEN)

    clock.step_s = 5  # each look at it, also when the model is asked about a digit
    status, problem = ask("POST", "/predictions", b"".join(map(part, range(9))) + b"--x--", "multipart/form-data; boundary=x", query=query)
    assert (status, problem["type"]) == (413, "urn:inferstack:problem:too-large")
    assert any(f"field {number}" in problem["detail"] for number in (2, 3, 4))
    assert "POST /jobs" in problem["advice"]


@pytest.mark.parametrize("value", ["", "one", "ALL", "all,all"])
def test_knows_no_other_wish_for_digits(ask: Any, value: str) -> None:
    status, problem = ask("POST", "/predictions", SEVEN, "image/png", query={"digits": value})
    assert (status, problem["type"]) == (422, "urn:inferstack:problem:invalid-input")


def test_finds_no_digits_where_a_picture_holds_one_instance() -> None:
    assert send(DIGITS._replace(find_instances=None), SEVEN, "image/png", digits="all")[0] == 422
