"""The features say what a digit looks like, not where it is, how bright it is or how far it leans."""

import numpy as np
import onnx
import pytest
from onnx import helper

from recipes.dataset import Dataset
from training.trainers import Float32, UInt8, hog_features

INK = slice(-14 * 14, None)


@pytest.fixture(scope="module")
def digits(mnist: Dataset) -> UInt8:
    return mnist.test.inputs[:20]


def apart(one: Float32, other: Float32) -> float:
    """How far two pictures' features are apart, where another digit's are 1."""
    between_digits = np.abs(one - np.roll(one, 1, 0)).mean()
    return float(np.abs(one - other).mean() / between_digits)


def pixels(digits: UInt8) -> Float32:
    return digits.reshape(len(digits), -1).astype(np.float32)


def test_the_graph_has_only_standard_operators_and_its_shapes_are_known(digits: UInt8) -> None:
    model = helper.make_model(hog_features.build_graph(), opset_imports=[helper.make_opsetid("", hog_features.OPSET)], ir_version=8)
    onnx.checker.check_model(model, full_check=True)
    assert {node.domain for node in model.graph.node} == {""}
    assert hog_features.OPSET <= 20
    assert hog_features.compute_features(digits).shape == (len(digits), hog_features.FEATURES)


def test_whole_numbers_so_that_a_last_digit_changes_no_answer(digits: UInt8) -> None:
    seen = hog_features.compute_features(digits)
    assert np.array_equal(seen, np.round(seen))
    alone = np.concatenate([hog_features.compute_features(digit[None]) for digit in digits])
    assert np.array_equal(seen, alone)


def test_contrast_is_not_seen(digits: UInt8) -> None:
    full, half = digits // 2 * 2, digits // 2
    assert np.abs(hog_features.compute_features(full) - hog_features.compute_features(half)).max() <= 1


@pytest.mark.parametrize("by", [(1, 0), (0, -1), (2, 1)])
def test_place_is_not_seen(digits: UInt8, by: tuple[int, int]) -> None:
    padded = np.pad(digits[:, 3:-3, 3:-3], ((0, 0), (3, 3), (3, 3)))  # so that nothing wraps around the border
    moved = np.roll(padded, by, (1, 2))
    assert np.abs(hog_features.compute_features(padded) - hog_features.compute_features(moved)).max() <= 1


def test_slant_is_hardly_seen(digits: UInt8) -> None:
    italic = np.stack([np.stack([np.roll(row, (14 - y) // 3) for y, row in enumerate(digit)]) for digit in digits])
    one, other = hog_features.compute_features(digits), hog_features.compute_features(italic)
    assert apart(one, other) < 0.15
    assert apart(pixels(digits), pixels(italic)) > 0.45


def test_an_edge_is_counted_for_the_direction_it_faces() -> None:
    picture = np.zeros((1, 28, 28), np.uint8)
    picture[:, 4:24, 8:20] = 255
    directions = hog_features.compute_features(picture)[0, : 8 * 7 * 7].reshape(8, 49).sum(1)
    right, down, left, up = directions[::2]
    assert right == left > down == up > 10 * directions[1::2].max()


@pytest.mark.parametrize("level", [0, 1, 255])
def test_a_blank_picture_has_features_too(level: int) -> None:
    seen = hog_features.compute_features(np.full((2, 28, 28), level, np.uint8))
    assert np.isfinite(seen).all()
    assert np.array_equal(seen[:, INK].max(1), [256 * (level > 0)] * 2)


def test_a_thin_dash_is_not_torn_apart() -> None:
    dash = np.zeros((1, 28, 28), np.uint8)
    dash[0, 14, 6:22] = 255
    assert hog_features.compute_features(dash)[0, INK].sum() == pytest.approx(16 * 256 / 4, rel=0.1)
