"""Encoders of probabilities and values as JSON, CSV or npy. Nothing here knows HTTP."""

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
import orjson

from recipes.errors import UnsupportedType
from recipes.media_types import CSV, JSON, MANIFEST, NPY, read_media_type
from recipes.models.artifact import Manifest
from recipes.thresholds import Thresholds
from serving.bodies import npy

Float32 = npt.NDArray[np.float32]
Encoder = Callable[[Sequence[Float32]], bytes]
ANY = ("", "*/*", "application/*")


def negotiate(accept: str) -> str:
    """Return the type to answer with: the first type in the caller's list that is supported; JSON if any will do.

    Raises:  UnsupportedType: it lists types, and none of them is supported.
    """
    for entry in accept.split(","):
        kind = read_media_type(entry)
        if kind in ANY:
            return JSON
        if kind in (JSON, CSV, NPY, MANIFEST):
            return kind
        if kind == "text/*":
            return CSV
    raise UnsupportedType(f"the caller accepts {accept[:80]!r}", advice=f"Accept {JSON}, {CSV}, {NPY} or {MANIFEST}.")


def build_encoders(manifest: Manifest) -> dict[str, Encoder]:
    """Return the encoder of each type an answer can have; each takes the model's answers in parts, float32, in order.

    A classification's parts are probabilities [n, classes], with trust in one more column if the manifest has its thresholds; a
    regression's values [n] or [n, 1]. An array of numbers has no room for a verdict: npy is the probabilities alone.
    """
    labels, trust = manifest.labels, manifest.trust
    model = orjson.dumps({"name": manifest.name, "version": manifest.version})
    tail = b'],"model":' + model + b"}"

    def encode_json(parts: Sequence[Float32]) -> bytes:
        if len(parts) == 1 and len(parts[0]) == 1:  # what most requests are
            return b'{"predictions":[' + _encode_json_row(parts[0][0], labels, trust) + tail
        # A part at a time: the lock that lets the event loop run is let go between two.
        return b'{"predictions":[' + b",".join([_encode_json_rows(part, labels, trust) for part in parts if len(part)]) + tail

    def encode_csv(parts: Sequence[Float32]) -> bytes:
        return b"".join([_encode_csv_rows(part, labels, trust) for part in parts])

    def encode_npy(parts: Sequence[Float32]) -> bytes:
        return npy.write(np.concatenate(parts)[:, : len(labels)] if parts else np.empty((0, len(labels)), np.float32))

    if manifest.kind == "regression":
        return _build_value_encoders(tail)
    return {JSON: encode_json, CSV: encode_csv, NPY: encode_npy}


def _build_value_encoders(tail: bytes) -> dict[str, Encoder]:
    """Return a regression's: {"value": …} an instance, a line an instance, float32 [N]."""

    def encode_json(parts: Sequence[Float32]) -> bytes:
        values = orjson.dumps([{"value": value} for value in _join_values(parts)], option=orjson.OPT_SERIALIZE_NUMPY)
        return b'{"predictions":' + values[:-1] + tail

    def encode_csv(parts: Sequence[Float32]) -> bytes:
        return b"".join([orjson.dumps(value, option=orjson.OPT_SERIALIZE_NUMPY) + b"\n" for value in _join_values(parts)])

    return {JSON: encode_json, CSV: encode_csv, NPY: lambda parts: npy.write(_join_values(parts))}


def _join_values(parts: Sequence[Float32]) -> Float32:
    return np.concatenate([part.ravel() for part in parts]) if parts else np.empty(0, np.float32)


def _encode_json_row(answer: Float32, labels: Sequence[int | str], trust: Thresholds | None) -> bytes:
    """As `_encode_json_rows`, for one instance in half the time: numpy's calls for many rows cost more than one row does."""
    probabilities = answer[: len(labels)]
    best = int(probabilities.argmax())
    row = {"label": labels[best], "probability": probabilities[best], "probabilities": probabilities}
    if trust:
        row |= {"trust": answer[-1], "verdict": trust.judge(answer[-1])}
    return orjson.dumps(row, option=orjson.OPT_SERIALIZE_NUMPY)


def _encode_json_rows(answers: Float32, labels: Sequence[int | str], trust: Thresholds | None) -> bytes:
    # float32 is written with the fewest digits that read back as the same float32.
    rows = [
        {"label": labels[best], "probability": row[best], "probabilities": row}
        for best, row in zip(*_find_best(answers, labels), strict=True)
    ]
    if trust:
        for row, value in zip(rows, answers[:, -1], strict=True):
            row |= {"trust": value, "verdict": trust.judge(value)}
    return orjson.dumps(rows, option=orjson.OPT_SERIALIZE_NUMPY)[1:-1]


def _encode_csv_rows(answers: Float32, labels: Sequence[int | str], trust: Thresholds | None) -> bytes:
    """A line an instance: label, probability, then the probabilities in label order, then trust and verdict if the model has them."""
    lines = []
    for at, (best, row) in enumerate(zip(*_find_best(answers, labels), strict=True)):
        more = [answers[at, -1]] if trust else []
        values = orjson.dumps([row[best], *row, *more], option=orjson.OPT_SERIALIZE_NUMPY)[1:-1]
        verdict = b"," + trust.judge(more[0]).encode() if trust else b""
        lines.append(b"%b,%b%b\n" % (str(labels[best]).encode(), values, verdict))
    return b"".join(lines)


def _find_best(answers: Float32, labels: Sequence[int | str]) -> tuple[list[int], Float32]:
    """Return the place of each row's label, and the probabilities alone."""
    probabilities = np.ascontiguousarray(answers[:, : len(labels)])
    best: list[int] = probabilities.argmax(axis=1).tolist()
    return best, probabilities
