"""ONNX Runtime holding one model: instances in, float32 probabilities or values out. It knows no HTTP and no queue."""

import logging
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnxruntime

from recipes.errors import InvalidSettings
from recipes.models.artifact import Artifact
from recipes.models.signature import NO_OTHER_FILES, check_answers, check_company, check_signature, explain_load_failure, list_outputs
from serving.logs import fields
from serving.settings import Device

log = logging.getLogger(__name__)
Instances = npt.NDArray[Any]  # of the manifest's dtype
Float32 = npt.NDArray[np.float32]
CPU, CUDA = "CPUExecutionProvider", "CUDAExecutionProvider"
MAX_BATCH = 128
# Of the instances of one inference: what a network needs for them grows with their bytes. 128 photos of 224 × 224 would take 2 GB and 15 s.
BATCH_BYTES = {"cpu": 1_250_000, "cuda": 10_000_000}
WARM_UP_BATCHES = (1, 8, 64, MAX_BATCH)


def count_batch(instance_bytes: int, device: str) -> int:
    """Return how many instances one inference takes at most.

    Args:    device: cpu or cuda.
    """
    return max(1, min(MAX_BATCH, BATCH_BYTES[device] // instance_bytes))


def has_gpu() -> bool:
    """Return whether this runtime was built for CUDA and the machine has an NVIDIA device."""
    return CUDA in onnxruntime.get_available_providers() and Path("/dev/nvidiactl").exists()


class Engine:
    """A loaded model.

    Args:    artifact: the model and its manifest.
             device: cpu, cuda (or fail), or auto (the GPU if one works).
    Raises:  InvalidArtifact: ONNX Runtime cannot load the model, or its input or output is not what the manifest says.
             InvalidSettings: device is cuda and no CUDA device works.
    """

    def __init__(self, artifact: Artifact, device: Device) -> None:
        self.manifest = artifact.manifest
        self._session = self._open(artifact.model, device)
        self._outputs, self._input = list_outputs(self.manifest), self.manifest.input_name
        check_signature(self._session.get_inputs(), self._session.get_outputs(), self.manifest)

    @property
    def device(self) -> str:
        """Where inference runs: cpu or cuda."""
        return "cuda" if self._session.get_providers()[0] == CUDA else "cpu"

    @property
    def batch(self) -> int:
        """How many instances one inference takes at most."""
        return count_batch(self.manifest.instance_bytes, self.device)

    @property
    def joins_bodies(self) -> bool:
        """Whether large bodies are asked together: a GPU does a batch of photos in little more than the time of one, a core does not."""
        return self.device == "cuda"

    def predict(self, instances: Instances) -> Float32:
        """Return the probabilities [N, classes] of instances [N, *input_shape], or a regression's values [N] or [N, 1].

        A model with trust has it in one more column, the last: [N, classes + 1].
        """
        found: list[Float32] = self._session.run(self._outputs, {self._input: instances})
        return found[0] if len(found) == 1 else np.column_stack(found)

    def warm_up(self) -> None:
        """Run a few batch sizes, so that no caller waits for allocations.

        Raises:  InvalidArtifact: an answer is not of its kind, or depends on the instances beside it.
        """
        for batch in sorted({*(each for each in WARM_UP_BATCHES if each < self.batch), self.batch}):
            check_answers(self.predict, batch, self.manifest)
        if self.batch > 1:
            check_company(self.predict, self.manifest)

    def _open(self, model: bytes, device: Device) -> Any:
        wants_gpu = has_gpu() if device == "auto" else device == "cuda" and CUDA in onnxruntime.get_available_providers()
        if wants_gpu:
            onnxruntime.preload_dlls()  # CUDA's libraries are wheels beside this one, where the loader does not look
        options = onnxruntime.SessionOptions()
        # A process a core: more threads would take the core of the process beside it, and spinning would take this one from its own loop.
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.add_session_config_entry(*NO_OTHER_FILES)
        # A plan for each number of instances holds memory of its own: 10 MB of a worker with the CNN, for 3 % of a lone inference.
        options.enable_mem_pattern = False
        options.log_severity_level = 3
        try:
            session = onnxruntime.InferenceSession(model, options, providers=[CUDA, CPU] if wants_gpu else [CPU])
        except Exception as error:  # ONNX Runtime's exceptions have no base class of their own
            raise explain_load_failure("the model", onnxruntime.__version__, error) from error
        got_gpu = session.get_providers()[0] == CUDA
        if device == "cuda" and not got_gpu:
            raise InvalidSettings(
                "INFERSTACK_DEVICE is cuda, but ONNX Runtime has no CUDA device here",
                advice="Use the image built with DEVICE=cuda on a GPU instance, or set INFERSTACK_DEVICE=auto.",
            )
        chosen = "cuda" if got_gpu else "cpu"
        reason = f"INFERSTACK_DEVICE is {device}" if device != "auto" else ("a GPU was found" if got_gpu else "no usable GPU was found")
        log.info("inference runs on %s: %s", chosen, reason, extra=fields(device=chosen, onnxruntime=onnxruntime.__version__))
        return session
