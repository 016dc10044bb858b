"""Ways to scale the values of digits, in any format."""

import numpy as np

from recipes.media_types import CSV, JSON, NPY
from tests.arrays import npy_of
from tests.cases.writing import BITS, BITS_MEANT, BOTH, FLAT, MEANT, NAMES, ONE, SEVEN, SINGLE, Case, Refused, document, table

SCALED = {
    "0 to 1": Case(JSON, document({"instances": (BOTH / 255).tolist()}), MEANT, ("scaled",)),
    "0 to 1 in CSV": Case(CSV, table((BOTH.reshape(2, 784) / 255).tolist()), MEANT, ("scaled",)),
    "0 to 1 as halves": Case(NPY, npy_of((BOTH / 255).astype("f2")), MEANT, ("scaled",)),
    "0 and 1": Case(JSON, document({"instances": BITS.tolist()}), BITS_MEANT, ("scaled",)),
    "0 and 1 with a label": Case(
        CSV, table([["label", *NAMES]]) + table([[7, *BITS[0].ravel()], [1, *BITS[1].ravel()]]), BITS_MEANT, ("scaled",), (7, 1)
    ),
    "-1 to 1": Case(NPY, npy_of((BOTH / 127.5 - 1).astype("f4")), MEANT, ("scaled",)),
    "-1 and 1": Case(JSON, document({"instances": (BITS * 2.0 - 1).tolist()}), BITS_MEANT, ("scaled",)),
    "normalised": Case(JSON, document({"instances": ((BOTH / 255 - 0.1307) / 0.3081).tolist()}), MEANT, ("scaled",)),
    "normalised, halves": Case(NPY, npy_of(((BOTH / 255 - 0.1307) / 0.3081).astype("f2")), MEANT, ("scaled",)),
    "dark on white": Case(JSON, document({"instances": (255 - BOTH).tolist()}), MEANT, ("inverted",)),
    "dark on white in CSV": Case(CSV, table((255 - BOTH).reshape(2, 784).tolist()), MEANT, ("inverted",)),
    "dark on white, 0 to 1": Case(NPY, npy_of(1 - BOTH / 255), MEANT, ("scaled", "inverted")),
    "dark on white, 0 and 1": Case(NPY, npy_of(1 - BITS), BITS_MEANT, ("scaled", "inverted")),
    "blank": Case(JSON, document({"instances": [[0] * 784]}), (bytes(784),), ("blank",)),
    "of one value": Case(NPY, npy_of(np.full((28, 28), 200, "u1")), (bytes([200] * 784),), ("blank",)),
    "blank beside a digit": Case(NPY, npy_of(np.stack([SEVEN * 0, SEVEN])), (bytes(784), MEANT[0]), ("blank",)),
    "blank beside 0 to 1": Case(NPY, npy_of(np.stack([SEVEN * 0.0, SEVEN / 255])), (bytes(784), MEANT[0]), ("scaled", "blank")),
    "a few ones": Case(NPY, npy_of(SINGLE), (SINGLE.tobytes(),), ("faint",)),
    "one faint among others": Case(NPY, npy_of(np.stack([SEVEN, ONE // 4])), (MEANT[0], bytes(ONE.ravel() // 4)), ("faint",)),
    "half below and half above 0": Case(JSON, document({"instances": (BOTH / 255 - 0.5).tolist()}), MEANT, ("scaled",)),
    "128 taken away": Case(NPY, npy_of(BOTH.astype("i2") - 128), MEANT, ("scaled",)),
    "128 taken away in CSV": Case(CSV, table((BOTH.astype("i2") - 128).reshape(2, 784).tolist()), MEANT, ("scaled",)),
    "faint": Case(NPY, npy_of(BOTH // 4), tuple(bytes(each.ravel() // 4) for each in BOTH), ("faint",)),
    "faint beside fainter": Case(
        NPY, npy_of(np.stack([SEVEN // 4, ONE // 16])), (bytes(SEVEN.ravel() // 4), bytes(ONE.ravel() // 16)), ("faint",)
    ),
}
REFUSED = {
    "0 and 1 beside -1 to 1": Refused(
        NPY, npy_of(np.stack([BITS[0], BOTH[1] / 127.5 - 1])), "out-of-range", "does not tell on which scale", '(x * 255).astype("uint8")'
    ),
    "0 and 1 beside 0 to 255": Refused(
        JSON, document([FLAT[0], BITS[1].tolist()]), "out-of-range", "0 and 1; other rows are from 0 to 255", '(x * 255).astype("uint8")'
    ),
    "0 and 1 beside 0 to 255 in an array": Refused(
        NPY, npy_of(np.stack([BITS[0], SEVEN])), "out-of-range", "row 1 is of 0 and 1", '(x * 255).astype("uint8")'
    ),
    "0 to 2 beside 0 to 255": Refused(
        JSON, document([FLAT[0], (2 * BITS[1]).ravel().tolist()]), "out-of-range", "no value over 2; other rows are from 0 to 255", "255"
    ),
    **{
        f"4 bits in {name}": Refused(kind, body, "out-of-range", "has no value over 15; as levels of 255", "x * (255 / x.max())")
        for name, kind, body in (
            ("JSON", JSON, document({"instances": (BOTH // 17).tolist()})),
            ("CSV", CSV, table((BOTH // 17).reshape(2, 784).tolist())),
            ("npy", NPY, npy_of(BOTH // 17)),
        )
    },
    "4 bits beside one that is nearly empty": Refused(
        NPY, npy_of(np.stack([SEVEN // 17, SINGLE.reshape(28, 28) * 15])), "out-of-range", "has no value over 15", "x * (255 / x.max())"
    ),
    "0 to 16, as scikit-learn's digits are": Refused(
        NPY, npy_of((SEVEN / 255 * 16).round()), "out-of-range", "has no value over 16", "x * (255 / x.max())"
    ),
    "0 to 16 beside 0 to 255": Refused(
        CSV, table([*FLAT, (ONE // 16).ravel().tolist()]), "out-of-range", "line 3 has no value over 15", "x * (255 / x.max())"
    ),
    "0 to -1": Refused(NPY, npy_of(BOTH / -255), "out-of-range", "is -", "(x * -255)"),
    "normalised one by one": Refused(
        NPY, npy_of(np.stack([(each - each.mean()) / each.std() for each in BOTH.astype(float)])), "out-of-range", "is -0.4", "x - x.min()"
    ),
    "whole numbers below zero": Refused(NPY, npy_of(-BOTH.astype("i2")), "out-of-range", "is -255", "(-x)"),
    "not a number": Refused(NPY, npy_of(np.where(SEVEN > 0, SEVEN, np.nan)), "not-a-number", "is nan", "numpy.nan_to_num"),
    "fractions up to 3": Refused(NPY, npy_of(BOTH / 85), "out-of-range", "expected a whole number", "x * (255 / x.max())"),
    "0 to 1, twice": Refused(
        NPY, npy_of(BOTH / 255 / 255), "out-of-range", "expected a whole number", '(x * 255 * 255).round().astype("uint8")'
    ),
    "fractions of levels": Refused(NPY, npy_of(np.clip(BOTH + 0.3, 0, 255)), "out-of-range", "is 0.3", 'x.round().astype("uint8")'),
    "16 bits": Refused(NPY, npy_of(BOTH.astype("u2") * 257), "out-of-range", "is 65535", '(x / 257).round().astype("uint8")'),
    "below zero": Refused(NPY, npy_of(BOTH.astype("i2") - 200), "out-of-range", "is -200", "x - x.min()"),
    "beyond the ends, as resizing leaves it": Refused(
        NPY, npy_of(np.where(SEVEN > 200, 262.4, SEVEN - 7.5)), "out-of-range", "is -7.5", "x.clip(0, 255)"
    ),
    "without the mean of each pixel": Refused(
        NPY, npy_of(BOTH - np.stack([SEVEN, SEVEN, ONE]).mean(0)), "out-of-range", "expected a whole number", "x - x.min()"
    ),
    "by the mean and the deviation of each pixel, few of which are inked anywhere": Refused(
        NPY,
        npy_of((SEVEN - 2.5) / np.where(np.arange(784).reshape(28, 28) == 120, 1.04, 90.0)),
        "out-of-range",
        "expected a whole number",
        "x - x.min()",
    ),
    "signed bytes": Refused(NPY, npy_of(BOTH.view("i1")), "out-of-range", "is -1", '.view("uint8")'),
    "normalised by others": Refused(NPY, npy_of((BOTH / 255 - 0.485) / 0.229), "out-of-range", "is -2.1", "x * deviation + mean"),
    "normalised and rounded": Refused(
        NPY, npy_of(((BOTH / 255 - 0.1307) / 0.3081).round(2)), "out-of-range", "is -0.42", "x * 0.3081 + 0.1307"
    ),
    "two polarities": Refused(
        NPY, npy_of(np.stack([SEVEN, 255 - ONE])), "out-of-range", "row 2 is drawn dark on bright", '(255 - x).astype("uint8")'
    ),
}
