"""The features of a digit for trees, as an ONNX graph: the directions of edges and the amount of ink in each place of the upright digit.

Training runs this graph to get its features, and the exported model begins with this graph: nothing is computed twice in two ways.
"""

import math
from functools import cache

import numpy as np
import onnx
import onnxruntime
from onnx import GraphProto, helper, numpy_helper, parser

from training.trainers import Float32, UInt8

SIDE, DIRECTIONS = 28, 8
FEATURES = DIRECTIONS * 7 * 7 + DIRECTIONS * 6 * 6 + 14 * 14
OPSET, IR_VERSION = 17, 8
LEVELS = 256  # of a cell full of edges or of ink
STEEPEST = 1.5  # pixels to the side a row; a dash alone has no measurable slant
CHUNK = 1000

# Rounding is the last step: trees split at values that their training data has, and a last digit that differs must not change sides.
GRAPH = """
features (uint8[N, 28, 28] pixels) => (float[N, features_count] features)
{
    # The brightest pixel is 1, whatever the contrast; a blank picture stays 0.
    grey = Cast <to = 1> (pixels)
    brightest = ReduceMax <axes = [1, 2]> (grey)
    some_ink = Max (brightest, one)
    ink = Div (grey, some_ink)

    # Centre of mass (x, y) and how far each row leans: shear = covariance(x, y) / variance(y).
    flat = Reshape (ink, as_row)
    sums = MatMul (flat, moments)
    mass, sums_of_means = Split <axis = 1> (sums, one_and_four)
    some_mass = Max (mass, tiny)
    means = Div (sums_of_means, some_mass)
    x, y, xy, yy = Split <axis = 1> (means)
    x_y = Mul (x, y)
    y_y = Mul (y, y)
    covariance = Sub (xy, x_y)
    spread = Sub (yy, y_y)
    variance = Add (spread, variance_of_a_pixel)
    leaning = Div (covariance, variance)
    shear = Clip (leaning, steepest_left, steepest_right)

    # Upright, with its centre of mass in the middle.
    affine = Concat <axis = 1> (shear, x, y)
    coordinates = Gemm (affine, moves, places)
    grid = Reshape (coordinates, as_grid)
    image = Reshape (ink, as_image)
    upright = GridSample <align_corners = 1> (image, grid)

    # An edge counts for the directions it is within 45 degrees of: relu(|g| (cos(angle) - cos(45°))).
    gradient = Conv <pads = [1, 1, 1, 1]> (upright, differences)
    strength = ReduceL2 <axes = [1]> (gradient)
    edges = Concat <axis = 1> (gradient, strength)
    directed = Conv (edges, lobes)
    directions = Relu (directed)

    # Summed in 7×7 cells, in the 6×6 cells between them, and the ink itself in 14×14.
    cells = AveragePool <kernel_shape = [4, 4], strides = [4, 4]> (directions)
    inner = Slice (directions, inner_from, inner_to, inner_axes)
    between = AveragePool <kernel_shape = [4, 4], strides = [4, 4]> (inner)
    pooled = AveragePool <kernel_shape = [2, 2], strides = [2, 2]> (upright)
    cells_row = Flatten (cells)
    between_row = Flatten (between)
    pooled_row = Flatten (pooled)
    row = Concat <axis = 1> (cells_row, between_row, pooled_row)
    scaled = Mul (row, levels)
    features = Round (scaled)
}
"""


def build_graph() -> GraphProto:
    """Return the graph: `pixels` uint8 [N, 28, 28] in, `features` float32 [N, 784] out, whole numbers."""
    lines = (line for line in GRAPH.splitlines() if not line.lstrip().startswith("#"))
    graph = parser.parse_graph("\n".join(lines).replace("features_count", str(FEATURES)))
    graph.initializer.extend(numpy_helper.from_array(value, name) for name, value in _build_constants().items())
    return graph


def compute_features(images: UInt8) -> Float32:
    """Return the features [N, FEATURES] of uint8 images [N, 28, 28], as ONNX Runtime computes them from the graph."""
    session = _open_session()
    parts = [session.run(["features"], {"pixels": images[at : at + CHUNK]})[0] for at in range(0, len(images), CHUNK)]
    return np.concatenate(parts)


@cache
def _open_session() -> onnxruntime.InferenceSession:
    model = helper.make_model(build_graph(), opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION)
    onnx.checker.check_model(model, full_check=True)
    return onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])


def _build_constants() -> dict[str, np.ndarray]:
    middle = (SIDE - 1) / 2
    y, x = np.mgrid[:SIDE, :SIDE].reshape(2, -1).astype(np.float32) - np.float32(middle)  # from the middle, in pixels
    nothing = np.zeros_like(x)
    # Where (x, y) of each pixel of the upright picture comes from, in GridSample's units: -1 and 1 are the outermost pixels' centres.
    moves = np.stack([np.stack([y, nothing], 1), np.stack([nothing + 1, nothing], 1), np.stack([nothing, nothing + 1], 1)])
    angles = np.arange(DIRECTIONS) * 2 * math.pi / DIRECTIONS
    within = math.cos(2 * math.pi / DIRECTIONS)
    lobes = np.stack([np.cos(angles), np.sin(angles), np.full(DIRECTIONS, -within)], 1) / (1 - within)
    difference = np.array([[0, 0, 0], [-1, 0, 1], [0, 0, 0]], np.float32)
    floats: dict[str, object] = {
        "one": 1,
        "tiny": 1e-6,
        "variance_of_a_pixel": 1 / 12,
        "steepest_left": -STEEPEST,
        "steepest_right": STEEPEST,
        "moments": np.stack([x * 0 + 1, x, y, x * y, y * y], 1),
        "moves": moves.reshape(3, -1) / middle,
        "places": np.stack([x, y], 1).reshape(-1) / middle,
        "differences": np.stack([difference, difference.T])[:, None],
        "lobes": lobes[:, :, None, None],
        "levels": LEVELS,
    }
    whole = {
        "as_row": [-1, SIDE * SIDE],
        "as_image": [-1, 1, SIDE, SIDE],
        "as_grid": [-1, SIDE, SIDE, 2],
        "one_and_four": [1, 4],
        "inner_from": [2, 2],
        "inner_to": [26, 26],
        "inner_axes": [2, 3],
    }
    return {name: np.asarray(value, np.float32) for name, value in floats.items()} | {
        name: np.asarray(value, np.int64) for name, value in whole.items()
    }
