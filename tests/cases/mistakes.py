"""What tools do to bodies on their way: the type that is declared, and what the error's detail and its advice say of it."""

import base64
import json

import numpy as np

from recipes import npy
from tests.digits import any_digit, encoded, on_page

FORM = "application/x-www-form-urlencoded"
PNG, JPEG = encoded(on_page(any_digit())), encoded(on_page(any_digit()), "JPEG")
ROWS = np.random.default_rng(2).integers(0, 256, (3, 784), np.uint8)
DATA_URL = "data:image/png;base64," + base64.b64encode(PNG).decode()
NPY = npy.write(ROWS.tobytes(), (3, 784))
CSV = "\n".join(",".join(map(str, row)) for row in ROWS.tolist()).encode()
HEADER = ",".join(["label", *(f"pixel{number}" for number in range(784))]).encode()
LABELLED = HEADER + b"\n" + b"\n".join(b"7,%b" % row for row in CSV.splitlines())


def strip_lines(body: bytes) -> bytes:
    """Return a file as curl's -d sends it; newer ones strip zeros too."""
    return body.replace(b"\r", b"").replace(b"\n", b"")


def lose_bytes(body: bytes) -> str:
    """Return a body as a gateway hands it on when its type says that it is text."""
    return body.decode(errors="replace")


EVENT = {"version": "2.0", "rawPath": "/predictions", "headers": {}, "requestContext": {}, "body": "e30=", "isBase64Encoded": True}
S3_ERROR = '<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>'
ONE = json.dumps([0] * 784)
MISTAKES = {
    "nothing": (b"", None, "is empty", "--data-binary @picture.png"),
    "a PNG with curl -d": (strip_lines(PNG), FORM, "a PNG whose line breaks were taken out", "--data-binary @FILE"),
    "a PNG with a new curl -d": (strip_lines(PNG).replace(b"\0", b""), FORM, "a PNG whose line breaks were", "--data-binary @FILE"),
    "a PNG as text": (PNG.replace(b"\r\n", b"\n"), "image/png", "a PNG whose line breaks were changed", "--data-binary @FILE"),
    "a JPEG with curl -d": (strip_lines(JPEG), FORM, "line breaks were taken out", "--data-binary @FILE"),
    "npy with a new curl -d": (strip_lines(NPY).replace(b"\0", b"")[:400], FORM, "line breaks were taken out", "--data-binary @FILE"),
    "a pointer": (b"version https://git-lfs.github.com/spec/v1\noid sha256:ab\nsize 1\n", "image/png", "Git LFS", "git lfs pull"),
    "a file's name in JSON": ('{"image": "seven.png"}', "application/json", "the name of a file", "base64"),
    "npy with curl -d": (strip_lines(NPY.replace(b" \n", b"  ")), FORM, "line breaks were taken out", "--data-binary @FILE"),
    "CSV with curl -d": (strip_lines(CSV), "text/csv", "one line of 2,350 values, as 3 rows of 784", "--data-binary @FILE"),
    "CSV with curl -d alone": (strip_lines(CSV), FORM, "one line of 2,350 values", "--data-binary @FILE"),
    "CSV under a header with curl -d": (strip_lines(LABELLED), "text/csv", "as 4 rows of 785", "--data-binary @FILE"),
    "a PNG whose type is of text": (lose_bytes(PNG), "text/plain", "its bytes were lost", "application/octet-stream"),
    "a JPEG whose type is of JSON": (lose_bytes(JPEG), "application/json", "its bytes were lost", "application/octet-stream"),
    "a PNG that JavaScript read as a binary string": (
        PNG.decode("latin-1").encode(),
        "text/plain",
        "bytes that were sent as text",
        "a Blob",
    ),
    "a JPEG that JavaScript read as a binary string": (JPEG.decode("latin-1").encode(), None, "bytes that were sent as text", "a Blob"),
    "npy that JavaScript read as a binary string": (NPY.decode("latin-1").encode(), None, "bytes that were sent as text", "a Blob"),
    "a binary string in JSON": (json.dumps({"image": PNG.decode("latin-1")}), None, '"image" is a file\'s bytes as text', "readAsDataURL"),
    "a JPEG's binary string in a list of JSON": (json.dumps([JPEG.decode("latin-1")]), None, "is a file's bytes as text", "readAsDataURL"),
    "a picture's bytes as text in JSON": (json.dumps({"image": lose_bytes(PNG)}), None, "is a file's bytes as text", "new Blob"),
    "a Blob in JSON": ('{"image": {}}', None, '"image" holds no instance', "makes {} of a Blob"),
    "a Blob as JSON": ("{}", None, "its fields: none", "makes {} of a Blob"),
    "a Blob in a field of any name": ('{"file": {}}', None, "its fields: 'file'", "makes {} of a Blob"),
    "a buffer of JavaScript": ("[object ArrayBuffer]", None, "'[object ArrayBuffer]', as programs write", "new Blob"),
    "a file of JavaScript": ("[object File]", "text/plain", "'[object File]', as programs write", "new Blob"),
    "white space": (b"\n \n\r\n", "text/csv", "is empty", ""),
    "the address of a blob": ('{"image": "blob:http://localhost:3000/1b4e"}', None, "nothing is fetched", "Send the file itself"),
    "the address of a blob in an address": ('{"image": "blob:null/1b4e"}', None, "nothing is fetched", "Send the file itself"),
    **{
        f"the address of a picture in {field}": (json.dumps({field: "https://example.com/7"}), None, "nothing is fetched", "Download")
        for field in ("image_url", "imageUrl", "imageURL", "imageurl", "input-image")
    },
    "an address of Google's storage": ('{"instances": [{"gcsUri": "gs://b/7.png"}]}', None, "nothing is fetched", "Download"),
    "an array's bytes in base64": (
        json.dumps({"pixels": base64.b64encode(ROWS[0].tobytes()).decode()}),
        None,
        '"pixels" is 784 bytes without a header',
        "x.tolist()",
    ),
    "an array's bytes in base64 in a list": (
        json.dumps({"instances": [base64.b64encode(ROWS[0].astype("f4").tobytes()).decode()]}),
        None,
        "instances[0] is 3,136 bytes without a header",
        "x.tolist()",
    ),
    "an expired link": (S3_ERROR, "image/png", "an error of S3, 'AccessDenied'", "Download the file again"),
    "a page": ("<!DOCTYPE html><html><body>404</body></html>", "application/json", "an HTML page", "send the picture"),
    "a document": (b"%PDF-1.7\n%\xe2\xe3", "application/octet-stream", "a PDF", "PNG"),
    "a document that is said to be a picture": (b"%PDF-1.7\n%\xe2\xe3", "image/png", "a PDF", "PNG"),
    "an API's event": (json.dumps(EVENT), "application/json", "the event that an HTTP API sends", '"body"'),
    "a REST API's event": (
        json.dumps({"httpMethod": "POST", "requestContext": {}, "body": None}),
        "application/json",
        "the event that a REST API sends",
        '"body"',
    ),
    "a queue's event": (json.dumps({"Records": [{"body": "{}"}]}), "application/json", "a queue or a bucket", "instances"),
    "a console's test event": (
        '{"key1": "value1", "key2": "value2", "key3": "value3"}',
        "application/json",
        "Lambda's console",
        "event of the API",
    ),
    "an event of one's own": ('{"body": "{}"}', "application/json", "an event around", '"body"'),
    "JSON in the quotes of a shell": (f"'{{\"instances\": [{ONE}]}}'", "application/json", "JSON in single quotes", "--data-binary @FILE"),
    "an address": ("https://example.com/seven.png\n", "text/plain", "nothing is fetched", "send its bytes"),
    "an address in JSON": ('{"image": "https://example.com/seven.png"}', "application/json", "nothing is fetched", "Download"),
    "an address in instances": ('{"instances": [{"image": "s3://bucket/7.png"}]}', "application/json", "nothing is fetched", "Download"),
    "an address in a manifest of SageMaker": (
        '{"source-ref": "s3://b/1.png", "class": 0}',
        "application/json",
        "nothing is fetched",
        "Download",
    ),
    "a list of addresses": ('[{"prefix": "s3://b/x/"}, "1.csv", "2.csv"]', "application/json", "nothing is fetched", "Download"),
    **{
        f"{what} as Python prints bytes": (str(content), declared, "bytes as Python prints them", "the bytes themselves")
        for what, content, declared in (
            ("JSON", f'{{"instances": [{ONE}]}}'.encode(), "application/json"),
            ("CSV", CSV, "text/csv"),
            ("a PNG", PNG, "image/png"),
        )
    },
    "JSON with the quotes of a text processor": ("{“instances”: [[0]]}", "application/json", "typographic quotes", "plain double quotes"),
    "a text in the quotes of a text processor": ('{"image": „abc“}', "application/json", "typographic quotes", "plain double quotes"),
    "base64 without quotes": (
        f'{{"image": {base64.b64encode(PNG).decode()}}}',
        "application/json",
        "a text without quotes",
        "double quotes",
    ),
    "an array as numpy prints it, as a text of JSON": (
        json.dumps({"instances": np.array2string(ROWS[0].reshape(28, 28), threshold=784)}),
        "application/json",
        'the text in "instances" is not JSON: at line 1, column',
        "json.dumps(array.tolist())",
    ),
    "a file's name": ("seven.png", FORM, "the name of a file", "--data-binary @FILE"),
    "a file's name as curl writes it": (r"@C:\x\seven 7.png", "application/json", "the name of a file", "--data-binary @FILE"),
    "an object of JavaScript": ("[object Object]", "text/plain;charset=UTF-8", "as programs write what is not JSON", "JSON.stringify"),
    "nothing of JavaScript": ("undefined", "application/json", "as programs write what is not JSON", "JSON.stringify"),
    "an array's bytes": (ROWS.tobytes(), None, "2,352 bytes without a header", "numpy.save"),
    "an array's bytes as floats": (ROWS.astype("f4").tobytes(), "application/octet-stream", "9,408 bytes without a header", "numpy.save"),
    "an empty array's bytes": (bytes(784), "application/octet-stream", "784 bytes without a header", "numpy.save"),
    "a variable of Postman": ("{{image}}", "application/json", "a variable that was not replaced", "Define it"),
    "an array of Java": ("[B@1b6d3586", "application/json", "as programs write what is not JSON", "JSON.stringify"),
    "a comment in JSON": ('{\n  // seven\n  "image": "aGk="\n}', "application/json", "a comment", "Leave the comment out"),
    "an array of Julia": ("UInt8[0x00, 0xff]", "text/plain", "as a program's code has them", "JSON or CSV"),
    "a tensor of TensorFlow": ("<tf.Tensor: shape=(1,), numpy=array([0])>", "text/plain", "as Python prints it", "x.tolist()"),
    "colours of Java": (json.dumps([-16777216 + value for value in ROWS[0].tolist()]), "application/json", "is -167", "32 bits"),
    "single quotes": (f"{{'instances': [{ONE}]}}", "application/json", "at line 1, column 2 is single quotes", "json.dumps"),
    "a word of Python": (f'{{"instances": [{ONE}], "x": True}}', "application/json", "a value of Python", "json.dumps"),
    "an array of numpy as a string": ('{"instances": [[0, 0, ..., 0]]}', "application/json", "dots", "no value out"),
    "a comma too many": (f'{{"instances": [{ONE},]}}', "application/json", "a comma before a closing", "Take the comma out"),
    "a comma too many in an object": (f'{{"instances": [{ONE}],}}', "application/json", "a comma before a closing", "Take the comma out"),
    "a name without quotes": (f"{{instances: [{ONE}]}}", "application/json", "a name without quotes", "double quotes"),
    "JSON that is cut off": (f'{{"instances": [{ONE}', "application/json", "its end", "Send all of it"),
    "a request of Google Vision": (
        '{"requests": [{"image": {"content": "aGVsbG8="}, "features": [{"type": "TEXT_DETECTION"}]}]}',
        "application/json",
        "Google's Vision API",
        '{"image": "<base64>"}',
    ),
    "libsvm": ("7 153:3 154:18\n1 128:254\n", "text/x-libsvm", "a table of libsvm", "load_svmlight_file(FILE, n_features=784)"),
    "lines of Vowpal Wabbit": ("7 | 12:255 13:18\n", "text/plain", "Vowpal Wabbit", "CSV"),
    "YAML": ("---\ninstances:\n  - [0, 0]\n", "application/yaml", "YAML", "yaml.safe_load"),
    "an element of a page": (f'<img src="{DATA_URL}">', "text/html", "markup around a picture", "data: alone"),
    "a picture in Markdown": (f"![a digit]({DATA_URL})", "text/plain", "a text around a picture", "data: alone"),
    "a picture in CSS": (f'background: url("{DATA_URL}")', "text/css", "a text around a picture", "data: alone"),
    "a drawing of fabric.js": (
        json.dumps({"version": "5.3.0", "objects": [{"type": "path", "originX": "left", "path": [["M", 1, 2]]}]}),
        "application/json",
        "the strokes of a drawing",
        "toDataURL()",
    ),
    "a drawing of react-canvas-draw": (
        json.dumps({"lines": [{"points": [{"x": 1, "y": 2}], "brushColor": "#444", "brushRadius": 10}], "width": 400, "height": 400}),
        "application/json",
        "the strokes of a drawing",
        "toDataURL()",
    ),
    "a drawing of signature_pad": (
        json.dumps([{"penColor": "black", "dotSize": 0, "points": [{"time": 1, "x": 1, "y": 2}]}]),
        "application/json",
        "the strokes of a drawing",
        "toDataURL()",
    ),
    "a drawing of Quick, Draw!": (
        json.dumps({"word": "seven", "drawing": [[[1, 2], [3, 4]]]}),
        None,
        "the strokes of a drawing",
        "toDataURL()",
    ),
    "a notebook": (json.dumps({"cells": [{"cell_type": "code", "outputs": [], "source": []}], "nbformat": 4}), None, "a notebook", "Save"),
    "an array as Python prints it": ("array([[0, 0],\n       [0, 0]])", "text/plain", "as Python prints it", "x.tolist()"),
    "an array of numbers as Python prints them": ("[np.float64(1.1)]", "application/json", "as Python prints it", "x.tolist()"),
    "a tuple": ("((0, 0), (0, 0))", "text/csv", "a tuple of Python", "json.dumps"),
    "settings": ("image = 7\n", "text/plain", "a file of settings", "JSON"),
    "numbers in code": ("{0, 0, 255}", "text/plain", "as a program's code has them", "JSON or CSV"),
    "a table that polars prints": ("shape: (2, 1)\n┌─────┐\n│ x   │\n", "text/plain", "a table as a program prints it", "to_csv()"),
    "a table that sqlite prints": ("┌─────┐\n│ x   │\n", "text/plain", "a table as a program prints it", "to_csv()"),
    "a text of protobuf": ('model_spec { name: "x" }\n', "text/plain", "protobuf", "JSON"),
    "an e-mail": ("Return-Path: <a@example.com>\r\nSubject: seven\r\n\r\nHello\r\n", "message/rfc822", "an e-mail", "attachment"),
    "an e-mail of parts": ("MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n--b\n", None, "an e-mail", "attachment"),
    "a request that was saved": (
        "POST /predictions HTTP/1.1\r\nHost: x\r\n\r\n{}",
        "text/plain",
        "an HTTP message",
        "what follows its empty line",
    ),
    "an answer that was saved": (
        "HTTP/2 200\r\ncontent-type: text/csv\r\n\r\n7\r\n",
        "text/plain",
        "an HTTP message",
        "what follows its empty line",
    ),
    "JSON in base64": (base64.b64encode(f'{{"instances": [{ONE}]}}'.encode()), "application/json", "JSON or CSV in base64", "Decode it"),
    "CSV in base64": (base64.b64encode(CSV), "text/plain", "JSON or CSV in base64", "Decode it"),
    "a picture in base64 twice": (base64.b64encode(base64.b64encode(PNG)), None, "base64 in base64", "Decode it"),
    "rows of JSON Lines with commas": (f"[{ONE}],\n[{ONE}]\n", "application/json", "a comma after a document", "Take the commas out"),
    "numbers without commas": ('{"instances": [[0 0 0]]}', "application/json", "two values without a comma", "json.dumps"),
    **{
        f"JSON behind {said!r}": (f'{before}{{"instances": [{ONE}]}}{after}', declared, f"JSON with {said!r} before it", "the JSON alone")
        for before, said, after, declared in (
            ("```json\n", "```json", "\n```\n", "application/json"),
            ("const data = ", "const data =", ";\n", "application/javascript"),
            ("callback(", "callback(", ");", "application/javascript"),
            (")]}'\n", ")]}'", "", "application/json"),
            ("// my digit\n", "// my digit", "\n", None),
            ("data: ", "data:", "\n\n", "text/event-stream"),
        )
    },
    "two documents on a line": (f'{{"instances": [{ONE}]}}' * 2, "application/json", "is another document", "a line break between them"),
    "captured data": (
        json.dumps({"captureData": {"endpointInput": {"data": "0,0", "encoding": "CSV"}}, "eventVersion": "0"}),
        "application/json",
        "a line of SageMaker's Data Capture",
        '"endpointInput"',
    ),
    "captured data, a line each": (
        f"{json.dumps({'captureData': {'endpointInput': {'data': '0,0'}}})}\n" * 2,
        "application/jsonlines",
        "a line of SageMaker's Data Capture",
        '"endpointInput"',
    ),
}
