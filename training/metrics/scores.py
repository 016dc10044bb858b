"""The figures of any classifier: how often it is right, of which class, and how sure it is beside that."""

from typing import Any

import numpy as np

from training.trainers import Float32, UInt8

CALIBRATION_BINS = 10
TOP = (2, 3, 5)


def score_labels(probabilities: Float32, labels: UInt8) -> dict[str, Any]:
    """Return accuracy, recall by class, the confusion matrix (rows are the truth), and how far confidence is from accuracy.

    `top_accuracy` is how often the truth is among so many of the likeliest answers.
    """
    predicted = probabilities.argmax(1)
    classes = probabilities.shape[1]
    confusion = np.zeros((classes, classes), int)
    np.add.at(confusion, (labels, predicted), 1)
    seen = np.maximum(confusion.sum(1), 1)
    bins, error = calibrate(probabilities.max(1), predicted == labels)
    return {
        "accuracy": round(float((predicted == labels).mean()), 5),
        "top_accuracy": {str(count): _measure_top(probabilities, labels, count) for count in TOP if count < classes},
        "recall": [round(float(value), 5) for value in confusion.diagonal() / seen],
        "confusion_matrix": confusion.tolist(),
        "calibration": bins,
        "expected_calibration_error": round(error, 5),
    }


def _measure_top(probabilities: Float32, labels: UInt8, count: int) -> float:
    likelier = (probabilities > probabilities[np.arange(len(labels)), labels][:, None]).sum(1)
    return round(float((likelier < count).mean()), 5)


def calibrate(confidence: Float32, correct: Any) -> tuple[list[dict[str, float]], float]:
    """Return, for each tenth of confidence, its mean and the accuracy there, and their mean distance weighted by how many there are."""
    index = np.minimum((confidence * CALIBRATION_BINS).astype(int), CALIBRATION_BINS - 1)
    bins, error = [], 0.0
    for bin_ in np.unique(index):
        inside = index == bin_
        mean, accuracy = float(confidence[inside].mean()), float(correct[inside].mean())
        bins.append({"confidence": round(mean, 4), "accuracy": round(accuracy, 4), "count": int(inside.sum())})
        error += abs(mean - accuracy) * float(inside.mean())
    return bins, error
