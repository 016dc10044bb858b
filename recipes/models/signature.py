"""What a graph takes and gives, as ONNX Runtime names it, beside what its manifest says. Apart from what loads a graph."""

from collections.abc import Callable, Sequence
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from recipes.errors import InvalidArtifact
from recipes.instances import DType
from recipes.models.artifact import Manifest
from recipes.trust import TRUST

OTHER_OPSET = "Look at it with onnx.checker.check_model, and export it with an opset that this ONNX Runtime has, such as 17."
ONE_FILE = 'Its weights are in another file: put them into this one, onnx.save(onnx.load("model.onnx"), "model.onnx"), or export it so.'
NO_ONNX = "It is no ONNX file, or a part of one: a checkpoint of PyTorch or a pickle is exported first, as docs/your-own-model.md says."
TENSORS: dict[DType, str] = {"uint8": "tensor(uint8)", "float32": "tensor(float)"}
ADVICE = (("external data", ONE_FILE), ("should be stored in", ONE_FILE), ("protobuf", NO_ONNX))  # by what ONNX Runtime says
# An entry of a session's configuration: where a graph's weights may be that are in files of their own. Without it ONNX Runtime looks below
# the working directory, so that a stranger's model could answer with any file there, and no digest would cover what it reads.
NO_OTHER_FILES = ("session.model_external_initializers_file_folder_path", "/dev/null")
PROBABILITY_ERROR = 1e-3  # by which a sum may differ from 1
HIGHEST: dict[DType, int] = {"uint8": 255, "float32": 1}  # values that every model takes: a table's category has the codes 0 and 1
# By which an answer may differ beside another instance: weights rounded to 8 bits while it runs differ by .002, a batch's own mean by .3.
COMPANY_ERROR = 0.02
Answer = Callable[[npt.NDArray[Any]], npt.NDArray[Any]]


class Value(Protocol):
    """An input or output of a graph: an axis is a length, or a name or None where any length is taken."""

    name: str
    type: str
    shape: Sequence[int | str | None]


def list_outputs(manifest: Manifest) -> list[str]:
    """Return the names of the outputs that are asked for: the answers', and the trust's where the manifest has its thresholds."""
    return [manifest.output_name, *([TRUST] if manifest.trust else [])]


def check_signature(inputs: Sequence[Value], outputs: Sequence[Value], manifest: Manifest) -> None:
    """Raise InvalidArtifact if a graph does not take and give what its manifest says, or takes a fixed number of instances."""
    given, wanted = {each.name: each for each in outputs}, list_outputs(manifest)
    if [each.name for each in inputs] != [manifest.input_name] or not given.keys() >= set(wanted):
        raise InvalidArtifact(
            f"the model takes {sorted(each.name for each in inputs)} and gives {sorted(given)}; "
            f"the manifest says {manifest.input_name!r} and {' and '.join(map(repr, wanted))}",
            advice="Write the graph's own names into input.name and output.name of manifest.json."
            if len(inputs) == 1
            else "A model takes one input: make the others constants of the graph.",
        )
    (value,) = inputs
    expected = f"{manifest.input_dtype} {_show(('N', *manifest.input_shape))}"
    if value.type != TENSORS[manifest.input_dtype]:
        raise InvalidArtifact(
            f"the model takes {_show_type(value)}; the manifest says {expected}",
            advice=f"Begin the graph with a Cast: export it of a module that takes {manifest.input_dtype} itself.",
        )
    if len(value.shape) != 1 + len(manifest.input_shape) or not all(map(_is_taken, value.shape[1:], manifest.input_shape)):
        raise InvalidArtifact(
            f"the model takes {_show_type(value)}; the manifest says {expected}",
            advice="Begin the graph with a Reshape or Unsqueeze from that shape.",
        )
    if isinstance(value.shape[0], int):
        raise InvalidArtifact(
            f"the model takes {_show_type(value)}, {value.shape[0]:,} at a time; expected {expected} of any N",
            advice="Export it with a first axis of any length: dynamic_axes of torch.onnx.export, None in tf2onnx's and skl2onnx's types.",
        )
    for name in wanted:
        if given[name].type != TENSORS["float32"]:
            raise InvalidArtifact(
                f"the model's {name!r} is {_show_type(given[name])}; expected float32",
                advice="End the graph with a Cast to float32; of skl2onnx name the output of probabilities, and export with zipmap=False.",
            )


def explain_load_failure(name: str, runtime: str, error: Exception) -> InvalidArtifact:
    """Return the error of a graph that ONNX Runtime does not load.

    Args:    name: what the graph is called.
             runtime: ONNX Runtime's version.
    """
    return InvalidArtifact(
        f"ONNX Runtime {runtime} cannot load {name}: {str(error).strip()}",
        advice=next((advice for sign, advice in ADVICE if sign in str(error).lower()), OTHER_OPSET),
    )


def check_answers(predict: Answer, instances: int, manifest: Manifest) -> None:
    """Raise InvalidArtifact if a model's answers to some instances are not of their kind.

    Args:    predict: answers so many instances, all zero, with an array [N, classes], [N, classes + 1] with trust, [N] or [N, 1].
    """
    answers = _ask(predict, np.zeros((instances, *manifest.input_shape), manifest.input_dtype), "all zero")
    classes, is_regression = len(manifest.labels), manifest.kind == "regression"
    expected = [(instances,), (instances, 1)] if is_regression else [(instances, classes + (manifest.trust is not None))]
    if answers.shape not in expected or str(answers.dtype) != "float32":
        raise InvalidArtifact(
            f"the model gave {answers.dtype} {list(answers.shape)}; expected float32 {' or '.join(str(list(shape)) for shape in expected)}",
            advice="Let output.name be a value for each instance." if is_regression else "Let output.name have a column for each label.",
        )
    if not is_regression and not abs(answers[:, :classes].sum(axis=1) - 1).max() <= PROBABILITY_ERROR:
        raise InvalidArtifact(
            "the model's probabilities do not sum to 1; softmax belongs inside the graph",
            advice="End the graph with a Softmax over its last axis.",
        )


def check_company(predict: Answer, manifest: Manifest) -> None:
    """Raise InvalidArtifact if an answer depends on the instances beside it: the server asks those of several callers together.

    Args:    predict: as of `check_answers`.
    """
    ramp = np.arange(manifest.instance_size) % (HIGHEST[manifest.input_dtype] + 1)
    dark, bright = ramp // 16, HIGHEST[manifest.input_dtype] - ramp  # as different as instances may be
    pair = np.stack([dark, bright]).astype(manifest.input_dtype).reshape(2, *manifest.input_shape)
    alone = np.concatenate([_ask(predict, each[np.newaxis], "a ramp") for each in pair])
    together = _ask(predict, pair, "ramps")
    if not np.allclose(together, alone, rtol=COMPANY_ERROR, atol=COMPANY_ERROR, equal_nan=True):
        raise InvalidArtifact(
            "the model's answer to an instance changes with the instances beside it",
            advice="Export it for inference, in PyTorch after model.eval() and without training=; take no mean over the first axis.",
        )


def _ask(predict: Answer, instances: npt.NDArray[Any], described: str) -> npt.NDArray[Any]:
    try:
        return predict(instances)
    except Exception as error:  # ONNX Runtime's exceptions have no base class of their own
        raise InvalidArtifact(
            f"an inference of {len(instances)} instances, {described}, failed: {str(error).strip()}",
            advice="Where the graph holds a fixed number of instances, as in a Reshape, put -1.",
        ) from error


def _is_taken(axis: int | str | None, length: int) -> bool:
    return not isinstance(axis, int) or axis == length


def _show(shape: Sequence[object]) -> str:
    return f"[{', '.join('N' if axis is None else str(axis) for axis in shape)}]"


def _show_type(value: Value) -> str:
    names = {"float": "float32", "double": "float64"}
    text = value.type.removeprefix("tensor(").removesuffix(")")
    return f"{names.get(text, text)} {_show(value.shape)}" if value.type.startswith("tensor(") else value.type
