"""The fonts that come with matplotlib and Pillow, in two sets: models are fitted on one and measured on the other."""

from functools import cache
from pathlib import Path

import matplotlib as mpl
from PIL import ImageFont

Font = ImageFont.FreeTypeFont
PILLOWS_OWN = ""
FITTED_ON = (
    *("DejaVuSans", "DejaVuSans-Bold", "DejaVuSans-Oblique", "DejaVuSansMono", "DejaVuSansMono-Bold"),
    *("DejaVuSerif", "DejaVuSerif-Bold", "DejaVuSerif-Italic", "STIXGeneral", "STIXGeneralBol", "STIXGeneralItalic"),
)
HELD_OUT = ("cmr10", "cmb10", "cmss10", "cmtt10", "cmti10", PILLOWS_OWN)


@cache
def open_font(name: str, size_px: int) -> Font:
    """Return a font of one of the sets at a size."""
    if name == PILLOWS_OWN:
        font = ImageFont.load_default(size_px)
        if not isinstance(font, ImageFont.FreeTypeFont):
            raise RuntimeError("Pillow was built without FreeType; its wheels have it")
        return font
    return ImageFont.truetype(str(Path(mpl.get_data_path()) / "fonts/ttf" / f"{name}.ttf"), size_px)
