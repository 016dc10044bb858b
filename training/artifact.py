"""A model folder: model.onnx and manifest.json, and the predictions that ONNX Runtime makes with it."""

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime

from recipes.dataset import Array
from recipes.errors import InvalidArtifact
from recipes.models.artifact import Manifest, check_recipe, load
from recipes.models.signature import NO_OTHER_FILES, check_answers, check_company, check_signature, explain_load_failure, list_outputs
from recipes.recipe import Recipe
from recipes.trust import TRUST
from training.trainers import Float32

PROBES = (1, 2)  # of instances, all zero, as the server asks before it takes requests
CHUNK_BYTES = 1 << 20  # of instances that are predicted at a time: a graph needs many times as much for what it computes


class OnnxModel:
    """An ONNX graph of the contract, on the CPU.

    Args:    content: the bytes of model.onnx.
             manifest: what it says of itself; None of a graph that a trainer has just written, which has its answers first.
    Raises:  InvalidArtifact: the graph does not take and give what its manifest says, or its answers are not of their kind.
    """

    def __init__(self, content: bytes, manifest: Manifest | None = None) -> None:
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 4  # what fails is raised too, with the same words
        # Threads that spin while they wait take the cores from the processes that draw the next pictures.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.add_session_config_entry(*NO_OTHER_FILES)
        self._session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
        inputs, outputs = self._session.get_inputs(), self._session.get_outputs()
        if manifest:
            check_signature(inputs, outputs, manifest)
        names = list_outputs(manifest) if manifest else [each.name for each in outputs]
        self._input, self._answers = inputs[0].name, next(name for name in names if name != TRUST)
        self.has_trust = TRUST in names
        if manifest:

            def ask(instances: Array) -> Array:
                return np.column_stack(self._session.run(names, {self._input: instances}))

            for count in PROBES:
                check_answers(ask, count, manifest)
            check_company(ask, manifest)
        self.sha256 = hashlib.sha256(content).hexdigest()

    def predict(self, instances: Array) -> Float32:
        """Return the graph's answers for instances [N, …]: probabilities [N, classes], or values [N]."""
        return self._run(self._answers, instances)

    def judge(self, instances: Array) -> Float32:
        """Return how far each answer can be trusted [N]; of a graph that can tell."""
        return self._run(TRUST, instances)

    def _run(self, output: str, instances: Array) -> Float32:
        size = max(1, CHUNK_BYTES // max(1, instances[:1].nbytes))
        parts = [self._session.run([output], {self._input: instances[at : at + size]})[0] for at in range(0, max(1, len(instances)), size)]
        return np.concatenate(parts)


def read_model_of(recipe: Recipe, folder: Path) -> tuple[OnnxModel, dict[str, Any]]:
    """Return the folder's model and manifest; raise InvalidArtifact as `read_model`, and if the recipe cannot be answered with it."""
    check_recipe(load(folder).manifest, recipe)
    return read_model(folder)


def read_model(folder: Path) -> tuple[OnnxModel, dict[str, Any]]:
    """Return the folder's model and manifest; raise InvalidArtifact if one is missing, or the model is not as the manifest says."""
    found = load(folder)
    try:
        return OnnxModel(found.model, found.manifest), json.loads(found.manifest.text)
    except InvalidArtifact:
        raise
    except Exception as error:  # ONNX Runtime's exceptions have no base class of their own
        raise explain_load_failure(f"{folder}/model.onnx", onnxruntime.__version__, error) from error


def write_json(path: Path, value: object) -> None:
    """Write a value as JSON that reads well in a diff: a line for each list of numbers."""
    path.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n")
