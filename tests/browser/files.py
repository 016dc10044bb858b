"""Files that people drop on the page, and what the API says of them."""

import base64
from typing import Any

from PIL import Image, ImageDraw, ImageFont
from playwright.sync_api import Page

from tests.browser.upload_servers import MODEL
from tests.digits import encoded

BATCH = {
    "format": "csv",
    "rows": 10_000,
    "succeeded": 9_998,
    "failed": 2,
    "labels": {str(label): rows for label, rows in enumerate([980, 1135, 1032, 1010, 981, 892, 958, 1028, 974, 1008])},
    "verdicts": {"certain": 9755, "not a digit": 31, "unsure": 212},
    "models": {MODEL: 9_998},
    "reasons": [
        {"code": "out-of-range", "count": 1, "row": 3, "detail": "Pixel 12 is 300; pixels are 0 to 255."},
        {"code": "wrong-shape", "count": 1, "row": 71, "detail": "The row has 783 numbers, not 784."},
    ],
    "score": {
        "labelled": 10_000,
        "scored": 9_997,
        "correct": 9_990,
        "accuracy": 9_990 / 9_997,
        "confusion": {"4": {"4": 979, "9": 3}, "7": {"1": 4, "7": 1024}, "9": {"9": 1005}},
        "unknown_labels": {"A": 1},
    },
    "processing_s": 4.2,
}
ROWS = b"0,0,0\n" * 2000
# Where the photo's digits are: x, y, width, height in pixels.
BOXES = [(70, 90, 70, 110), (190, 84, 60, 118), (300, 96, 74, 104), (430, 88, 62, 112)]
LABELS = [4, 2, 7, 1]


def photo() -> bytes:
    """A photo of digits on paper, each in its box."""
    image = Image.effect_noise((560, 400), 12).point(lambda grey: 96 + grey // 1.05).convert("RGB")
    pen = ImageDraw.Draw(image)
    for label, (x, y, w, h) in zip(LABELS, BOXES, strict=True):
        font = ImageFont.load_default(size=h)
        left, top, right, bottom = font.getbbox(str(label))
        pen.text((x + (w - right - left) / 2, y + (h - bottom - top) / 2), str(label), fill=(25, 28, 60), font=font)
    return encoded(image)


def photo_summary(labels: list[int] = LABELS, boxes: list[tuple[int, int, int, int]] = BOXES) -> dict[str, Any]:
    """What the API says of it."""
    predictions = [
        {
            "row": row,
            "label": label,
            "probability": 0.96 - row / 100,
            "probabilities": [0.96 - row / 100 if digit == label else (0.04 + row / 100) / 9 for digit in range(10)],
            "box": list(box),
        }
        for row, (label, box) in enumerate(zip(labels, boxes, strict=True), start=1)
    ]
    counts = {"rows": len(labels), "succeeded": len(labels), "failed": 0, "labels": {str(label): labels.count(label) for label in labels}}
    image = {"width": 560, "height": 400}
    return {
        "format": "image",
        **counts,
        "models": {MODEL: len(labels)},
        "failures": [],
        "processing_s": 0.4,
        "predictions": predictions,
        "image": image,
    }


MANIFEST_OF_NUMBERS = {
    "name": "linear",
    "version": "1.0.0+0a1b2c3d",
    "labels": [],
    "input": {
        "name": "features",
        "dtype": "float32",
        "shape": [1],
        "features": [{"name": "experience", "unit": "years", "least": 0, "range": [1.1, 10.5]}],
    },
    "output": {"name": "values", "kind": "regression", "target": "salary", "unit": "US$ a year"},
    "metrics": {"r2": 0.92214, "mae": 6834.4},
}
MANIFEST_OF_A_TABLE = {
    "name": "logistic_regression",
    "version": "1.0.0+0a1b2c3d",
    "labels": ["No arrest", "Arrest"],
    "input": {
        "name": "features",
        "dtype": "float32",
        "shape": [4],
        "features": [
            {"name": "Type", "values": ["Person search", "Vehicle search"]},
            {"name": "Latitude", "unit": "degrees", "range": [51.328873, 53.930508]},
            {"name": "Gender", "values": ["Male", "Female", ""]},
            {"name": "Object of search", "values": ["Controlled drugs", 'Something "sharp", or a driver\'s tool', ""]},
        ],
    },
    "output": {"name": "probabilities", "kind": "classification", "target": "Outcome"},
    "metrics": {
        "balanced_accuracy": 0.67799,
        "accuracy": 0.69922,
        "calibration": [{"confidence": 0.5528, "accuracy": 0.5623, "images": 329}, {"confidence": 0.9192, "accuracy": 0.875, "images": 24}],
    },
    "provenance": {"rows": {"train": 2008, "validation": 670}},
}
CLASS = {"label": "Arrest", "probability": 0.709, "probabilities": [0.291, 0.709]}


def drop(page: Page, *files: tuple[str, str, bytes | int]) -> None:
    """Drop files (name, type, content or number of zeros) on the uploads' place, as the operating system would hand them over."""
    page.evaluate(
        """(files) => {
            const read = (data) => typeof data === "number" ? new Uint8Array(data) : Uint8Array.from(atob(data), (c) => c.charCodeAt(0));
            const transfer = new DataTransfer();
            for (const [name, type, data] of files) {
                transfer.items.add(new File([read(data)], name, { type }));
            }
            for (const kind of ["dragover", "drop"]) {
                const event = new DragEvent(kind, { dataTransfer: transfer, bubbles: true, cancelable: true });
                document.getElementById("upload-files").dispatchEvent(event);
            }
        }""",
        [[name, type_, data if isinstance(data, int) else base64.b64encode(data).decode()] for name, type_, data in files],
    )
