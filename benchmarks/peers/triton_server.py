"""Triton as PyTriton brings it, for it is the one package with Triton's server for a CPU: https://triton-inference-server.github.io/pytriton/."""

import os
import sysconfig

import numpy as np
from pytriton.decorators import batch
from pytriton.model_config import DynamicBatcher, ModelConfig, Tensor
from pytriton.triton import Triton, TritonConfig

from benchmarks.peers.model import load

# Its server runs this Python, not the system's of the same version: what its page on installing says of pyenv.
os.environ["LD_LIBRARY_PATH"] = sysconfig.get_config_var("LIBDIR")
engine = load()
manifest = engine.manifest


@batch
def infer(instances):
    return [engine.predict(instances).reshape(len(instances), -1)]


port = int(os.environ["PORT"])
with Triton(config=TritonConfig(http_address="127.0.0.1", http_port=port, grpc_port=port + 1, metrics_port=port + 2)) as triton:
    triton.bind(
        model_name="model",
        infer_func=[infer] * int(os.environ["WORKERS"]),
        inputs=[Tensor(name="instances", dtype=np.dtype(manifest.input_dtype).type, shape=manifest.input_shape)],
        outputs=[Tensor(name="answers", dtype=np.float32, shape=(-1,))],
        config=ModelConfig(max_batch_size=64, batcher=DynamicBatcher()),
    )
    triton.serve()
