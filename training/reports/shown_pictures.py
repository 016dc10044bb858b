"""Which pictures a report shows: the worst mistakes, answers of all classes, and pictures of no digit that the model is certain of."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from recipes.dataset import Array, Split
from training.artifact import OnnxModel
from training.trainers import Float32

WORST = 24
SHOWN = 24  # pictures of the split, right or wrong


def find_worst(probabilities: Float32, test: Split) -> list[dict[str, Any]]:
    """Return the mistakes with the highest confidence."""
    wrong = np.flatnonzero(probabilities.argmax(1) != test.targets)
    return _show(probabilities, test, wrong[np.argsort(-probabilities[wrong].max(1))][:WORST])


def find_certain(model: OnnxModel, least: float, others: Mapping[str, Array], trusts: Mapping[str, Float32]) -> list[dict[str, Any]]:
    """Return pictures of no digit that are certain: of each kind the one that the model trusts most, and what it takes it for.

    Args:    least: the trust of what is certain.
             others, trusts: by kind.
    """
    found = []
    for kind, trust in trusts.items():
        if len(trust) and trust.max() >= least:
            at = int(trust.argmax())
            label = int(model.predict(others[kind][at : at + 1]).argmax())
            found.append({"image": others[kind][at], "label": label, "predicted": label, "probability": float(trust[at])})
    return sorted(found, key=lambda each: -each["probability"])[:WORST]


def show_answers(probabilities: Float32, test: Split) -> list[dict[str, Any]]:
    """Return test pictures from all over the split with their answers, right or wrong: as many of each class as there is room for."""
    by_class = [np.flatnonzero(test.targets == label) for label in np.unique(test.targets)]
    each = -(-SHOWN // max(1, len(by_class)))
    chosen = [places[np.unique(np.linspace(0, len(places) - 1, each).astype(int))] for places in by_class]
    return _show(probabilities, test, np.concatenate(chosen)[:SHOWN] if chosen else [])


def _show(probabilities: Float32, test: Split, which: Any) -> list[dict[str, Any]]:
    predicted = probabilities.argmax(1)
    return [
        {
            "image": test.inputs[i],
            "label": int(test.targets[i]),
            "predicted": int(predicted[i]),
            "probability": float(probabilities[i].max()),
        }
        for i in which
    ]
