"""LitServe with batching, and its queue for high throughput: https://lightning.ai/docs/litserve/features/batching."""

import os

import litserve
import numpy as np

from benchmarks.peers.model import load


class Model(litserve.LitAPI):
    def setup(self, device):  # noqa: ARG002  its signature
        self.engine = load()

    def decode_request(self, request):
        manifest = self.engine.manifest
        return np.array(request["instances"], manifest.input_dtype).reshape(-1, *manifest.input_shape)

    def batch(self, inputs):
        self.sizes = [len(each) for each in inputs]
        return np.concatenate(inputs)

    def predict(self, instances):
        return self.engine.predict(instances).reshape(len(instances), -1)

    def unbatch(self, output):
        return np.split(output, np.cumsum(self.sizes)[:-1])

    def encode_response(self, output):
        return {"predictions": output.tolist()}


if __name__ == "__main__":
    workers = int(os.environ["WORKERS"])
    api = Model(max_batch_size=64, batch_timeout=0.002, api_path="/invocations")
    server = litserve.LitServer(api, accelerator="cpu", workers_per_device=workers, fast_queue=True)
    server.run(host="127.0.0.1", port=int(os.environ["PORT"]), num_api_servers=workers, generate_client_file=False, log_level="error")
