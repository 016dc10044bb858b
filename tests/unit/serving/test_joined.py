"""One inference for several requests."""

import numpy as np
import pytest

from serving.inference.joined import Float32, Instances, predict_joined


def test_gives_each_request_its_own_answers() -> None:
    sizes: list[int] = []

    def predict(instances: Instances) -> Float32:
        sizes.append(len(instances))
        return instances.astype(np.float32) * 2

    found = predict_joined(predict, [np.array([[1]]), np.array([[2], [3]]), np.array([[4]])])
    assert [np.asarray(each).tolist() for each in found] == [[[2.0]], [[4.0], [6.0]], [[8.0]]]
    assert sizes == [4]
    assert predict_joined(predict, []) == []


@pytest.mark.parametrize("count", [1, 3])
def test_fails_only_the_request_that_is_the_cause(count: int) -> None:
    def predict(instances: Instances) -> Float32:
        if 0 in instances:
            raise RuntimeError("no zeros")
        return instances.astype(np.float32)

    found = predict_joined(predict, [np.array([at]) for at in range(count)])
    assert [type(each) for each in found] == [RuntimeError, *[np.ndarray] * (count - 1)]
