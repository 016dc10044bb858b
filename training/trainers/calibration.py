"""What is set on the validation split once a model is fitted: the temperature of its probabilities, and the thresholds of its trust."""

from typing import Any

import numpy as np
import numpy.typing as npt

from training.trainers import Float32, UInt8

KEPT = 0.995  # of the validation split's digits are called digits
RIGHT = 0.999  # of the answers that are called certain are right
TAKEN_IN = 0.01  # of what is no digit may be called certain, at most
LEAST_SHARPNESS, MOST_SHARPNESS = 0.2, 5.0
Bools = npt.NDArray[np.bool_]


def fit_sharpness(logits: Float32, labels: UInt8) -> float:
    """Return what the logits are to be multiplied by for the probabilities to be as likely as they say: one over the temperature.

    Args:    logits: [N, classes].
    Source:  Guo et al., On Calibration of Modern Neural Networks, 2017: the value with the least log loss.
    """
    low, high = np.log(LEAST_SHARPNESS), np.log(MOST_SHARPNESS)
    for _ in range(60):  # the loss has one minimum: a third of the range is left out each time
        a, b = low + (high - low) / 3, high - (high - low) / 3
        if _measure_log_loss(logits * np.exp(a), labels) < _measure_log_loss(logits * np.exp(b), labels):
            high = b
        else:
            low = a
    return round(float(np.exp((low + high) / 2)), 4)


def choose_thresholds(trust: Float32, right: Bools, others: Float32) -> dict[str, float]:
    """Return the least trust of a digit, and the least of a certain answer.

    Args:    trust, right: of the validation split's digits, and whether each answer is right.
             others: trust of pictures that are no digits.
    """
    digit = float(np.quantile(trust, 1 - KEPT))
    order = np.argsort(-trust)
    shares = np.cumsum(right[order]) / np.arange(1, len(order) + 1)
    enough = np.flatnonzero(shares >= RIGHT)
    surest = float(trust[order][enough[-1]]) if len(enough) else 1.0
    certain = max(surest, float(np.quantile(others, 1 - TAKEN_IN)), digit)
    return {"certain": round(certain, 3), "digit": round(digit, 3)}


def measure_auroc(digits: Any, others: Any) -> float:
    """Return how often a digit has more trust than what is none: the area under the ROC curve."""
    values = np.concatenate([digits, others])
    _, places, counts = np.unique(values, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[places]  # equal values share their ranks
    over = ranks[: len(digits)].sum() - len(digits) * (len(digits) + 1) / 2
    return float(over / (len(digits) * len(others)))


def _measure_log_loss(logits: Float32, labels: UInt8) -> float:
    shifted = logits - logits.max(1, keepdims=True)
    return float((np.log(np.exp(shifted).sum(1)) - shifted[np.arange(len(labels)), labels]).mean())
