"""What was done to a body, and how it is done right."""

import re
from typing import NamedTuple

from recipes.errors import InvalidInput, Malformed

NO_ADDRESS = "the body has the address of a file; nothing is fetched here"
NO_FILE = "the body has the name of a file, not the file"
NAME_OF_A_FILE = "With curl: --data-binary @FILE or -F image=@FILE."
FILE_NAME = re.compile(r"\s*@?[\w./\\: ()-]{1,250}\.(png|jpe?g|gif|webp|bmp|tiff?|heic|json|csv|npy|npz|pdf|zip)\s*", re.IGNORECASE)


class Mistake(NamedTuple):
    """What was done, as a sentence about the body, and how it is done right."""

    detail: str
    advice: str
    kind: type[InvalidInput] = Malformed
