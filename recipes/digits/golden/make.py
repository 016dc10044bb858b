"""Writes the golden pictures, their cases.json and docs/seven.png from MNIST's test set: `python -m recipes.digits.golden.make`.

Each picture is here with the 784 pixels the transform makes of it and the digit it shows, so that whatever serves the recipe can be held
to the same answers: the transform byte by byte, a model by its labels.
"""

import base64
import io
import json
from pathlib import Path

import numpy as np
from PIL import Image, ImageFilter

from recipes.digits.dataset import FOLDER, UInt8, load
from recipes.digits.transform import to_digit

HERE = Path(__file__).resolve().parent
SEVEN = HERE.parents[2] / "docs/seven.png"
FIRST = 10  # the test set's ninth digit is a 5 that reads as a 6
DRAWING_PX, DIGIT_PX = 280, 210


def main() -> None:
    """Write the pictures and what is expected of each."""
    test = load(FOLDER).test
    digits = [test.inputs[FIRST + int(np.argmax(test.targets[FIRST:] == label))] for label in range(10)]
    pictures = {f"{label}.png": (_encode(Image.fromarray(digit)), label) for label, digit in enumerate(digits)}
    pictures["canvas.png"] = _encode(draw(digits[6], right_px=50, down_px=20)), 6
    pictures["inverted.png"] = _encode(Image.fromarray(255 - digits[5])), 5
    pictures["photo.jpg"] = _encode(photograph(digits[2]), "JPEG"), 2
    pictures["alpha.png"] = _encode(draw_ink_alone(digits[8])), 8
    cases = []
    for name, (picture, label) in pictures.items():
        (HERE / name).write_bytes(picture)
        cases.append({"file": name, "label": label, "pixels_base64": base64.b64encode(to_digit(picture)).decode()})
    (HERE / "cases.json").write_text(json.dumps(cases, indent=1) + "\n")
    SEVEN.write_bytes(_encode(draw(digits[7], right_px=35, down_px=35)))


def draw(digit: UInt8, *, right_px: int, down_px: int) -> Image.Image:
    """Return the digit as a page's canvas would have it: large, dark on white, with sharp edges."""
    large = Image.fromarray(digit).resize((DIGIT_PX, DIGIT_PX), Image.Resampling.BICUBIC)
    page = Image.new("L", (DRAWING_PX, DRAWING_PX), 255)
    page.paste(large.point([max(0, min(255, round(255 - (level - 96) * 4))) for level in range(256)]), (right_px, down_px))
    return page


def photograph(digit: UInt8) -> Image.Image:
    """Return the drawing as a camera would have it: grey ink on grey paper lit from the left, blurred and noisy."""
    page = np.asarray(draw(digit, right_px=20, down_px=50), np.float32) / 255
    light = np.linspace(30, -30, DRAWING_PX)[None, :]
    noise = np.random.default_rng(0).normal(0, 4, page.shape)
    return Image.fromarray(np.clip(45 + page * 145 + light + noise, 0, 255).astype(np.uint8)).filter(ImageFilter.GaussianBlur(0.8))


def draw_ink_alone(digit: UInt8) -> Image.Image:
    """Return black ink on nothing: the digit is in the alpha channel alone."""
    alpha = Image.fromarray(digit).resize((112, 112), Image.Resampling.BICUBIC)
    return Image.merge("RGBA", [Image.new("L", alpha.size, 0)] * 3 + [alpha])


def _encode(image: Image.Image, format_: str = "PNG") -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, format_, **({"optimize": True} if format_ == "PNG" else {"quality": 80}))
    return buffer.getvalue()


if __name__ == "__main__":
    main()
