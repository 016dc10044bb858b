"""BentoML with adaptive batching: https://docs.bentoml.com/en/latest/get-started/adaptive-batching.html."""

import os

import bentoml
import numpy as np

from benchmarks.peers.model import load


@bentoml.service(workers=int(os.environ["WORKERS"]), traffic={"timeout": 60})
class Model:
    def __init__(self) -> None:
        self.engine = load()

    @bentoml.api(route="/invocations", batchable=True, max_batch_size=64)
    def invoke(self, instances: np.ndarray) -> np.ndarray:
        manifest = self.engine.manifest
        rows = np.asarray(instances, manifest.input_dtype).reshape(-1, *manifest.input_shape)
        return self.engine.predict(rows).reshape(len(rows), -1)
