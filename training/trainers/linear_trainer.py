"""SageMaker's linear learner, as far as a line needs it: many models trained at once on scaled rows, the best on the validation split kept.

The models differ in optimizer, learning rate, weight decay and L1, and are trained side by side as the rows of one matrix.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle, islice, product

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper

from recipes.dataset import Array, Split
from recipes.recipe import Recipe
from training.trainers import Float32, Hyperparameters, Progress

OPSET, IR_VERSION = 17, 8
OPTIMIZERS, RATES, DECAYS, L1S = ("adam", "sgd"), (0.003, 0.01, 0.03, 0.1), (0.0, 1e-4), (0.0, 1e-4)
BETA1, BETA2, EPSILON = 0.9, 0.999, 1e-8
REPORT_EVERY = 100  # epochs
Setting = tuple[str, float, float, float]  # optimizer, learning rate, weight decay, L1
Float64 = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Scale:
    """What makes columns of mean 0 and deviation 1."""

    mean: Float64
    deviation: Float64

    @classmethod
    def measure(cls, rows: Array) -> "Scale":
        """Return the rows' scale; a column that never changes keeps its size."""
        deviation = rows.std(0, dtype=np.float64)
        return cls(rows.mean(0, dtype=np.float64), np.where(deviation > 0, deviation, 1.0))

    def __call__(self, rows: Array) -> Float64:
        """Return the rows scaled."""
        scaled: Float64 = (rows - self.mean) / self.deviation
        return scaled


def fit(_: Recipe, train: Split, validation: Split, hyperparameters: Hyperparameters, *, seed: int, progress: Progress) -> "FittedLine":
    """Train linear models with absolute loss, on the whole split at each step, and return the best.

    Args:    hyperparameters: as the linear learner calls them: num_models; epochs, a step each; loss, "absolute_loss".
             seed: of the weights they begin with.
    """
    if hyperparameters["loss"] != "absolute_loss":
        raise ValueError(f"loss is {hyperparameters['loss']!r}; expected 'absolute_loss'")
    scale, target = Scale.measure(train.inputs), Scale.measure(train.targets[:, np.newaxis])

    def scale_split(split: Split) -> tuple[Float64, Float64]:
        return scale(split.inputs), target(split.targets[:, np.newaxis])[:, 0]

    rows, targets = scale_split(train)
    epochs = int(hyperparameters["epochs"])
    settings = list(islice(cycle(product(OPTIMIZERS, RATES, DECAYS, L1S)), int(hyperparameters["num_models"])))
    weights = np.random.default_rng(seed).normal(0, 0.1, (len(settings), rows.shape[1] + 1))
    for epoch, weights in enumerate(_train_epochs(weights, settings, rows, targets, epochs), 1):  # noqa: B020 - the first weights are the argument, the later ones the result
        if epoch % REPORT_EVERY == 0 or epoch == epochs:
            progress(epoch, epochs, f"loss {_compute_losses(weights, rows, targets).min():.4f}")
    best = int(_compute_losses(weights, *scale_split(validation)).argmin())
    return FittedLine(weights[best], scale, target)


def _compute_losses(weights: Float64, rows: Float64, targets: Float64) -> Float64:
    """Return each model's mean absolute error, [models]; the last weight is the bias."""
    losses: Float64 = np.abs(weights[:, :-1] @ rows.T + weights[:, -1:] - targets).mean(1)
    return losses


def _train_epochs(weights: Float64, settings: Sequence[Setting], rows: Float64, targets: Float64, epochs: int) -> Iterator[Float64]:
    """Yield the weights [models, features + 1] after each epoch; the rates fall to nothing along a cosine."""
    adam = np.array([[optimizer == "adam"] for optimizer, *_ in settings])
    rate, decay, l1 = (np.array([[float(setting[place])] for setting in settings]) for place in (1, 2, 3))
    with_bias = np.hstack([rows, np.ones((len(rows), 1))])
    penalised = np.append(np.ones(rows.shape[1]), 0.0)  # the bias is free
    mean, square = np.zeros_like(weights), np.zeros_like(weights)
    for epoch in range(1, epochs + 1):
        signs = np.sign(weights @ with_bias.T - targets)
        gradient = signs @ with_bias / len(rows) + penalised * (decay * weights + l1 * np.sign(weights))
        mean = BETA1 * mean + (1 - BETA1) * gradient
        square = BETA2 * square + (1 - BETA2) * gradient**2
        step = (mean / (1 - BETA1**epoch)) / (np.sqrt(square / (1 - BETA2**epoch)) + EPSILON)
        falling = rate * (1 + np.cos(np.pi * epoch / epochs)) / 2
        weights = weights - falling * np.where(adam, step, gradient)
        yield weights


class FittedLine:
    """The best model.

    Args:    weights: of the scaled features, and the bias.
             scale, target: what the rows and the targets were scaled by.
    """

    def __init__(self, weights: Float64, scale: Scale, target: Scale) -> None:
        self._weights, self._scale, self._target = weights, scale, target

    def predict(self, instances: Array, /) -> Float32:
        """Return the values [N] of instances [N, features]."""
        scaled = self._scale(instances) @ self._weights[:-1] + self._weights[-1]
        values: Float32 = (scaled * self._target.deviation + self._target.mean).astype(np.float32)
        return values

    def to_onnx(self) -> bytes:
        """Return (features - mean) / deviation · weights + bias, times the target's deviation, plus its mean."""
        constants = {
            "mean": self._scale.mean,
            "deviation": self._scale.deviation,
            "weights": self._weights[:-1, np.newaxis],  # a column: a vector's product takes no batch of none
            "bias": self._weights[-1],
            "target_deviation": self._target.deviation[0],
            "target_mean": self._target.mean[0],
        }
        graph = helper.make_graph(
            [
                helper.make_node("Sub", ["features", "mean"], ["centred"]),
                helper.make_node("Div", ["centred", "deviation"], ["scaled"]),
                helper.make_node("MatMul", ["scaled", "weights"], ["product"]),
                helper.make_node("Squeeze", ["product", "column"], ["weighted"]),
                helper.make_node("Add", ["weighted", "bias"], ["answer"]),
                helper.make_node("Mul", ["answer", "target_deviation"], ["spread"]),
                helper.make_node("Add", ["spread", "target_mean"], ["values"]),
            ],
            "linear",
            [helper.make_tensor_value_info("features", TensorProto.FLOAT, ["N", len(self._weights) - 1])],
            [helper.make_tensor_value_info("values", TensorProto.FLOAT, ["N"])],
            [
                numpy_helper.from_array(np.array([1], np.int64), "column"),
                *(numpy_helper.from_array(np.asarray(value, np.float32), name) for name, value in constants.items()),
            ],
        )
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION)
        onnx.checker.check_model(model, full_check=True)
        content: bytes = model.SerializeToString()
        return content
