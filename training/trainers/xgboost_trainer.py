"""Boosted trees with the settings of SageMaker's XGBoost tutorial for MNIST."""

import os
from typing import Any

import numpy as np
import onnx
import xgboost
from onnx import TensorProto, helper, numpy_helper
from onnxmltools.convert import convert_xgboost
from onnxmltools.convert.common.data_types import FloatTensorType

from recipes.dataset import Split
from training.trainers import Float32, Hyperparameters, Progress, UInt8

CLASSES = 10
DIVISOR = 256  # the tutorial's
OPSET = 15


def fit(train: Split, validation: Split, hyperparameters: Hyperparameters, *, seed: int, progress: Progress) -> "FittedTrees":
    """Train boosted trees.

    Args:    hyperparameters: rounds, and whatever else xgboost's train takes: max_depth, eta, gamma, min_child_weight.
    """
    parameters = {key: value for key, value in hyperparameters.items() if key != "rounds"}
    rounds = int(hyperparameters["rounds"])
    split = train + validation  # nothing is chosen here: the hyperparameters are given
    booster = xgboost.train(
        {"objective": "multi:softprob", "num_class": CLASSES, "tree_method": "hist", "nthread": os.cpu_count(), "seed": seed, **parameters},
        xgboost.DMatrix(_scaled(split.inputs), split.targets),
        rounds,
        callbacks=[_Report(rounds, progress)],
    )
    return FittedTrees(booster)


class FittedTrees:
    """The trained trees."""

    def __init__(self, booster: xgboost.Booster) -> None:
        self._booster = booster

    def predict(self, images: UInt8) -> Float32:
        """Return xgboost's own probabilities, [N, 10]."""
        result: Float32 = self._booster.inplace_predict(_scaled(images))
        return result

    def to_onnx(self) -> bytes:
        """Return the trees behind a cast, a reshape and the tutorial's division."""
        trees = convert_xgboost(self._booster, initial_types=[("x", FloatTensorType([None, 784]))], target_opset=OPSET)
        nodes = [node for node in trees.graph.node if node.op_type == "TreeEnsembleClassifier"]
        if len(nodes) != 1:
            raise ValueError(f"the converter made {[node.op_type for node in trees.graph.node]}; expected one TreeEnsembleClassifier")
        classifier = nodes[0]
        classifier.input[0] = "scaled"
        classifier.output[0], classifier.output[1] = "label", "probabilities"
        graph = helper.make_graph(
            [
                helper.make_node("Cast", ["pixels"], ["float"], to=TensorProto.FLOAT),
                helper.make_node("Reshape", ["float", "flat"], ["rows"]),
                helper.make_node("Div", ["rows", "divisor"], ["scaled"]),
                classifier,
            ],
            "digits",
            [helper.make_tensor_value_info("pixels", TensorProto.UINT8, ["N", 28, 28])],
            [helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["N", CLASSES])],
            [
                numpy_helper.from_array(np.array([-1, 784], np.int64), "flat"),
                numpy_helper.from_array(np.array(DIVISOR, np.float32), "divisor"),
            ],
        )
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET), *trees.opset_import], ir_version=trees.ir_version)
        onnx.checker.check_model(model)
        content: bytes = model.SerializeToString()
        return content


class _Report(xgboost.callback.TrainingCallback):
    def __init__(self, rounds: int, progress: Progress) -> None:
        super().__init__()
        self._rounds, self._progress = rounds, progress

    def after_iteration(self, model: Any, epoch: int, evals_log: Any) -> bool:  # noqa: ARG002 - xgboost's signature
        self._progress(epoch + 1, self._rounds, f"round {epoch + 1}")
        return False


def _scaled(images: UInt8) -> Float32:
    scaled: Float32 = images.reshape(len(images), -1).astype(np.float32) / np.float32(DIVISOR)
    return scaled
