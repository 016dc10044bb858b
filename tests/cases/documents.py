"""Ways to write digits as JSON: their values, and pictures in it."""

import base64
import gzip
import json
from urllib.parse import quote

import numpy as np

from recipes.media_types import JSON
from tests.arrays import npy_of
from tests.cases.writing import (
    BASE64,
    BITS,
    BITS_MEANT,
    BOTH,
    FLAT,
    MEANT,
    NAMES,
    PICTURE,
    SEVEN,
    SHOWN,
    Case,
    Refused,
    document,
    labelled,
    tensor,
)

DOCUMENTS = {
    "instances": Case(JSON, document({"instances": BOTH.tolist()}), MEANT),
    "indented": Case(JSON, document({"instances": BOTH.tolist()}, indent=1), MEANT),
    "an indented list": Case(JSON, document(BOTH.tolist(), indent=2), MEANT),
    "a list": Case(JSON, document(BOTH.tolist()), MEANT),
    "inputs": Case(JSON, document({"inputs": BOTH.tolist()}), MEANT),
    "inputs by name": Case(JSON, document({"signature_name": "serving_default", "inputs": {"x": FLAT}}), MEANT, ("ignored-fields",)),
    "data": Case(JSON, document({"data": FLAT}), MEANT),
    "the only field, of any name": Case(JSON, document({"input_arr": BOTH.tolist()}), MEANT),
    "instances with a channel first": Case(JSON, document({"instances": BOTH.reshape(2, 1, 28, 28).tolist()}), MEANT),
    "instances with a channel last": Case(JSON, document({"instances": BOTH.reshape(2, 28, 28, 1).tolist()}), MEANT),
    "written as JSON within": Case(JSON, document({"instances": json.dumps(FLAT)}), MEANT),
    "within a body": Case(JSON, document({"body": {"instances": FLAT}}), MEANT),
    "within jsonData, as of Seldon": Case(JSON, document({"jsonData": {"instances": FLAT}}), MEANT),
    "columns as lists, as of pandas": Case(
        JSON, document({"label": [7, 1], **{name: [row[at] for row in FLAT] for at, name in enumerate(NAMES)}}), MEANT, labels=(7, 1)
    ),
    "columns of one": Case(JSON, document({"instances": BOTH.reshape(2, 784, 1).tolist()}), MEANT),
    "one without the batch": Case(JSON, document({"instances": SEVEN.tolist()}), MEANT[:1]),
    "one flat, without the batch": Case(JSON, document({"instances": FLAT[0]}), MEANT[:1]),
    "one with a channel first": Case(JSON, document({"instances": SEVEN.reshape(1, 28, 28).tolist()}), MEANT[:1]),
    "one with a channel last": Case(JSON, document({"instances": SEVEN.reshape(28, 28, 1).tolist()}), MEANT[:1]),
    "one bare": Case(JSON, document(SEVEN.tolist()), MEANT[:1]),
    "an instance": Case(JSON, document({"instance": SEVEN.tolist()}), MEANT[:1]),
    "objects of pixels": Case(JSON, document({"instances": [{"pixels": row, "label": 7} for row in FLAT]}), MEANT, labels=(7, 7)),
    "records": Case(JSON, document({"dataframe_records": [dict(zip(NAMES, row, strict=True)) for row in FLAT]}), MEANT),
    **{
        f"records {name}, {notes[0]}": Case(JSON, join(records), MEANT, notes)
        for name, join in (
            ("in a list", document),
            ("in JSON Lines", lambda records: b"".join(document(each) + b"\n" for each in records)),
        )
        for records, notes in (
            ([{"split": "test", **dict(zip(NAMES, row, strict=True))} for row in FLAT], ("ignored-columns",)),
            ([{f"pixel{at}": row[at] for at in reversed(range(784))} for row in FLAT], ("ordered-columns",)),
        )
    },
    "a split of pandas": Case(
        JSON,
        document({"dataframe_split": {"columns": ["label", *NAMES], "index": [0, 1], "data": labelled(7, 1)}, "params": {}}),
        MEANT,
        ("ignored-fields",),
        (7, 1),
    ),
    "a typed array of JavaScript": Case(JSON, document({"instances": [{str(n): value for n, value in enumerate(FLAT[0])}]}), MEANT[:1]),
    "a typed array alone": Case(JSON, document({str(n): value for n, value in enumerate(FLAT[0])}), MEANT[:1]),
    "texts of levels": Case(JSON, document({"instances": [list(map(str, row)) for row in FLAT]}), MEANT),
    "texts of levels in rows": Case(JSON, document([[list(map(str, line)) for line in each] for each in BOTH.tolist()]), MEANT),
    "texts of shares": Case(JSON, document({"instances": [[str(v / 255) for v in row] for row in FLAT]}), MEANT, ("scaled",)),
    "the only field of an instance's size": Case(
        JSON, document({"Pixels": FLAT[0], "Width": 28, "tags": [1, 2]}), MEANT[:1], ("ignored-fields",)
    ),
    "data beside its counts of rows and columns": Case(
        JSON, document({"mat": {"rows": 28, "cols": 28, "dt": "u", "data": FLAT[0]}}), MEANT[:1], ("ignored-fields",)
    ),
    "texts of numbers in a field of one": Case(JSON, document({"values": [",".join(map(str, row)) for row in FLAT]}), MEANT),
    "objects in a field of one": Case(JSON, document({"image": [{"label": 7, "pixels": row} for row in FLAT]}), MEANT, labels=(7, 7)),
    "pictures in a field of any name beside labels": Case(
        JSON, document({"payload": [BASE64, BASE64], "y": [5, 5]}), SHOWN * 2, ("ignored-fields",)
    ),
    "one flat, of texts": Case(JSON, document({"Inputs": list(map(str, FLAT[0]))}), MEANT[:1]),
    "lists by their places, as of PHP": Case(JSON, document({"0": FLAT[0], "1": BOTH[1].tolist()}), MEANT),
    "an input by its own name": Case(JSON, document({"instances": [{"conv2d_input": row} for row in BOTH.tolist()]}), MEANT),
    "written as JSON twice": Case(JSON, document(json.dumps({"instances": FLAT})), MEANT),
    "in UTF-16": Case(JSON, json.dumps({"instances": FLAT}).encode("utf-16"), MEANT),
    "booleans": Case(JSON, document({"instances": (BITS > 0).tolist()}), BITS_MEANT),
    "texts of numbers": Case(JSON, document({"instances": [" ".join(map(str, row)) for row in FLAT]}), MEANT),
    "lists as texts": Case(JSON, document([str(row) for row in FLAT]), MEANT),
    "several in a field of one": Case(JSON, document({"pixels": FLAT}), MEANT),
    "several in lists of lists in a field of one": Case(JSON, document({"features": BOTH.reshape(2, 28, 28, 1).tolist()}), MEANT),
    "inputs as columns": Case(JSON, document({"inputs": {name: [row[at] for row in FLAT] for at, name in enumerate(NAMES)}}), MEANT),
    "Inputs beside GlobalParameters, as of Azure": Case(
        JSON,
        document({"Inputs": {"data": [dict(zip(NAMES, row, strict=True)) for row in FLAT]}, "GlobalParameters": {}}),
        MEANT,
        ("ignored-fields",),
    ),
    "params beside a method, as of JSON-RPC": Case(
        JSON, document({"jsonrpc": "2.0", "method": "predict", "params": {"instances": FLAT}, "id": 1}), MEANT, ("ignored-fields",)
    ),
    "an input by its name in Inputs, as of Azure": Case(
        JSON, document({"Inputs": {"input1": FLAT}, "GlobalParameters": {}}), MEANT, ("ignored-fields",)
    ),
    "an ndarray beside names, as of Seldon": Case(JSON, document({"data": {"names": NAMES, "ndarray": FLAT}}), MEANT),
    "names of columns in the first row": Case(JSON, document({"rows": [["label", *NAMES], *labelled(7, 1)]}), MEANT, labels=(7, 1)),
    "a tensor of Seldon": Case(JSON, document({"data": {"tensor": {"shape": [2, 28, 28], "values": BOTH.ravel().tolist()}}}), MEANT),
    "flat values beside their shape and strides": Case(
        JSON, document({"data": BOTH.ravel().tolist(), "shape": [2, 784], "stride": [784, 1]}), MEANT, ("ignored-fields",)
    ),
    "flat values beside their shape": Case(JSON, document({"data": BOTH.ravel().tolist(), "shape": [2, 784]}), MEANT),
    "in one list more": Case(JSON, document({"instances": [FLAT]}), MEANT),
    "booleans with a channel": Case(JSON, document({"instances": (BITS > 0).reshape(2, 28, 28, 1).tolist()}), BITS_MEANT),
    "a tensor": Case(JSON, document(tensor(BOTH.ravel().tolist())), MEANT),
    "a nested tensor": Case(JSON, document(tensor(BOTH.tolist())), MEANT),
    "a tensor with a channel": Case(JSON, document(tensor(BOTH.ravel().tolist(), shape=(2, 1, 28, 28))), MEANT),
    "a tensor of floats": Case(JSON, document(tensor((BOTH / 255).ravel().tolist(), "FP32", (2, 784))), MEANT, ("scaled",)),
    "a tensor of booleans": Case(JSON, document(tensor((BITS > 0).ravel().tolist(), "BOOL")), BITS_MEANT),
}
PICTURES = {
    "instances of content, as of Vertex": Case(
        JSON,
        document({"instances": [{"content": BASE64, "mimeType": "image/png"}], "parameters": {"maxPredictions": 1}}),
        SHOWN,
        ("ignored-fields",),
    ),
    "bytesBase64Encoded, as of Vertex": Case(JSON, document({"instances": [{"image": {"bytesBase64Encoded": BASE64}}]}), SHOWN),
    "base64, as of Clarifai": Case(JSON, document({"inputs": [{"data": {"image": {"base64": BASE64}}}]}), SHOWN),
    "Image and Bytes, as of Rekognition": Case(JSON, document({"Image": {"Bytes": BASE64}}), SHOWN),
    "a url with data, as of Gradio": Case(
        JSON, document({"data": [{"url": f"data:image/png;base64,{BASE64}", "meta": {"_type": "gradio.FileData"}}]}), SHOWN
    ),
    "a file's name beside its content": Case(JSON, document({"filename": "7.png", "content": BASE64}), SHOWN, ("ignored-fields",)),
    "a picture of any name beside a word": Case(JSON, document([{"img": BASE64, "user": "Ann"}]), SHOWN),
    "a list of images": Case(JSON, document({"image": [BASE64, BASE64]}), SHOWN * 2),
    "an image": Case(JSON, document({"image": BASE64}), SHOWN),
    "an object of b64": Case(JSON, document({"b64": BASE64}), SHOWN),
    "instances of image": Case(JSON, document({"instances": [{"image": BASE64}, {"image": BASE64}]}), SHOWN * 2),
    "instances of b64": Case(JSON, document({"instances": [{"b64": BASE64}]}), SHOWN),
    "a sketchpad of Gradio": Case(
        JSON, document({"background": BASE64, "layers": [BASE64, BASE64], "composite": BASE64}), SHOWN, ("ignored-fields",)
    ),
    "a sketchpad of Gradio in a call": Case(
        JSON, document({"data": [{"background": BASE64, "layers": [BASE64], "composite": BASE64}]}), SHOWN
    ),
    "instances of image_bytes of b64": Case(JSON, document({"instances": [{"image_bytes": {"b64": BASE64}}]}), SHOWN),
    "images": Case(JSON, document({"images": [BASE64, BASE64]}), SHOWN * 2),
    "inputs of one text": Case(JSON, document({"inputs": BASE64}), SHOWN),
    "a list of objects": Case(JSON, document([{"image": BASE64}, {"image": BASE64}]), SHOWN * 2),
    "a picture beside pixels": Case(JSON, document([{"image": BASE64}, FLAT[0]]), (*SHOWN, MEANT[0])),
    "the only field, of any name": Case(JSON, document({"img": f"data:image/png;base64,{BASE64}"}), SHOWN),
    "a split of Azure": Case(JSON, document({"input_data": {"columns": ["image"], "index": [0], "data": [[BASE64]]}}), SHOWN),
    "spaces in place of pluses": Case(JSON, document({"image": BASE64.replace("+", " ")}), SHOWN),
    "spaces in place of line breaks": Case(JSON, document({"image": " ".join(base64.encodebytes(PICTURE).decode().split())}), SHOWN),
    "line breaks of MIME": Case(JSON, document({"image": base64.encodebytes(PICTURE).decode()}), SHOWN),
    "without padding": Case(JSON, document({"image": BASE64.rstrip("=")}), SHOWN),
    "base64 for addresses": Case(JSON, document({"image": base64.urlsafe_b64encode(PICTURE).decode()}), SHOWN),
    "a data: URL whose base64 was escaped": Case(JSON, document({"image": f"data:image/png;base64,{quote(BASE64, safe='')}"}), SHOWN),
    "a data: URL that was escaped": Case(JSON, document({"image": quote(f"data:image/png;base64,{BASE64}", safe="")}), SHOWN),
    "base64 in quotes, its line breaks escaped": Case(
        JSON, document({"image": "'" + base64.encodebytes(PICTURE).decode().replace("\n", "\\n") + "'"}), SHOWN
    ),
    "base64 behind a byte order mark": Case(JSON, document({"image": "\ufeff" + BASE64}), SHOWN),
    "hexadecimal digits": Case(JSON, document({"image": PICTURE.hex()}), SHOWN),
    **{
        f"hexadecimal digits of a database, {mark}": Case(JSON, document({"image": f"{mark}{PICTURE.hex()}"}), SHOWN)
        for mark in ("\\x", "0x")
    },
    "a data: URL": Case(JSON, document({"image": f"data:image/png;base64,{BASE64}"}), SHOWN),
    **{
        f"what is left of a data: URL, {left!r}": Case(JSON, document({"image": f"{left}{BASE64}"}), SHOWN)
        for left in (",", "base64,", "image/png;base64,", ";base64,", "data:image/png;base64", "data:;base64,")
    },
    "base64 whose line breaks were not escaped": Case(JSON, b'{"image": "%b"}' % base64.encodebytes(PICTURE), SHOWN),
    "a list of bytes": Case(JSON, document({"image": list(PICTURE)}), SHOWN),
    "lists of bytes": Case(JSON, document({"instances": [list(PICTURE)]}), SHOWN),
    "a bare list of bytes": Case(JSON, document(list(PICTURE)), SHOWN),
    "a buffer of Node": Case(JSON, document({"image": {"type": "Buffer", "data": list(PICTURE)}}), SHOWN),
    "a tensor of bytes": Case(JSON, document(tensor([BASE64], "BYTES", (1,))), SHOWN),
}
REFUSED = {
    **{
        f"values column by column, {name} {value}": Refused(
            JSON,
            document({"data": SEVEN.T.ravel().tolist(), "shape": [28, 28], name: value}),
            "wrong-shape",
            f"column by column, as {name!r} says",
            "row by row",
        )
        for name, value in (("stride", [1, 28]), ("strides", [1, 28]), ("order", "F"), ("fortran_order", True), ("Corder", False))
    },
    "a name with braces": Refused(JSON, b'{"{0}{x": ["hello"]}', "malformed", "0x[0] is not base64", "base64"),
    "a field twice": Refused(
        JSON, f'{{"image": "{BASE64}", "image": "{BASE64}"}}'.encode(), "malformed", "has the field 'image' twice", "once"
    ),
    "a field twice in a row": Refused(
        JSON, b'[{"pixel0": 5, %b' % document(dict(zip(NAMES, FLAT[0], strict=True)))[1:] + b"]", "malformed", "'pixel0' twice", "once"
    ),
    "a field twice in a line": Refused(JSON, b'{"pixels": [1], "pixels": [2]}\n[0]\n', "malformed", "'pixels' twice", "once"),
    "channels of colour or three in a field of one": Refused(
        JSON, document({"image": np.zeros((3, 28, 28), int).tolist()}), "wrong-shape", "3 values", '{"instances": […]}'
    ),
    "half as many numbers in a text": Refused(
        JSON, document({"instances": [" ".join(map(str, FLAT[0][:392]))]}), "wrong-shape", "instances[0] has 392 values", ""
    ),
    "a canvas": Refused(JSON, document({"instances": [[0] * 3136]}), "wrong-shape", "3136 values", "4 values a pixel"),
    "one picture in colour": Refused(
        JSON, document({"instances": np.zeros((28, 28, 3), int).tolist()}), "wrong-shape", "3 values", "x[..., :3].mean(axis=-1)"
    ),
    "a picture of another size in a line": Refused(
        JSON, document({"instances": [[0, 0, 5, 13, 9, 1, 0, 0] * 8]}), "wrong-shape", "64 values", "Pictures of another size"
    ),
    "colour in lists": Refused(
        JSON, document({"instances": np.zeros((2, 28, 28, 3), int).tolist()}), "not-a-number", "list of 3", "mean(axis=-1)"
    ),
    "an array in base64": Refused(
        JSON, document({"image": base64.b64encode(npy_of(BOTH)).decode()}), "unsupported-type", "is an npy array", "by itself"
    ),
    "gzip in base64": Refused(
        JSON,
        document({"image": base64.b64encode(gzip.compress(PICTURE, mtime=0)).decode()}),
        "unsupported-type",
        "packed with gzip",
        "Unpack",
    ),
    **{
        f"a picture that is not there, as {value!r}": Refused(JSON, document({"image": value}), "malformed", said, "drawn")
        for value, said in (
            ("", "is ''"),
            ("undefined", "is 'undefined'"),
            ("data:,", "of an empty picture"),
            ("data:image/png;base64,", "of an empty picture"),
            ("data:image/png;base64,undefined", "of an empty picture"),
        )
    },
    "base64 that is cut off": Refused(JSON, document({"image": BASE64[:401]}), "malformed", "is base64 that is cut off", "all of it"),
    "base64 with dots in place of its end": Refused(
        JSON, document({"image": BASE64[:60] + "..."}), "malformed", "is base64 that is cut off", "all of it"
    ),
    "a null for a picture": Refused(JSON, b'{"image": null}', "malformed", "is not a string", "bytes in base64"),
    "a drawing in a data: URL": Refused(
        JSON, document({"image": "data:image/svg+xml;utf8,<svg/>"}), "unsupported-type", "an SVG drawing", "PNG"
    ),
    "a typed array of a canvas": Refused(
        JSON, document({"data": {str(n): 0 for n in range(3136)}, "width": 28}), "wrong-shape", "3136 values", "4 values a pixel"
    ),
    "pixels of three": Refused(JSON, document([[[0, 0, 0]] * 784]), "wrong-shape", "784 values", "each pixel has 3 values"),
    "an address": Refused(JSON, document({"image": "https://example.com/7.png"}), "malformed", "is the address of a file", "Download it"),
    "an address of any name": Refused(JSON, document({"inputs": "s3://bucket/7.png"}), "malformed", "nothing is fetched", "Download it"),
    "a file's name": Refused(JSON, document({"instances": [{"image": "seven.png"}]}), "malformed", "is the name of a file", "base64"),
    "OpenAI's messages": Refused(
        JSON,
        document({"model": "m", "messages": [{"role": "user", "content": "?"}]}),
        "malformed",
        "a chat request",
        '{"image": "<base64>"}',
    ),
    "OpenAI's input": Refused(
        JSON, document({"model": "m", "input": [{"role": "user", "content": []}]}), "malformed", "a chat request", '{"image": "<base64>"}'
    ),
    "Gemini's contents": Refused(
        JSON, document({"contents": [{"parts": [{"text": "?"}]}]}), "malformed", "a chat request", '{"image": "<base64>"}'
    ),
    "two rows in one list": Refused(JSON, document({"instances": [FLAT[0] + FLAT[1]]}), "wrong-shape", "1568 values", "x.reshape(-1, 784)"),
    "two tensors": Refused(JSON, document({"inputs": tensor([])["inputs"] * 2}), "malformed", "2 input tensors", "UINT8"),
    "a tensor of another size": Refused(JSON, document(tensor([1, 2])), "wrong-shape", "means 1,568 values; its data has 2", ""),
    "a tensor in binary": Refused(
        JSON,
        document({"inputs": [{"name": "x", "shape": [1], "datatype": "UINT8", "parameters": {"binary_data_size": 1}}]}),
        "unsupported-type",
        "binary",
        "JSON",
    ),
    "values of another shape than is said": Refused(
        JSON, document({"data": BOTH.ravel().tolist(), "shape": [3, 784]}), "wrong-shape", "means 2,352 values; there are 1,568", ""
    ),
    "values whose columns are the instances": Refused(
        JSON, document({"data": BOTH.ravel().tolist(), "shape": [784, 2]}), "wrong-shape", "shape [784, 2]", "x.T"
    ),
    "a tensor of three channels": Refused(
        JSON, document(tensor([0] * 2352, shape=(1, 3, 28, 28))), "wrong-shape", "shape [1, 3, 28, 28]", ""
    ),
    "labels among the values": Refused(JSON, document({"instances": labelled(7, 1)}), "wrong-shape", "785 values", "leave it out"),
    "a picture and instances": Refused(
        JSON, document({"image": BASE64, "instances": FLAT}), "malformed", 'both "image" and "instances"', ""
    ),
}
