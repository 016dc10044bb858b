"""Pictures inside JSON."""

import base64
import binascii
import re

from recipes.errors import Malformed, UnsupportedType

ADDRESS = r"\s*(blob:|(https?|s3|gs|file|content)://)"
FILE_NAME = r"\s*@?[\w./\\: ()-]{1,250}\.(png|jpe?g|gif|webp|bmp|tiff?|heic|json|csv|npy|npz|pdf|zip)\s*"
SEND_BYTES = "Send the picture's bytes in base64, or the picture itself."
EMPTY = {"undefined", "null", "None", "NaN", "[object Object]", "[object Blob]", "[object File]", "[object Promise]"}
DRAWN_FIRST = "Wait until the picture is drawn or its file is read, and see that the canvas has a size."
SEND_FILE = "Send the file itself with --data-binary @FILE or -F image=@FILE, or its bytes as base64."
STRAY = " \t\r\n\v\f\ufeff\0"
HEXADECIMAL = ("89504e47", "ffd8ff", "474946383", "52494646")  # how PNG, JPEG, GIF and WebP begin; no base64 of a picture does
BINARY = ("\x89PNG", "\xff\xd8\xff", "GIF8", "RIFF", "\x93NUMPY", "\x1f\x8b", "\ufffd")  # how files begin as text
AS_BLOB = "In a browser: FileReader.readAsDataURL; in a form new Blob([bytes])."
_STANDARD = str.maketrans("-_", "+/")
LONGEST_HEAD = 40
# Compiled when they are first needed, which few starts of a function see.
_LEFT_OF_URL = r"(?i)((\w+/[\w.+-]+)?;?base64)?"  # as image/png;base64, where a program takes data: away
_UNPARTED_URL = r"data:[\w/+.-]{0,40};base64\w"
_CUT = r"[A-Za-z0-9+/]{40,}(\.\.\.|…)?"


def decode_picture(value: object, place: str) -> bytes:
    """Return the bytes of a picture that JSON holds as base64, of any encoder's kind, or as a data: URL.

    Nothing is ambiguous in line breaks, in a missing padding, in spaces and escapes, as forms have them, in the two characters
    that base64 for addresses has of its own, in quotes and b'…', and in hexadecimal digits in place of base64.

    Args:    place: where the value is, for the error, as in '"image" in line 3'.
    Raises:  Malformed: not a string, or not base64.
    """
    if not isinstance(value, str):
        raise Malformed(f"{place} is not a string; expected a picture as base64", advice=SEND_BYTES)
    text = value.strip(STRAY)
    if not text or text in EMPTY:
        raise Malformed(f"{place} is {text!r}, which holds no picture", advice=DRAWN_FIRST)
    if text[:2] in {"b'", 'b"'} and text[-1:] == text[1]:
        text = text[2:-1]  # Python's str() of bytes
    text = text.strip("'\"").replace("\\n", "").replace("\\r", "")
    digits = text[2:] if text[:2] in {"\\x", "0x", "0X"} else text  # as databases write bytes
    if digits[:10].lower().startswith(HEXADECIMAL) and re.fullmatch(r"([0-9a-fA-F]{2}\s*)+", digits):
        return bytes.fromhex(digits)
    if "%" in text:
        text = _replace_escapes(text)
    text = _take_from_url(text, place)
    if " " in text and "+" not in text and not _is_wrapped(text):
        text = text.replace(" ", "+")  # which a form means by a plus
    text = "".join(text.split()).rstrip("=").translate(_STANDARD)
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError) as error:
        _refuse_stand_in(value, place)
        if re.fullmatch(_CUT, text):  # four characters are three bytes, and one alone is none
            raise Malformed(f"{place} is base64 that is cut off", advice="Send all of it.") from error
        raise Malformed(f"{place} is not base64", advice=SEND_BYTES) from error


def _take_from_url(text: str, place: str) -> str:
    """Return the base64 of a data: URL, or of what a program left of one; any other text as it is.

    Raises:  Malformed, UnsupportedType: the URL is of nothing, of a drawing, or has no base64.
    """
    head, comma, rest = text.partition(",")
    if not comma and re.match(_UNPARTED_URL, head):  # its comma was lost
        head, comma, rest = text.partition(";base64")
        head += comma
    if not comma and head[:5].lower() != "data:":
        return text
    if re.fullmatch(_LEFT_OF_URL, head[:LONGEST_HEAD]):
        return rest
    if head[:5].lower() != "data:":
        return text
    if not rest or rest in EMPTY:
        raise Malformed(f"{place} is the data: URL of an empty picture", advice=DRAWN_FIRST)
    if head.lower().startswith("data:image/svg"):
        raise UnsupportedType(f"{place} is an SVG drawing", advice="Save it as PNG or JPEG and send that.")
    if not head.lower().endswith(";base64"):
        raise Malformed(f"{place} is a data: URL without base64", advice="Send data:image/png;base64,…")
    return rest


def _replace_escapes(text: str) -> str:
    """Return a text without what addresses and forms put for characters of base64 and of data: URLs."""
    for character in ":;,+/=":
        code = f"%{ord(character):02X}"
        text = text.replace(code, character).replace(code.lower(), character)
    return text


def _refuse_stand_in(text: str, place: str) -> None:
    """Refuse what stands for a file: its address, its name, or its bytes as letters, as JavaScript's readAsBinaryString() gives them."""
    if text.startswith(BINARY):
        raise Malformed(f"{place} is a file's bytes as text; expected base64", advice=AS_BLOB)
    if re.match(ADDRESS, text, re.IGNORECASE):  # compiled when it is first needed, which few starts of a function see
        raise Malformed(f"{place} is the address of a file; nothing is fetched here", advice=f"Download it. {SEND_FILE}")
    if re.fullmatch(FILE_NAME, text[:300], re.IGNORECASE):
        raise Malformed(f"{place} is the name of a file, not the file", advice=SEND_FILE)


def _is_wrapped(text: str) -> bool:
    """Return whether white space parts a text into lines of one length, as encoders do."""
    *lines, last = text.split()
    return len({len(line) for line in lines}) < 2 and (not lines or len(last) <= len(lines[0]))
