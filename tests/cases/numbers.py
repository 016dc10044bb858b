"""Ways in which people write the same instances, for both doors: what is read as meant, and what is refused with its mend."""

import base64
import io
import json
from typing import Any, NamedTuple

import numpy as np

from recipes.media_types import CSV, JSON, NPY, NPZ
from tests.digits import any_digit, encoded, on_page

Array = np.ndarray[Any, Any]


class Case(NamedTuple):
    """One way to write instances.

    Args:    kind: the media type.
             instances: what is meant.
             notes: the codes of what the answer says of it.
             labels: of the rows, where the sender gives them.
             recipe: whose instances they are.
    """

    kind: str
    body: bytes
    instances: tuple[bytes, ...]
    notes: tuple[str, ...] = ()
    labels: tuple[object, ...] = ()
    recipe: str = "digits"


class Refused(NamedTuple):
    """One way whose meaning is not certain: what the error says, and what mends it."""

    kind: str
    body: bytes
    code: str
    detail: str
    advice: str
    recipe: str = "digits"


def draw_seven() -> Array:
    """Return a 7 as MNIST has it: bright on black, in a box of 20 pixels."""
    digit = np.zeros((28, 28), np.uint8)
    digit[4:7, 6:22] = 255
    for row in range(7, 24):
        left = 20 - (row - 4) // 2
        digit[row, left : left + 3] = 252
        digit[row, left - 1] = 90
    return digit


def draw_one() -> Array:
    """Return a 1."""
    digit = np.zeros((28, 28), np.uint8)
    digit[4:24, 13:15] = 254
    digit[4:24, 12] = 17
    return digit


SEVEN, ONE = draw_seven(), draw_one()
BOTH = np.stack([SEVEN, ONE])
PICTURE = encoded(on_page(any_digit()))
FLAT = BOTH.reshape(2, 784).tolist()
MEANT = (SEVEN.tobytes(), ONE.tobytes())
BITS = (BOTH > 127).astype(np.uint8)
BITS_MEANT = tuple(bytes(255 * each.ravel()) for each in BITS)
SINGLE = np.zeros((28, 28), np.uint8)
SINGLE[14, 14] = 1
NAMES = [f"pixel{number}" for number in range(784)]
COUNTS = [str(number) for number in range(784)]


def table(rows: Any, delimiter: str = ",", end: str = "\n") -> bytes:
    return "".join(delimiter.join(map(str, row)) + end for row in rows).encode()


def document(value: Any, **options: Any) -> bytes:
    return json.dumps(value, **options).encode()


def npy(values: Any) -> bytes:
    file = io.BytesIO()
    np.save(file, values)
    return file.getvalue()


def npz(*, is_packed: bool = True, **arrays: Any) -> bytes:
    file = io.BytesIO()
    (np.savez_compressed if is_packed else np.savez)(file, **arrays)
    return file.getvalue()


def tensor(values: Any, datatype: str = "UINT8", shape: Any = (2, 28, 28), **fields: Any) -> dict[str, Any]:
    return {"inputs": [{"name": "x", "shape": list(shape), "datatype": datatype, "data": values, **fields}]}


def floats(*values: float) -> tuple[bytes, ...]:
    return tuple(np.float32(value).tobytes() for value in values)


def labelled(*labels: Any) -> list[list[Any]]:
    return [[label, *row] for label, row in zip(labels, FLAT, strict=False)]


ROWS = table(FLAT)
BASE64 = base64.b64encode(PICTURE).decode()
LEXICAL = sorted(range(784), key=str)
TABLES: dict[str, Case] = {
    "plain": Case(CSV, ROWS, MEANT),
    "of whole floats": Case(CSV, table(BOTH.reshape(2, 784).astype(float).tolist()), MEANT),
    "of numpy.savetxt": Case(CSV, b"\n".join(b" ".join(b"%.18e" % value for value in row) for row in FLAT), MEANT),
    "with a header of names": Case(CSV, table([NAMES]) + ROWS, MEANT),
    "with a header of names, marked as numpy marks it": Case(CSV, b"# " + table([NAMES]) + ROWS, MEANT),
    "under comments": Case(CSV, b"# MNIST digits\n# written by numpy, 2\n" + ROWS, MEANT),
    "under comments and a header": Case(
        CSV, b"# MNIST digits\n#" + table([["label", *NAMES]]) + table(labelled(7, 1)), MEANT, labels=(7, 1)
    ),
    "of pandas, without the index": Case(CSV, table([COUNTS]) + ROWS, MEANT),
    "of pandas, with the index": Case(CSV, table([["", *COUNTS]]) + table(labelled(0, 1)), MEANT),
    "of pandas, read and written again": Case(CSV, table([["Unnamed: 0", *COUNTS]]) + table(labelled(0, 1)), MEANT),
    "of pandas, with names and the index": Case(CSV, table([["", *NAMES]]) + table(labelled(0, 1)), MEANT),
    "of R's write.table": Case(CSV, table([[f'"V{number}"' for number in range(784)], *labelled('"1"', '"2"')], " "), MEANT),
    "of R, whose header has no name for the row names": Case(CSV, table([NAMES]) + table(labelled("a", "b")), MEANT),
    "with a label": Case(CSV, table([["label", *NAMES]]) + table(labelled(7, 1)), MEANT, labels=(7, 1)),
    "with a label called class, last": Case(
        CSV,
        table([[*NAMES, "class"]]) + table([*row, label] for row, label in zip(FLAT, ("7.0", "one"), strict=True)),
        MEANT,
        labels=(7, "one"),
    ),
    "with a label and an index": Case(
        CSV, table([["", "label", *NAMES]]) + table([index, *row] for index, row in enumerate(labelled(7, 1))), MEANT, labels=(7, 1)
    ),
    "with a label and no header": Case(CSV, table(labelled(7, 1)), MEANT, ("label-column",), (7, 1)),
    "with a label in one row and no header": Case(CSV, table(labelled(7)), MEANT[:1], ("label-column",), (7,)),
    "with a label last and no header": Case(
        CSV, table([*row, label] for row, label in zip(FLAT, (7, 0), strict=True)), MEANT, ("label-column",), (7, 0)
    ),
    "with a label and counted columns": Case(CSV, table([range(785)]) + table(labelled(7, 1)), MEANT, ("label-column",), (7, 1)),
    "with an index of more rows than labels and no header": Case(
        CSV, table([index, *FLAT[index % 2]] for index in range(12)), MEANT * 6, ("index-column",)
    ),
    "with another column": Case(CSV, table([["split", *NAMES]]) + table(labelled("train", "test")), MEANT, ("ignored-columns",)),
    "with columns sorted as text": Case(
        CSV, table([[f"pixel{n}" for n in LEXICAL]]) + table([row[n] for n in LEXICAL] for row in FLAT), MEANT, ("ordered-columns",)
    ),
    "with columns called row x column": Case(
        CSV,
        table([["label", *(f"{row}x{column}" for row in range(1, 29) for column in range(1, 29))]]) + table(labelled(7, 1)),
        MEANT,
        labels=(7, 1),
    ),
    "with semicolons": Case(CSV, table(FLAT, ";"), MEANT),
    "with tabs": Case(CSV, table(FLAT, "\t"), MEANT),
    "with tabs and an index": Case(CSV, table([["", *COUNTS]], "\t") + table(labelled(0, 1), "\t"), MEANT),
    "with bars": Case(CSV, table(FLAT, "|"), MEANT),
    "with decimal commas": Case(CSV, table(([f"{value},0" for value in row] for row in FLAT), ";"), MEANT),
    "with a line that names the delimiter": Case(CSV, b"sep=;\r\n" + table(FLAT, ";", "\r\n"), MEANT),
    "with a quoted line that names the delimiter": Case(CSV, b'"sep=;"\n' + table(FLAT, ";"), MEANT),
    "in quotes": Case(CSV, table([f'"{value}"' for value in row] for row in [NAMES, *FLAT]), MEANT),
    "with spaces": Case(CSV, table([f" {value} " for value in row] for row in FLAT), MEANT),
    "with trailing commas": Case(CSV, table([*row, ""] for row in FLAT), MEANT),
    "with trailing commas under a header": Case(CSV, table([*row, ""] for row in [NAMES, *FLAT]), MEANT),
    "with a header without the rows' trailing comma": Case(CSV, table([NAMES]) + table([*row, ""] for row in FLAT), MEANT),
    "with CRLF": Case(CSV, table(FLAT, end="\r\n"), MEANT),
    "with CR": Case(CSV, table([NAMES, *FLAT], end="\r"), MEANT),
    "with empty lines": Case(CSV, b"\n\r\n" + table(FLAT, end="\n\n \n"), MEANT),
    "with lines of commas, as spreadsheets end it": Case(CSV, ROWS + b"," * 783 + b"\n" + b"," * 783 + b"\n", MEANT),
    "with a byte order mark": Case(CSV, b"\xef\xbb\xbf" + table([NAMES]) + ROWS, MEANT),
    "a picture's lines": Case(CSV, table(SEVEN.tolist()), MEANT[:1]),
    "a picture's lines as numpy.savetxt writes them": Case(CSV, table((SEVEN / 255).tolist(), " "), MEANT[:1], ("scaled",)),
    "a picture's lines as pandas writes them": Case(
        CSV, table([["", *range(28)], *([index, *row] for index, row in enumerate(SEVEN.tolist()))]), MEANT[:1]
    ),
    "in UTF-16": Case(CSV, (table([NAMES]) + ROWS).decode().encode("utf-16"), MEANT),
    "in UTF-16 of the other order": Case(CSV, b"\xfe\xff" + ROWS.decode().encode("utf-16-be"), MEANT),
    "in UTF-16 without a mark": Case(CSV, table(FLAT, "\t").decode().encode("utf-16-le"), MEANT),
}
NUMBERS = {
    "plain": Case(CSV, b"3.1\n5\n", floats(3.1, 5), recipe="salary"),
    "with a header and the target": Case(CSV, b"YearsExperience,Salary\n3.1,60150\n5,7\n", floats(3.1, 5), (), (60150, 7), "salary"),
    "with a header and an index": Case(CSV, b",YearsExperience\n0,3.1\n1,5\n", floats(3.1, 5), recipe="salary"),
    "with units in its header": Case(CSV, b"Experience (years),Salary (US$)\n3.1,60150\n5,7\n", floats(3.1, 5), (), (60150, 7), "salary"),
    "with decimals of three digits": Case(
        CSV, b"Experience;Salary\n3.125;1.500\n0.500;2.250\n", floats(3.125, 0.5), (), (1.5, 2.25), "salary"
    ),
    "with columns in another order": Case(CSV, b"Salary,other,Experience\n60150,9,3.1\n1,9,5\n", floats(3.1, 5), (), (60150, 1), "salary"),
    "with decimal commas": Case(
        CSV, b"YearsExperience;Salary\r\n3,1;53000\r\n5;1.234,5\r\n", floats(3.1, 5), (), (53000, 1234.5), "salary"
    ),
    "with decimal commas in one column": Case(CSV, b"YearsExperience\n3,1\n5\n", floats(3.1, 5), recipe="salary"),
    "with decimal commas and tabs": Case(CSV, b"YearsExperience\tSalary\n3,1\t53000\n", floats(3.1), (), (53000,), "salary"),
    "of a series of pandas": Case(CSV, b",0\n0,3.1\n1,5\n", floats(3.1, 5), recipe="salary"),
    "of another name": Case(CSV, b"age\n3.1\n5\n", floats(3.1, 5), ("other-names",), recipe="salary"),
    "in another unit": Case(CSV, b"id,Experience (months)\n1,3.1\n2,5\n", floats(3.1, 5), ("other-names",), recipe="salary"),
    "with the unit for a name": Case(CSV, b"years_of_experience\n3.1\n5\n", floats(3.1, 5), recipe="salary"),
    "that begins with 0": Case(CSV, b"0\n3.1\n", floats(0, 3.1), ("maybe-header",), recipe="salary"),
    "of zeros and ones": Case(CSV, b"1\n0\n1\n", floats(1, 0, 1), recipe="salary"),
    "as a list": Case(JSON, b"[3.1, 5]", floats(3.1, 5), recipe="salary"),
    "as a number": Case(JSON, b" 3.1 ", floats(3.1), recipe="salary"),
    "as the only field": Case(JSON, b'{"X": [[3.1], [5]]}', floats(3.1, 5), recipe="salary"),
    "as a split of Azure": Case(
        JSON,
        b'{"input_data": {"columns": ["Salary", "Experience"], "index": [0, 1], "data": [[1, 3.1], [2, 5]]}}',
        floats(3.1, 5),
        (),
        (1, 2),
        "salary",
    ),
    "as rows": Case(JSON, b'{"instances": [[3.1], [5]]}', floats(3.1, 5), recipe="salary"),
    "as records": Case(JSON, b'{"dataframe_records": [{"YearsExperience": 3.1}, {"YearsExperience": 5}]}', floats(3.1, 5), recipe="salary"),
    "as pandas writes columns": Case(
        JSON, b'{"YearsExperience": {"0": 3.1, "1": 5}, "Salary": {"0": 1, "1": 2}}', floats(3.1, 5), (), (1, 2), "salary"
    ),
    "as pandas writes a split": Case(
        JSON, b'{"columns": ["Salary", "Experience"], "index": [0, 1], "data": [[1, 3.1], [2, 5]]}', floats(3.1, 5), (), (1, 2), "salary"
    ),
    "as pandas writes records": Case(
        JSON, b'[{"Experience": 3.1, "Salary": 1}, {"Experience": 5, "Salary": 2}]', floats(3.1, 5), (), (1, 2), "salary"
    ),
    "as features": Case(JSON, b'{"instances": [{"features": [3.1]}, {"features": [5]}]}', floats(3.1, 5), recipe="salary"),
    "as features of data": Case(JSON, b'{"instances": [{"data": {"features": {"values": [3.1]}}}]}', floats(3.1), recipe="salary"),
    "as an object": Case(JSON, b'{"experience": 3.1}', floats(3.1), recipe="salary"),
    "as a vector": Case(NPY, npy(np.array([3.1, 5])), floats(3.1, 5), recipe="salary"),
    "as one number": Case(NPY, npy(np.float64(3.1)), floats(3.1), recipe="salary"),
    "in an npz": Case(NPZ, npz(x=np.array([[3.1], [5]]), y=np.array([60150, 7.5])), floats(3.1, 5), (), (60150, 7.5), "salary"),
}
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
    "columns of one": Case(JSON, document({"instances": BOTH.reshape(2, 784, 1).tolist()}), MEANT),
    "one without the batch": Case(JSON, document({"instances": SEVEN.tolist()}), MEANT[:1]),
    "one flat, without the batch": Case(JSON, document({"instances": FLAT[0]}), MEANT[:1]),
    "one with a channel first": Case(JSON, document({"instances": SEVEN.reshape(1, 28, 28).tolist()}), MEANT[:1]),
    "one with a channel last": Case(JSON, document({"instances": SEVEN.reshape(28, 28, 1).tolist()}), MEANT[:1]),
    "one bare": Case(JSON, document(SEVEN.tolist()), MEANT[:1]),
    "an instance": Case(JSON, document({"instance": SEVEN.tolist()}), MEANT[:1]),
    "objects of pixels": Case(JSON, document({"instances": [{"pixels": row, "label": 7} for row in FLAT]}), MEANT, labels=(7, 7)),
    "records": Case(JSON, document({"dataframe_records": [dict(zip(NAMES, row, strict=True)) for row in FLAT]}), MEANT),
    "a split of pandas": Case(
        JSON,
        document({"dataframe_split": {"columns": ["label", *NAMES], "index": [0, 1], "data": labelled(7, 1)}, "params": {}}),
        MEANT,
        ("ignored-fields",),
        (7, 1),
    ),
    "a typed array of JavaScript": Case(JSON, document({"instances": [{str(n): value for n, value in enumerate(FLAT[0])}]}), MEANT[:1]),
    "an input by its own name": Case(JSON, document({"instances": [{"conv2d_input": row} for row in BOTH.tolist()]}), MEANT),
    "written as JSON twice": Case(JSON, document(json.dumps({"instances": FLAT})), MEANT),
    "in UTF-16": Case(JSON, json.dumps({"instances": FLAT}).encode("utf-16"), MEANT),
    "booleans": Case(JSON, document({"instances": (BITS > 0).tolist()}), BITS_MEANT),
    "a tensor": Case(JSON, document(tensor(BOTH.ravel().tolist())), MEANT),
    "a nested tensor": Case(JSON, document(tensor(BOTH.tolist())), MEANT),
    "a tensor with a channel": Case(JSON, document(tensor(BOTH.ravel().tolist(), shape=(2, 1, 28, 28))), MEANT),
    "a tensor of floats": Case(JSON, document(tensor((BOTH / 255).ravel().tolist(), "FP32", (2, 784))), MEANT, ("scaled",)),
    "a tensor of booleans": Case(JSON, document(tensor((BITS > 0).ravel().tolist(), "BOOL")), BITS_MEANT),
}
SHOWN = ("the picture",)  # what is meant by a picture is what the recipe makes of it
PICTURES = {
    "an image": Case(JSON, document({"image": BASE64}), SHOWN),
    "an object of b64": Case(JSON, document({"b64": BASE64}), SHOWN),
    "instances of image": Case(JSON, document({"instances": [{"image": BASE64}, {"image": BASE64}]}), SHOWN * 2),
    "instances of b64": Case(JSON, document({"instances": [{"b64": BASE64}]}), SHOWN),
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
    "a data: URL": Case(JSON, document({"image": f"data:image/png;base64,{BASE64}"}), SHOWN),
    "a list of bytes": Case(JSON, document({"image": list(PICTURE)}), SHOWN),
    "lists of bytes": Case(JSON, document({"instances": [list(PICTURE)]}), SHOWN),
    "a bare list of bytes": Case(JSON, document(list(PICTURE)), SHOWN),
    "a buffer of Node": Case(JSON, document({"image": {"type": "Buffer", "data": list(PICTURE)}}), SHOWN),
    "a tensor of bytes": Case(JSON, document(tensor([BASE64], "BYTES", (1,))), SHOWN),
}
DTYPES = ("u1", "i2", "u2", "i4", "u4", "i8", "u8", "f2", "f4", "f8")
ARRAYS = {
    **{f"{order}{dtype}": Case(NPY, npy(BOTH.astype(order + dtype)), MEANT) for dtype in DTYPES for order in "<>"},
    **{f"column by column, {dtype}": Case(NPY, npy(np.asfortranarray(BOTH.astype(dtype))), MEANT) for dtype in ("u1", ">f2", "f8")},
    "column by column, flat": Case(NPY, npy(np.asfortranarray(BOTH.reshape(2, 784))), MEANT),
    "column by column, with a channel": Case(NPY, npy(np.asfortranarray(BOTH.reshape(2, 28, 28, 1))), MEANT),
    "column by column, one": Case(NPY, npy(np.asfortranarray(SEVEN)), MEANT[:1]),
    **{
        f"shape {shape}": Case(NPY, npy(BOTH.reshape(shape)), MEANT)
        for shape in ((2, 784), (2, 1, 28, 28), (2, 28, 28, 1), (2, 1, 784), (2, 784, 1))
    },
    **{
        f"shape {shape}": Case(NPY, npy(SEVEN.reshape(shape)), MEANT[:1])
        for shape in ((28, 28), (784,), (1, 28, 28), (28, 28, 1), (1, 784), (1, 1, 28, 28))
    },
    "booleans": Case(NPY, npy(BITS > 0), BITS_MEANT, ("scaled",)),
    "npz of one array": Case(NPZ, npz(digits=BOTH), MEANT),
    "npz with labels": Case(NPZ, npz(x_test=BOTH, y_test=np.array([7, 1])), MEANT, labels=(7, 1)),
    "npz without names": Case(NPZ, npz(arr_0=BOTH, arr_1=np.array([7, 1])), MEANT, labels=(7, 1)),
    "npz with something else of each row": Case(NPZ, npz(images=BOTH, ids=np.array([7001, 7002])), MEANT),
    "npz stored, x among others": Case(NPZ, npz(is_packed=False, x=BOTH, other=BOTH, mean=np.zeros(3)), MEANT),
}
SCALED = {
    "0 to 1": Case(JSON, document({"instances": (BOTH / 255).tolist()}), MEANT, ("scaled",)),
    "0 to 1 in CSV": Case(CSV, table((BOTH.reshape(2, 784) / 255).tolist()), MEANT, ("scaled",)),
    "0 to 1 as halves": Case(NPY, npy((BOTH / 255).astype("f2")), MEANT, ("scaled",)),
    "0 and 1": Case(JSON, document({"instances": BITS.tolist()}), BITS_MEANT, ("scaled",)),
    "0 and 1 with a label": Case(
        CSV, table([["label", *NAMES]]) + table([[7, *BITS[0].ravel()], [1, *BITS[1].ravel()]]), BITS_MEANT, ("scaled",), (7, 1)
    ),
    "-1 to 1": Case(NPY, npy((BOTH / 127.5 - 1).astype("f4")), MEANT, ("scaled",)),
    "-1 and 1": Case(JSON, document({"instances": (BITS * 2.0 - 1).tolist()}), BITS_MEANT, ("scaled",)),
    "normalised": Case(JSON, document({"instances": ((BOTH / 255 - 0.1307) / 0.3081).tolist()}), MEANT, ("scaled",)),
    "normalised, halves": Case(NPY, npy(((BOTH / 255 - 0.1307) / 0.3081).astype("f2")), MEANT, ("scaled",)),
    "dark on white": Case(JSON, document({"instances": (255 - BOTH).tolist()}), MEANT, ("inverted",)),
    "dark on white in CSV": Case(CSV, table((255 - BOTH).reshape(2, 784).tolist()), MEANT, ("inverted",)),
    "dark on white, 0 to 1": Case(NPY, npy(1 - BOTH / 255), MEANT, ("scaled", "inverted")),
    "dark on white, 0 and 1": Case(NPY, npy(1 - BITS), BITS_MEANT, ("scaled", "inverted")),
    "blank": Case(JSON, document({"instances": [[0] * 784]}), (bytes(784),), ("blank",)),
    "of one value": Case(NPY, npy(np.full((28, 28), 200, "u1")), (bytes([200] * 784),), ("blank",)),
    "blank beside a digit": Case(NPY, npy(np.stack([SEVEN * 0, SEVEN])), (bytes(784), MEANT[0]), ("blank",)),
    "blank beside 0 to 1": Case(NPY, npy(np.stack([SEVEN * 0.0, SEVEN / 255])), (bytes(784), MEANT[0]), ("scaled", "blank")),
    "a few ones": Case(NPY, npy(SINGLE), (SINGLE.tobytes(),), ("faint",)),
    "faint": Case(NPY, npy(BOTH // 16), tuple(bytes(each.ravel() // 16) for each in BOTH), ("faint",)),
}
CASES = {
    f"{kind}: {name}": case
    for kind, cases in {"CSV": TABLES, "numbers": NUMBERS, "JSON": DOCUMENTS, "picture": PICTURES, "npy": ARRAYS, "values": SCALED}.items()
    for name, case in cases.items()
}
REFUSED = {
    "0 and 1 beside -1 to 1": Refused(
        NPY, npy(np.stack([BITS[0], BOTH[1] / 127.5 - 1])), "out-of-range", "does not tell on which scale", '(x * 255).astype("uint8")'
    ),
    "0 and 1 beside 0 to 255": Refused(
        JSON, document([FLAT[0], BITS[1].tolist()]), "out-of-range", "0 and 1; other rows are from 0 to 255", '(x * 255).astype("uint8")'
    ),
    "0 and 1 beside 0 to 255 in an array": Refused(
        NPY, npy(np.stack([BITS[0], SEVEN])), "out-of-range", "row 1 is of 0 and 1", '(x * 255).astype("uint8")'
    ),
    "fractions up to 3": Refused(NPY, npy(BOTH / 85), "out-of-range", "expected a whole number", "x * (255 / x.max())"),
    "another name in JSON": Refused(JSON, b'[{"age": 30}]', "wrong-shape", "'age'", "experience in years", "salary"),
    "a name with braces": Refused(JSON, b'{"{0}{x": ["hello"]}', "malformed", "0x[0] is not base64", "base64"),
    "numbers in quotes": Refused(JSON, b'{"instances": [["3.1"]]}', "not-a-number", "is '3.1'", "without quotes", "salary"),
    "no field of instances": Refused(JSON, b'{"a": "x", "b": null}', "malformed", "'a', 'b'", "[[1.5]", "salary"),
    "a header alone": Refused(CSV, table([NAMES]), "wrong-shape", "the only line is a header", "below it"),
    "nothing known in the first row": Refused(
        CSV, table([["NA"] * 784]) + ROWS, "not-a-number", "line 1, value 1 is 'NA'", "leave the row out"
    ),
    "a value too few": Refused(
        CSV, table(row[:-1] for row in FLAT), "wrong-shape", "line 1 has 783 values; expected 784", "one is missing"
    ),
    "two values more": Refused(CSV, table([0, *row, 7] for row in FLAT), "wrong-shape", "786 values; expected 784", "in a header line"),
    "a table that stands on its side": Refused(CSV, table(BOTH.reshape(2, 784).T), "wrong-shape", "has 2 values", "x.T"),
    "pictures line by line": Refused(CSV, table(BOTH.reshape(56, 28)), "wrong-shape", "has 28 values", "x.reshape(-1, 784)"),
    "another delimiter": Refused(CSV, table(FLAT, ":"), "wrong-shape", "1 name", "colons"),
    "another delimiter further down": Refused(CSV, table(FLAT) + table(FLAT, ";"), "wrong-shape", "line 3 has 1 value", "semicolons"),
    "a title above the header": Refused(CSV, b"My digits\n" + table([NAMES]) + ROWS, "wrong-shape", "1 name", "above the header"),
    "another size": Refused(NPY, npy(np.zeros((2, 32, 32), "u1")), "wrong-shape", "[2, 32, 32]", "PNG"),
    "one long row": Refused(NPY, npy(np.zeros(5 * 784, "u1")), "wrong-shape", "[3920]", "x.reshape(-1, 784)"),
    "0 to 1, twice": Refused(
        NPY, npy(BOTH / 255 / 255), "out-of-range", "expected a whole number", '(x * 255 * 255).round().astype("uint8")'
    ),
    "fractions of levels": Refused(NPY, npy(np.clip(BOTH + 0.3, 0, 255)), "out-of-range", "is 0.3", 'x.round().astype("uint8")'),
    "16 bits": Refused(NPY, npy(BOTH.astype("u2") * 257), "out-of-range", "is 65535", '(x / 257).round().astype("uint8")'),
    "below zero": Refused(NPY, npy(BOTH.astype("i2") - 200), "out-of-range", "is -200", "x.clip(0, 255)"),
    "signed bytes": Refused(NPY, npy(BOTH.view("i1")), "out-of-range", "is -1", '.view("uint8")'),
    "normalised by others": Refused(NPY, npy((BOTH / 255 - 0.485) / 0.229), "out-of-range", "is -2.1", "x * deviation + mean"),
    "normalised and rounded": Refused(
        NPY, npy(((BOTH / 255 - 0.1307) / 0.3081).round(2)), "out-of-range", "is -0.42", "x * 0.3081 + 0.1307"
    ),
    "two polarities": Refused(
        NPY, npy(np.stack([SEVEN, 255 - ONE])), "out-of-range", "row 2 is drawn dark on bright", '(255 - x).astype("uint8")'
    ),
    "colour": Refused(NPY, npy(np.zeros((2, 28, 28, 3), "u1")), "wrong-shape", "[2, 28, 28, 3]", "mean(axis=-1)"),
    "a canvas": Refused(JSON, document({"instances": [[0] * 3136]}), "wrong-shape", "3136 values", "4 values a pixel"),
    "colour in lists": Refused(
        JSON, document({"instances": np.zeros((2, 28, 28, 3), int).tolist()}), "not-a-number", "list of 3", "mean(axis=-1)"
    ),
    "columns for instances": Refused(NPY, npy(np.zeros((784, 3), "u1")), "wrong-shape", "[784, 3]", "x.T"),
    "npz of two": Refused(NPZ, npz(x_train=BOTH, x_test=BOTH), "wrong-shape", "'x_train' of shape [2, 28, 28], 'x_test'", "numpy.save"),
    "npz of none": Refused(NPZ, npz(a=np.zeros(3), b=np.zeros(3)), "wrong-shape", "expected one of instances", "numpy.save"),
    "a label of 0 in one row": Refused(CSV, table(labelled(0)), "wrong-shape", "785 values; expected 784", "name the columns in a header"),
    "785 columns that are no labels": Refused(CSV, table(labelled(12, 13)), "wrong-shape", "785 values; expected 784", "header"),
    "columns column by column": Refused(
        CSV, table([[f"{row}x{column}" for column in range(28) for row in range(28)]]) + ROWS, "wrong-shape", "not certain", "row by row"
    ),
    "two tensors": Refused(JSON, document({"inputs": tensor([])["inputs"] * 2}), "malformed", "2 input tensors", "UINT8"),
    "a tensor of another size": Refused(JSON, document(tensor([1, 2])), "wrong-shape", "means 1,568 values; its data has 2", ""),
    "a tensor in binary": Refused(
        JSON,
        document({"inputs": [{"name": "x", "shape": [1], "datatype": "UINT8", "parameters": {"binary_data_size": 1}}]}),
        "unsupported-type",
        "binary",
        "JSON",
    ),
    "a picture and instances": Refused(
        JSON, document({"image": BASE64, "instances": FLAT}), "malformed", 'both "image" and "instances"', ""
    ),
    "UTF-32": Refused(CSV, ROWS.decode().encode("utf-32"), "unsupported-type", "the text is UTF-32", "UTF-8"),
    "pairs without a header": Refused(CSV, b"3.1,60150\n5,7\n", "wrong-shape", "2 values; expected 1", "header", "salary"),
    "thousands": Refused(
        CSV, b"YearsExperience\tSalary\n3,100\t53,000\n", "not-a-number", "'3,100'", "without quotes, units and thousands", "salary"
    ),
    "thousands with spaces": Refused(CSV, b"Size\n1 500\n2 000\n", "not-a-number", "'1 500' is 1500", "without spaces", "house_price"),
    "thousands with spaces that do not break": Refused(
        CSV, "Size\n1\u00a0500\n12\u00a0000\n".encode(), "not-a-number", "1500", "without spaces", "house_price"
    ),
    "thousands with points": Refused(
        CSV, b"Area;Price\n1.000;200.000\n2.500;300.000\n", "not-a-number", "'1.000' is 1000 or 1.0", "without points", "house_price"
    ),
    "a point where commas are decimals": Refused(CSV, b"a;Salary\n1.234;5,5\n", "not-a-number", "'1.234'", "", "salary"),
}
