"""A model on disk: a folder with model.onnx and manifest.json.

Standard library only, so that code that builds or moves archives can import it.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import fields as dataclass_fields
from pathlib import Path
from typing import Any, get_args

from recipes.errors import InvalidArtifact
from recipes.instances import ITEM_BYTES, DType
from recipes.models.model_files import MANIFEST_FILE, MODEL_FILE
from recipes.recipe import Kind, Recipe
from recipes.thresholds import Thresholds

SCHEMA = 1
LONGEST_SHOWN = 120
OF_ANOTHER_RECIPE = "Name the model's recipe (`-c recipe=NAME` with up, synth and cdk deploy), or the folder of a model of this one."
OF_A_CHANGED_RECIPE = "Train the model again if the recipe was changed, or name the folder of a model of this recipe."
OTHER_LABELS = (
    "If the output's columns stand for the recipe's labels in this order, write them so, numbers without quotes; "
    "else train the model again, or name the folder of one of this recipe."
)


@dataclass(frozen=True, slots=True)
class Manifest:
    """A model's description of itself.

    Args:    recipe: the recipe whose pictures it takes, e.g. digits.
             name, version: as in every answer.
             kind: classification or regression.
             labels: a classification's classes in the order of the output's columns; a regression has none.
             input_name: the graph's input, of input_dtype [N, *input_shape].
             output_name: the graph's output: float32 [N, len(labels)], or a value an instance, float32 [N] or [N, 1].
             trust: what its second output, `trust` float32 [N], is compared with; None for a model without one.
             sha256: of model.onnx.
             text: manifest.json unchanged, for callers that request it.
    """

    recipe: str
    name: str
    version: str
    kind: Kind
    labels: tuple[int | str, ...]
    input_name: str
    input_dtype: DType
    input_shape: tuple[int, ...]
    output_name: str
    trust: Thresholds | None
    sha256: str
    text: bytes

    @property
    def instance_size(self) -> int:
        """Values in one instance."""
        size = 1
        for length in self.input_shape:
            size *= length
        return size

    @property
    def instance_bytes(self) -> int:
        """Bytes of one instance."""
        return self.instance_size * ITEM_BYTES[self.input_dtype]


@dataclass(frozen=True, slots=True)
class Artifact:
    """A manifest and the model it describes, digest checked."""

    manifest: Manifest
    model: bytes


def parse_manifest(text: bytes) -> Manifest:
    """Return the manifest in the text; raise InvalidArtifact naming the field that is missing or wrong."""
    try:
        fields = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _refuse(f" is not JSON: {error}") from error
    if not isinstance(fields, dict):
        raise _refuse(f" holds {type(fields).__name__}; expected an object")
    if fields.get("schema") != SCHEMA:
        raise _refuse(f" has schema {fields.get('schema')!r}; this server reads {SCHEMA}")
    into, out = _get(fields, "input", dict), _get(fields, "output", dict)
    labels, shape = _get(fields, "labels", list), _get(into, "shape", list, "input.")
    dtype, kind = into.get("dtype"), out.get("kind")
    if dtype not in ITEM_BYTES:
        raise _refuse(f": input.dtype is {dtype!r}; this server feeds {' or '.join(ITEM_BYTES)}")
    if kind not in get_args(Kind):
        raise _refuse(f": output.kind is {kind!r}; this server answers {' or '.join(get_args(Kind))}")
    if kind == "regression" and labels:
        raise _refuse(f": labels is {labels!r}; a regression has none")
    if (kind == "classification" and not labels) or not all(
        isinstance(label, int | str) and not isinstance(label, bool) for label in labels
    ):
        raise _refuse(f": labels is {labels!r}; expected at least one number or name")
    if not shape or not all(type(length) is int and length > 0 for length in shape):
        raise _refuse(f": input.shape is {shape!r}; expected positive lengths")
    sha256 = _get(fields, "sha256", str)
    if not re.fullmatch(r"[0-9a-f]{64}", sha256):
        raise _refuse(f": sha256 is {sha256!r}; expected 64 hexadecimal digits in small letters")
    return Manifest(
        recipe=_get(fields, "recipe", str),
        name=_get(fields, "name", str),
        version=_get(fields, "version", str),
        kind=kind,
        labels=tuple(labels),
        input_name=_get(into, "name", str, "input."),
        input_dtype=dtype,
        input_shape=tuple(shape),
        output_name=_get(out, "name", str, "output."),
        trust=_parse_thresholds(out, kind),
        sha256=sha256,
        text=text,
    )


def _parse_thresholds(out: Mapping[str, Any], kind: Kind) -> Thresholds | None:
    if "trust" not in out:
        return None
    given: Any = out["trust"]
    names = [field.name for field in dataclass_fields(Thresholds)]
    if kind != "classification" or not isinstance(given, dict) or not all(_is_share(given.get(name)) for name in names):
        raise _refuse(f": output.trust is {given!r}; expected a classification's {' and '.join(names)}, from 0 to 1")
    thresholds = Thresholds(*(float(given[name]) for name in names))
    if thresholds.digit > thresholds.certain:
        raise _refuse(f": output.trust is {given!r}; expected certain to be at least digit")
    return thresholds


def _refuse(wrong: str) -> InvalidArtifact:
    return InvalidArtifact(f"{MANIFEST_FILE}{wrong}", advice="docs/your-own-model.md has a whole manifest.")


def _is_share(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1


def _get(fields: Mapping[str, Any], name: str, kind: type, prefix: str = "") -> Any:
    if name not in fields:
        raise _refuse(f" has no {prefix}{name}")
    if not isinstance(fields[name], kind):
        raise _refuse(f": {prefix}{name} is {fields[name]!r}; expected {kind.__name__}")
    return fields[name]


def load(model_dir: Path, manifest_sha256: str = "") -> Artifact:
    """Return the model in the folder.

    Args:    manifest_sha256: of the manifest that was registered; empty takes any.
    Raises:  InvalidArtifact: a file is missing, the manifest is not the registered one, or the model is not the one it describes.
    """
    text = _read(model_dir / MANIFEST_FILE)
    if manifest_sha256 and (found := hashlib.sha256(text).hexdigest()) != manifest_sha256:
        raise InvalidArtifact(
            f"{MANIFEST_FILE} has sha256 {found}; this version was registered with {manifest_sha256}",
            advice="The archive was replaced after it was registered: register it as another version, or restore the object as it was.",
        )
    manifest = parse_manifest(text)
    model = _read(model_dir / MODEL_FILE)
    digest = hashlib.sha256(model).hexdigest()
    if digest != manifest.sha256:
        raise InvalidArtifact(
            f"{MODEL_FILE} has sha256 {digest}; {MANIFEST_FILE} says {manifest.sha256}",
            advice="The file was damaged or replaced: pack the model again from its folder.",
        )
    return Artifact(manifest, model)


def check_recipe(manifest: Manifest, recipe: Recipe) -> None:
    """Raise InvalidArtifact if a model is not of a recipe, or of the recipe as it was with other columns or labels."""
    wanted: dict[str, tuple[object, object]] = {
        "recipe": (manifest.recipe, recipe.name),
        "output.kind": (manifest.kind, recipe.kind),
        "labels": (list(manifest.labels), list(recipe.labels)),
        "input.dtype": (manifest.input_dtype, recipe.dtype),
        "input.shape": (list(manifest.input_shape), list(recipe.instance_shape)),
    }
    for name, (found, expected) in wanted.items():
        if found != expected:
            raise InvalidArtifact(
                f"{MANIFEST_FILE}: {name} is {_show(found)}; the recipe {recipe.name} has {_show(expected)}",
                advice={"recipe": OF_ANOTHER_RECIPE, "labels": OTHER_LABELS}.get(name, OF_A_CHANGED_RECIPE),
            )


def _show(value: object) -> str:
    text = repr(value)
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}…"


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InvalidArtifact(
            f"{path} cannot be read: {error.strerror}",
            advice=f"A model is {MODEL_FILE} and {MANIFEST_FILE}, as `inferstack train` writes them or docs/your-own-model.md makes them.",
        ) from error
