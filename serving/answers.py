"""Probabilities into answer bodies: JSON, CSV or npy. Nothing here knows HTTP."""

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
import orjson

from recipes.errors import UnsupportedType
from serving import npy
from serving.artifact import Manifest
from serving.codecs import CSV, JSON, NPY, media_type

Float32 = npt.NDArray[np.float32]
Encoder = Callable[[Sequence[Float32]], bytes]
MANIFEST = "application/vnd.inferstack.manifest+json"
ANY = ("", "*/*", "application/*")


def negotiate(accept: str) -> str:
    """Return the type to answer with: the first the caller lists that there is, JSON if it does not mind.

    Raises:  UnsupportedType: it lists types, and none of them is there.
    """
    for wanted in accept.split(","):
        kind = media_type(wanted)
        if kind in ANY:
            return JSON
        if kind in (JSON, CSV, NPY, MANIFEST):
            return kind
        if kind == "text/*":
            return CSV
    raise UnsupportedType(f"the caller accepts {accept[:80]!r}", advice=f"Accept {JSON}, {CSV}, {NPY} or {MANIFEST}.")


def encoders(manifest: Manifest) -> dict[str, Encoder]:
    """Return the encoder of each type an answer can have; each takes the probabilities in parts, [n, classes] float32, in order."""
    labels = manifest.labels
    model = orjson.dumps({"name": manifest.name, "version": manifest.version})
    tail = b'],"model":' + model + b"}"

    def as_json(parts: Sequence[Float32]) -> bytes:
        # A part at a time: the lock that lets the event loop run is let go between two.
        return b'{"predictions":[' + b",".join([_json_rows(part, labels) for part in parts if len(part)]) + tail

    def as_csv(parts: Sequence[Float32]) -> bytes:
        return b"".join([_csv_rows(part, labels) for part in parts])

    def as_npy(parts: Sequence[Float32]) -> bytes:
        return npy.write(np.concatenate(parts) if parts else np.empty((0, len(labels)), np.float32))

    return {JSON: as_json, CSV: as_csv, NPY: as_npy}


def _json_rows(probabilities: Float32, labels: Sequence[int | str]) -> bytes:
    # float32 is written with the fewest digits that read back as the same float32.
    rows = [
        {"label": labels[best], "probability": row[best], "probabilities": row}
        for best, row in zip(probabilities.argmax(axis=1).tolist(), np.ascontiguousarray(probabilities), strict=True)
    ]
    return orjson.dumps(rows, option=orjson.OPT_SERIALIZE_NUMPY)[1:-1]


def _csv_rows(probabilities: Float32, labels: Sequence[int | str]) -> bytes:
    """A line an instance: label, probability, then the probabilities in label order."""
    lines = []
    for best, row in zip(probabilities.argmax(axis=1).tolist(), np.ascontiguousarray(probabilities), strict=True):
        values = orjson.dumps([row[best], *row], option=orjson.OPT_SERIALIZE_NUMPY)[1:-1]
        lines.append(b"%b,%b\n" % (str(labels[best]).encode(), values))
    return b"".join(lines)
