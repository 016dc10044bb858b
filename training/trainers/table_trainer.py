"""Models of tables by scikit-learn and xgboost, each behind the same encoding: a column for each value of a category, and the numbers.

The encoding is part of what is fitted and of the graph. A category that is not known is none of its values: zeros in all their columns.
"""

import os
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from onnxmltools.convert.xgboost.operator_converters.XGBoost import convert_xgboost
from skl2onnx import convert_sklearn, update_registered_converter
from skl2onnx.common.data_types import FloatTensorType
from skl2onnx.common.shape_calculator import calculate_linear_classifier_output_shapes, calculate_linear_regressor_output_shapes
from skl2onnx.helpers.onnx_helper import select_model_inputs_outputs
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.svm import SVC, SVR
from xgboost import XGBClassifier, XGBRegressor

from recipes.columns import Category
from recipes.dataset import Array, Split
from recipes.recipe import Recipe
from training.trainers import Float32, Hyperparameters, Progress

TREES = {"random_forest", "boosted_trees"}
OPSETS = {"": 17, "ai.onnx.ml": 3}


@dataclass(frozen=True, slots=True)
class Estimator:
    """What a kind of model is made by, from its hyperparameters and the seed."""

    classify: Callable[..., Any]
    regress: Callable[..., Any]


def build_support_vectors(*, random_state: int, **settings: Any) -> Any:
    """Return support vectors with probabilities: their distances are no such, and are calibrated on parts that they were not fitted on."""
    return CalibratedClassifierCV(SVC(random_state=random_state, **settings), ensemble=False)


ESTIMATORS: Mapping[str, Estimator] = {
    "linear": Estimator(
        lambda **settings: LogisticRegression(max_iter=1000, **settings),
        lambda random_state, **settings: LinearRegression(**settings),  # noqa: ARG005 - nothing of it is random
    ),
    "random_forest": Estimator(
        lambda **settings: RandomForestClassifier(n_jobs=os.cpu_count(), **settings),
        lambda **settings: RandomForestRegressor(n_jobs=os.cpu_count(), **settings),
    ),
    "support_vectors": Estimator(build_support_vectors, lambda random_state, **settings: SVR(**settings)),  # noqa: ARG005 - as above
    "boosted_trees": Estimator(  # on one thread: on several, sums have another order in each process, and the trees other last digits
        lambda **settings: XGBClassifier(nthread=1, tree_method="hist", **settings),
        lambda **settings: XGBRegressor(nthread=1, tree_method="hist", **settings),
    ),
}


def fit(recipe: Recipe, train: Split, _: Split, hyperparameters: Hyperparameters, *, seed: int, progress: Progress) -> "FittedTable":
    """Fit the recipe's classifier or regression; a class that is seldom weighs as much as one that is not.

    Args:    hyperparameters: model, a name in ESTIMATORS; and what its estimator takes.
    """
    settings = {name: value for name, value in hyperparameters.items() if name != "model"}
    estimator = ESTIMATORS[str(hyperparameters["model"])]
    model = (estimator.classify if recipe.labels else estimator.regress)(random_state=seed, **settings)
    pipeline = make_pipeline(build_encoding(recipe, is_scaled=hyperparameters["model"] not in TREES), model)
    targets = train.targets.astype(np.int64) if recipe.labels else train.targets
    weights = {f"{pipeline.steps[-1][0]}__sample_weight": weigh(targets)} if recipe.labels else {}
    pipeline.fit(train.inputs, targets, **weights)
    progress(1, 1, "fitted")
    return FittedTable(pipeline, recipe)


def weigh(classes: Array) -> Float32:
    """Return a weight for each row, with which each class weighs as much as any other."""
    counts = np.bincount(classes)
    weights: Float32 = (len(classes) / (np.count_nonzero(counts) * counts[classes])).astype(np.float32)
    return weights


def build_encoding(recipe: Recipe, *, is_scaled: bool) -> ColumnTransformer:
    """Return what makes an instance's numbers and codes into columns of numbers, the categories' first.

    Args:    is_scaled: trees need no scale, and split where values of the data are: a last digit that differs must not change sides.
    """
    places = {True: list[int](), False: list[int]()}
    for at, column in enumerate(recipe.features):
        places[isinstance(column, Category)].append(at)
    known = [np.arange(len(category.values), dtype=np.float32) for category in recipe.categories]
    parts: list[tuple[str, Any, list[int]]] = []
    if known:
        encoder = OneHotEncoder(categories=known, handle_unknown="ignore", sparse_output=False, dtype=np.float32)
        parts.append(("categories", encoder, places[True]))
    if places[False]:
        parts.append(("numbers", StandardScaler() if is_scaled else "passthrough", places[False]))
    return ColumnTransformer(parts)


def name_columns(recipe: Recipe) -> list[str]:
    """Return what each column of the encoding is of, in its order."""
    categories = [f"{category.name}: {value or 'empty'}" for category in recipe.categories for value in category.values]
    return categories + [column.name for column in recipe.features if not isinstance(column, Category)]


class FittedTable:
    """A fitted model with its encoding."""

    def __init__(self, pipeline: Pipeline, recipe: Recipe) -> None:
        self._pipeline, self._recipe = pipeline, recipe

    @property
    def weights(self) -> dict[str, float]:
        """What each column of the encoding adds to the log-odds of the last of two classes, or to the value; of a linear model alone."""
        coefficients = np.ravel(getattr(self._pipeline[-1], "coef_", ()))
        names = name_columns(self._recipe)
        return dict(zip(names, map(float, coefficients), strict=True)) if len(coefficients) == len(names) else {}

    def predict(self, instances: Array, /) -> Float32:
        """Return the libraries' own probabilities [N, classes], or values [N]."""
        answer = self._pipeline.predict_proba(instances) if self._recipe.labels else self._pipeline.predict(instances)
        answers: Float32 = np.asarray(answer, np.float32)
        return answers

    def to_onnx(self) -> bytes:
        """Return encoding and model as one graph."""
        _register_xgboost()
        into = [("features", FloatTensorType([None, len(self._recipe.features)]))]
        options = {"zipmap": False} if self._recipe.labels else None
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Attribute `prob[AB]_`", FutureWarning)  # skl2onnx asks for what scikit-learn gives up
            model = convert_sklearn(self._pipeline, self._recipe.name, into, options=options, target_opset=OPSETS)
        if self._recipe.labels:
            model = select_model_inputs_outputs(model, outputs=["probabilities"])  # the label's nodes take no batch of none
            _describe_output(model.graph, "probabilities", ["N", len(self._recipe.labels)])
        else:
            _flatten(model.graph)
        opsets = sorted(model.opset_import, key=lambda opset: opset.domain)  # which come in the order of a set: another in each process
        del model.opset_import[:]
        model.opset_import.extend(opsets)
        onnx.checker.check_model(model)
        content: bytes = model.SerializeToString(deterministic=True)
        return content


def _flatten(graph: onnx.GraphProto) -> None:
    """Make values [N] of a regression's [N, 1]."""
    graph.initializer.append(numpy_helper.from_array(np.array([-1], np.int64), "all"))
    graph.node.append(helper.make_node("Reshape", [graph.output[0].name, "all"], ["values"]))
    _describe_output(graph, "values", ["N"])


def _describe_output(graph: onnx.GraphProto, name: str, shape: list[str | int]) -> None:
    del graph.output[:], graph.value_info[:]
    graph.output.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, shape))


def _register_xgboost() -> None:
    options = {"nocl": [True, False], "zipmap": [True, False, "columns"]}
    classes, values = calculate_linear_classifier_output_shapes, calculate_linear_regressor_output_shapes
    update_registered_converter(XGBClassifier, "XGBClassifier", classes, convert_xgboost, options=options)
    update_registered_converter(XGBRegressor, "XGBRegressor", values, convert_xgboost)
