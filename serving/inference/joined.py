"""One inference for the instances of several requests. One that cannot be answered costs the others nothing."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

Instances = npt.NDArray[Any]  # of the manifest's dtype
Float32 = npt.NDArray[np.float32]
Predict = Callable[[Instances], Float32]


def predict_joined(predict: Predict, inputs: Sequence[Instances]) -> list[Float32 | Exception]:
    """Return the answers to each request's instances [N, …], or what went wrong, from one inference of all of them.

    Where that raises, each request has an inference of its own, so that only the one that is the cause fails.
    """
    if not inputs:
        return []
    try:
        answers = predict(inputs[0] if len(inputs) == 1 else np.concatenate(inputs))
    except Exception as error:  # noqa: BLE001  the runtime's exceptions have no base class of their own
        if len(inputs) == 1:
            return [error]
        return [answer for alone in inputs for answer in predict_joined(predict, [alone])]
    parts: list[Float32 | Exception] = []
    start = 0
    for instances in inputs:
        parts.append(answers[start : start + len(instances)])
        start += len(instances)
    return parts
