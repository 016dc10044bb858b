"""Boosted trees, on pixels as in SageMaker's XGBoost tutorial for MNIST, or on the features of hog_features.py."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np
import onnx
import xgboost
from onnx import GraphProto, TensorProto, helper, numpy_helper
from onnxmltools.convert import convert_xgboost
from onnxmltools.convert.common.data_types import FloatTensorType

from recipes.dataset import Split
from recipes.recipe import Recipe
from training.trainers import Float32, Hyperparameters, Progress, UInt8, hog_features, require_grey

DIVISOR = 256  # the tutorial's
CONVERTER_OPSET = 15


def fit(recipe: Recipe, train: Split, _: Split, hyperparameters: Hyperparameters, *, seed: int, progress: Progress) -> "FittedTrees":
    """Train boosted trees on pictures; on a table, `table_trainer` does.

    Args:    hyperparameters: rounds; features: pixels (the default) or hog; and other parameters of xgboost's train: max_depth, eta, gamma.
    """
    parameters = {key: value for key, value in hyperparameters.items() if key not in {"rounds", "features"}}
    features = FEATURES[str(hyperparameters.get("features", "pixels"))]
    if features is FEATURES["hog"]:
        require_grey(recipe, hog_features.SIDE, "features hog")
    rounds = int(hyperparameters["rounds"])
    booster = xgboost.train(
        {
            "objective": "multi:softprob",
            "num_class": len(recipe.labels),
            "tree_method": "hist",
            "nthread": os.cpu_count(),
            "seed": seed,
            **parameters,
        },
        xgboost.DMatrix(features.compute(train.inputs), train.targets),
        rounds,
        callbacks=[_ProgressCallback(rounds, progress)],
    )
    return FittedTrees(booster, features, recipe)


@dataclass(frozen=True, slots=True)
class Features:
    """The input of the trees, computed from a picture.

    Args:    compute: uint8 images [N, …] → float32 [N, features], as the graph gives them.
             build_graph: makes the ONNX graph from `pixels` of an instance's shape to its one output, float32 [N, features].
             opset: of the graph's operators.
    """

    compute: Callable[[UInt8], Float32]
    build_graph: Callable[[tuple[int, ...]], GraphProto]
    opset: int


class FittedTrees:
    """The trained trees."""

    def __init__(self, booster: xgboost.Booster, features: Features, recipe: Recipe) -> None:
        self._booster, self._features = booster, features
        self._shape, self._classes = recipe.instance_shape, len(recipe.labels)

    def predict(self, images: UInt8) -> Float32:
        """Return xgboost's own probabilities, [N, classes]."""
        result: Float32 = self._booster.inplace_predict(self._features.compute(images))
        return result

    def to_onnx(self) -> bytes:
        """Return the trees behind the graph of their features."""
        opset, graph = self._features.opset, self._features.build_graph(self._shape)
        seen = FloatTensorType([None, self._booster.num_features()])
        trees = convert_xgboost(self._booster, initial_types=[("x", seen)], target_opset=CONVERTER_OPSET)
        nodes = [node for node in trees.graph.node if node.op_type == "TreeEnsembleClassifier"]
        if len(nodes) != 1:
            raise ValueError(f"the converter made {[node.op_type for node in trees.graph.node]}; expected one TreeEnsembleClassifier")
        classifier = nodes[0]
        classifier.input[0] = graph.output[0].name
        classifier.output[0], classifier.output[1] = "label", "probabilities"
        graph.node.append(classifier)
        del graph.output[:]
        graph.output.append(helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["N", self._classes]))
        opsets = [helper.make_opsetid("", opset), *trees.opset_import]
        model = helper.make_model(graph, opset_imports=opsets, ir_version=trees.ir_version)
        onnx.checker.check_model(model)
        content: bytes = model.SerializeToString()
        return content


class _ProgressCallback(xgboost.callback.TrainingCallback):
    def __init__(self, rounds: int, progress: Progress) -> None:
        super().__init__()
        self._rounds, self._progress = rounds, progress

    def after_iteration(self, model: Any, epoch: int, evals_log: Any) -> bool:  # noqa: ARG002 - xgboost's signature
        self._progress(epoch + 1, self._rounds, f"round {epoch + 1}")
        return False


def _scale(images: UInt8) -> Float32:
    scaled: Float32 = images.reshape(len(images), -1).astype(np.float32) / np.float32(DIVISOR)
    return scaled


def _build_scaling_graph(shape: tuple[int, ...]) -> GraphProto:
    return helper.make_graph(
        [
            helper.make_node("Cast", ["pixels"], ["float"], to=TensorProto.FLOAT),
            helper.make_node("Reshape", ["float", "flat"], ["rows"]),
            helper.make_node("Div", ["rows", "divisor"], ["scaled"]),
        ],
        "pictures",
        [helper.make_tensor_value_info("pixels", TensorProto.UINT8, ["N", *shape])],
        [helper.make_tensor_value_info("scaled", TensorProto.FLOAT, ["N", prod(shape)])],
        [
            numpy_helper.from_array(np.array([-1, prod(shape)], np.int64), "flat"),
            numpy_helper.from_array(np.array(DIVISOR, np.float32), "divisor"),
        ],
    )


FEATURES = {
    "pixels": Features(_scale, _build_scaling_graph, 15),
    "hog": Features(hog_features.compute_features, lambda _: hog_features.build_graph(), hog_features.OPSET),
}
