"""A model folder: model.onnx and manifest.json, and the predictions that ONNX Runtime makes with it."""

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime

from recipes.dataset import Array
from recipes.errors import InvalidArtifact
from recipes.recipe import Recipe
from recipes.trust import TRUST
from training.trainers import Float32

CHUNK_BYTES = 1 << 20  # of instances that are predicted at a time: a graph needs many times as much for what it computes


class OnnxModel:
    """An ONNX graph of the contract, on the CPU.

    Args:    content: the bytes of model.onnx.
    """

    def __init__(self, content: bytes) -> None:
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
        self._input, outputs = self._session.get_inputs()[0].name, [output.name for output in self._session.get_outputs()]
        self._answers, self.has_trust = next(name for name in outputs if name != TRUST), TRUST in outputs
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
    """Return the folder's model and manifest; raise InvalidArtifact as `read_model`, and if it is a model of another recipe."""
    model, manifest = read_model(folder)
    if manifest.get("recipe") != recipe.name:
        raise InvalidArtifact(
            f"{folder} is a model of {manifest.get('recipe')!r}; expected {recipe.name!r}", advice="Name a model of this recipe."
        )
    return model, manifest


def read_model(folder: Path) -> tuple[OnnxModel, dict[str, Any]]:
    """Return the folder's model and manifest; raise InvalidArtifact if either is missing or the digest differs."""
    try:
        manifest: dict[str, Any] = json.loads((folder / "manifest.json").read_text())
        content = (folder / "model.onnx").read_bytes()
    except (OSError, ValueError) as error:
        raise InvalidArtifact(f"{folder} is not a model folder: {error}", advice="Name a folder that `inferstack train` wrote.") from error
    if not isinstance(manifest, dict):
        raise InvalidArtifact(f"{folder}/manifest.json is no JSON object", advice="Name a folder that `inferstack train` wrote.")
    sha256 = hashlib.sha256(content).hexdigest()
    if sha256 != manifest.get("sha256"):
        raise InvalidArtifact(f"{folder}/model.onnx has sha256 {sha256}; its manifest says {manifest.get('sha256')}")
    try:
        return OnnxModel(content), manifest
    except Exception as error:  # ONNX Runtime's exceptions have no base class of their own
        raise InvalidArtifact(f"{folder}/model.onnx cannot be loaded: {error}") from error


def write_json(path: Path, value: object) -> None:
    """Write a value as JSON that reads well in a diff: a line for each list of numbers."""
    path.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n")
