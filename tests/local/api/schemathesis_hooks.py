"""What the contract's schemas cannot say of a valid request, for Schemathesis: what pictures, arrays and tensors are, and what is here.

Schemathesis runs in an environment of its own, so nothing of the project is imported here.
"""

import base64
import io
import random
import zipfile
from pathlib import Path
from typing import Any

import schemathesis
from hypothesis import strategies as st

ROOT = Path(__file__).resolve().parents[3]
PNGS = [path.read_bytes() for path in sorted((ROOT / "recipes/digits/golden").glob("[0-9].png"))]
PHOTO = (ROOT / "recipes/digits/golden/photo.jpg").read_bytes()
VARIANT = "AllTraffic"
TENSOR = {"name": "x", "shape": [1, 784], "datatype": "UINT8", "data": [0] * 300 + [255] * 100 + [0] * 384}
PICTURE = {"name": "x", "shape": [1], "datatype": "BYTES", "data": [base64.b64encode(PNGS[7]).decode()]}
rows = st.integers(0, 2**32).map(lambda seed: random.Random(seed).randbytes(784))


def to_npy(instances: list[bytes]) -> bytes:
    """Return uint8 instances as a .npy file of version 1.0."""
    header = f"{{'descr': '|u1', 'fortran_order': False, 'shape': ({len(instances)}, 28, 28), }}".ljust(117) + "\n"
    return b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header.encode() + b"".join(instances)


def to_npz(array: bytes) -> bytes:
    """Return the array of a .npy file as numpy.savez writes it."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as file:
        file.writestr("arr_0.npy", array)
    return packed.getvalue()


def to_csv(instances: list[bytes]) -> bytes:
    return "\n".join(",".join(map(str, instance)) for instance in instances).encode()


pictures = st.sampled_from([*PNGS, PHOTO])
arrays = st.lists(rows, min_size=1, max_size=5).map(to_npy)
schemathesis.openapi.media_type("image/png", st.sampled_from(PNGS))
schemathesis.openapi.media_type("image/jpeg", st.just(PHOTO))
for other in ("image/webp", "image/gif", "image/bmp", "image/tiff"):  # a picture is known by its bytes, whatever it is called
    schemathesis.openapi.media_type(other, st.sampled_from(PNGS))
schemathesis.openapi.media_type("application/octet-stream", pictures | arrays)
schemathesis.openapi.media_type("application/x-npy", arrays)
schemathesis.openapi.media_type("application/x-npz", arrays.map(to_npz))
schemathesis.openapi.media_type("text/csv", st.lists(rows, min_size=1, max_size=5).map(to_csv))
schemathesis.openapi.format("binary", pictures)  # a file of a form
schemathesis.openapi.format("byte", pictures.map(base64.b64encode).map(bytes.decode))


@schemathesis.hook
def before_load_schema(context: Any, raw_schema: dict[str, Any]) -> None:
    """Leave out what only a table takes, and several recipes: this stack's one takes pictures. Name the one variant of its endpoint."""
    raw_schema["paths"] = {path: item for path, item in raw_schema["paths"].items() if not path.startswith("/models")}
    raw_schema["paths"]["/status"]["get"].pop("parameters")
    del raw_schema["components"]["schemas"]["JobRequest"]["properties"]["recipe"]
    instance = raw_schema["components"]["schemas"]["Instance"]
    instance["anyOf"] = [each for each in instance["anyOf"] if each.get("$ref") != "#/components/schemas/Features"]
    for parameter in raw_schema["paths"]["/predictions"]["post"]["parameters"]:
        if parameter["name"] == "variant":
            parameter["schema"] = {"enum": [VARIANT]}
    raw_schema["components"]["parameters"]["V2Model"]["schema"] = {"enum": ["digits"]}
    # A tensor's shape and data belong together, and its outputs are those that the model has.
    request = raw_schema["components"]["schemas"]["V2Request"]
    request["properties"]["inputs"] |= {"items": {"enum": [TENSOR, PICTURE]}, "maxItems": 1}
    request["properties"]["outputs"]["items"] = {"enum": [{"name": "label"}, {"name": "probabilities"}]}
