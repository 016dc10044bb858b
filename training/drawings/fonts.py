"""The fonts that come with matplotlib and Pillow, in two sets: models are fitted on one and measured on the other."""

from functools import cache
from importlib.util import find_spec
from pathlib import Path

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
    return ImageFont.truetype(str(find_matplotlibs_data() / "fonts/ttf" / f"{name}.ttf"), size_px)


@cache
def find_matplotlibs_data() -> Path:
    """Return the folder of matplotlib's fonts and samples without its import, which is a third of the start of a process that draws."""
    found = find_spec("matplotlib")
    if found is None or not found.origin:
        raise ModuleNotFoundError(
            "matplotlib is not installed, whose fonts pictures are drawn with: make setup-training", name="matplotlib"
        )
    return Path(found.origin).parent / "mpl-data"
