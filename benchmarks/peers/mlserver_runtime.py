"""MLServer with adaptive batching and a pool of workers: https://mlserver.readthedocs.io/en/latest/user-guide/adaptive-batching.html."""

from mlserver import MLModel
from mlserver.codecs import NumpyCodec
from mlserver.types import InferenceRequest, InferenceResponse

from benchmarks.peers.model import load


class Model(MLModel):
    async def load(self) -> bool:
        self.engine = load()
        return True

    async def predict(self, payload: InferenceRequest) -> InferenceResponse:
        manifest = self.engine.manifest
        instances = NumpyCodec.decode_input(payload.inputs[0]).astype(manifest.input_dtype).reshape(-1, *manifest.input_shape)
        answers = self.engine.predict(instances).reshape(len(instances), -1)
        return InferenceResponse(model_name=self.name, outputs=[NumpyCodec.encode_output("answers", answers)])
