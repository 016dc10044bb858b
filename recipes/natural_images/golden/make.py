"""Writes the golden pictures and their cases.json: `python -m recipes.natural_images.golden.make`.

Each is one picture saved in another way, with the digest of the pixels that the transform makes of it.
"""

import hashlib
import io
import json
from pathlib import Path

from PIL import Image, ImageDraw

from recipes.pictures.squares import read_color_square

HERE = Path(__file__).resolve().parent
ORIENTATION, TURNED = 0x0112, 6  # EXIF: the camera was held on its side


def main() -> None:
    """Write the pictures and what is expected of each."""
    upright = draw_car()
    exif = Image.Exif()
    exif[ORIENTATION] = TURNED
    pictures = {
        "car.png": _encode(upright, "PNG"),
        "turned.png": _encode(upright.transpose(Image.Transpose.ROTATE_90), "PNG", exif=exif),
        "palette.png": _encode(upright.convert("P", palette=Image.Palette.ADAPTIVE, colors=16), "PNG"),
        "grey.png": _encode(upright.convert("L"), "PNG"),
        "photo.jpg": _encode(upright, "JPEG", quality=90),
    }
    cases = []
    for name, picture in pictures.items():
        (HERE / name).write_bytes(picture)
        digest = hashlib.sha256(read_color_square(picture).values).hexdigest()
        cases.append({"file": name, "label": "car", **({"pixels_sha256": digest} if name.endswith(".png") else {})})
    (HERE / "cases.json").write_text(json.dumps(cases, indent=1) + "\n")


def draw_car() -> Image.Image:
    """Return a picture of a car, wider than high, with a part on either side that no square of it has."""
    picture = Image.new("RGB", (320, 240), "#9cc7e8")
    pen = ImageDraw.Draw(picture)
    pen.rectangle((0, 170, 320, 240), fill="#6d6d6d")
    pen.rectangle((0, 0, 20, 240), fill="#00a000")
    pen.polygon([(110, 130), (135, 85), (200, 85), (225, 130)], fill="#b01c24")
    pen.rectangle((75, 128, 250, 175), fill="#b01c24")
    pen.polygon([(124, 126), (140, 94), (164, 94), (164, 126)], fill="#dcecf5")
    pen.polygon([(171, 126), (171, 94), (195, 94), (211, 126)], fill="#dcecf5")
    for x in (112, 212):
        pen.ellipse((x - 22, 153, x + 22, 197), fill="#1d1d1d")
        pen.ellipse((x - 9, 166, x + 9, 184), fill="#bdbdbd")
    return picture


def _encode(picture: Image.Image, kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


if __name__ == "__main__":
    main()
