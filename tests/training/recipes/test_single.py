"""One digit on squared paper, in a box or in pale pencil is one digit, and two digits never become one."""

import numpy as np
import pytest
from PIL import ImageDraw

from recipes.digits.segment import find_digits
from recipes.errors import BlankImage, InvalidInput
from recipes.recipe import Picture
from tests.digits import digit, on_page
from tests.pages import encoded
from tests.training.recipes.labels import read_labels
from training.artifact import OnnxModel
from training.drawings import paper

DIFFICULT = ("pale pencil", "in a box", "ruled paper", "squared paper")


def decide(picture: Picture, model: OnnxModel) -> Picture:
    """Return the picture as the model's answers to all of its instances decide it."""
    shown = picture.list_instances()
    trusts = model.judge(np.frombuffer(b"".join(shown), np.uint8).reshape(-1, 28, 28)).tolist()
    return picture.decide({each: {"trust": trust} for each, trust in zip(shown, trusts, strict=True)})


@pytest.mark.parametrize("kind", DIFFICULT)
def test_one_digit_on_difficult_paper_is_one(kind: str, model: OnnxModel) -> None:
    right = 0
    for label in range(10):
        picture = decide(find_digits(paper.draw(kind, label, np.asarray(digit(label)))), model)
        right += read_labels(picture, model) == [label]
    assert right >= 9


@pytest.mark.parametrize("kind", DIFFICULT)
def test_two_digits_on_difficult_paper_never_become_one(kind: str, model: OnnxModel) -> None:
    for seed in range(4):
        pair = np.concatenate([np.asarray(digit(label)) for label in (seed % 10, (seed + 4) % 10)], axis=1)
        try:
            picture = decide(find_digits(paper.draw(kind, seed, pair)), model)
        except InvalidInput:
            continue
        instances = np.frombuffer(b"".join(each.instance for each in picture.found), np.uint8).reshape(-1, 28, 28)
        assert len(picture.found) > 1 or model.judge(instances)[0] < 0.5


@pytest.mark.parametrize("trust", [0.99, 0.01])
@pytest.mark.parametrize("label", [2, 8])
def test_what_is_chosen_was_shown(label: int, trust: float) -> None:
    """The answers are known of what was shown: a digit on a line was cut otherwise when it was chosen than when it was shown."""
    page = on_page(digit(label))
    left, _, right, bottom = page.point([255 if level < 128 else 0 for level in range(256)]).getbbox() or (0, 0, 0, 0)
    ImageDraw.Draw(page).line((left - 25, bottom + 3, right + 25, bottom + 3), fill=0, width=6)
    picture = find_digits(encoded(page))
    shown = picture.list_instances()
    chosen = picture.decide({each: {"trust": trust} for each in shown})
    assert {each.instance for each in chosen.found} <= set(shown)


@pytest.mark.parametrize(("kind", "seed"), [("a gleam", 2), ("a gleam", 21), ("squared paper", 10), ("squared paper", 47)])
def test_empty_paper_is_no_digit(kind: str, seed: int) -> None:
    """The edges of a gleam and pieces of printed lines are taken for ones."""
    with pytest.raises(BlankImage):
        find_digits(paper.draw(kind, seed, None))
