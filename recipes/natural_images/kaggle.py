"""Fetches the photos with the reader's own account: `python -m recipes.natural_images.kaggle natural-images.zip`.

Kaggle gives files to its users alone: on its page of settings "Create New Token" saves kaggle.json, which belongs into ~/.kaggle/.
"""

import base64
import json
import os
import sys
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

from recipes.errors import InferstackError, InvalidSettings

API_URL = "https://www.kaggle.com/api/v1"
DATASET = "prasunroy/natural-images"
FOLDER_VARIABLE = "KAGGLE_CONFIG_DIR"  # Kaggle's own: where kaggle.json is, if not in ~/.kaggle
MAX_BYTES = 2 << 30  # the zip has 350 MB
CHUNK_BYTES, TIMEOUT_S = 1 << 20, 60
HOW = "On kaggle.com, under Settings, API, create a new token, and put the kaggle.json that it saves into ~/.kaggle/."


class CannotFetchError(InferstackError):
    """Kaggle did not give the file."""


def fetch(path: Path, *, api_url: str = API_URL, dataset: str = DATASET) -> Path:
    """Fetch a data set's zip, and return its path; it is complete or absent, and one that is there is not fetched again.

    Raises:  InvalidSettings: there is no kaggle.json, or it holds no user and key.
             CannotFetchError: Kaggle refuses the key, is not reached, or breaks off.
    """
    if path.exists():
        return path
    request = Request(f"{api_url}/datasets/download/{dataset}")  # noqa: S310 - the address is the one above
    # Not sent on: Kaggle answers with the address of a store, which is not to know the key.
    request.add_unredirected_header("Authorization", f"Basic {base64.b64encode(':'.join(read_key()).encode()).decode()}")
    part = path.with_name(f"{path.name}.part")
    try:
        with urlopen(request, timeout=TIMEOUT_S) as answer, part.open("wb") as file:  # noqa: S310
            expected, got = answer.headers.get("Content-Length"), 0
            while chunk := answer.read(CHUNK_BYTES):
                got += file.write(chunk)
                if got > MAX_BYTES:
                    raise CannotFetchError(f"Kaggle sends more than {MAX_BYTES:,} bytes")
        if expected is not None and got != int(expected):
            raise CannotFetchError(f"Kaggle sent {got:,} of {int(expected):,} bytes", advice="Try it again.")
        return part.replace(path)
    except HTTPError as error:
        error.close()
        advice = HOW if error.code in {401, 403} else "Try it again, or fetch the zip with a browser and name it with --data."
        raise CannotFetchError(f"Kaggle answers {error.code} {error.reason} for {dataset}", advice=advice) from error
    except (URLError, OSError) as error:
        raise CannotFetchError(f"Kaggle is not reached: {error}", advice="Fetch the zip where there is internet, and name it.") from error
    finally:
        part.unlink(missing_ok=True)


def read_key() -> tuple[str, str]:
    """Return the user and the key of kaggle.json; raise InvalidSettings if there is none."""
    path = Path(os.environ.get(FOLDER_VARIABLE) or Path.home() / ".kaggle") / "kaggle.json"
    try:
        document = json.loads(path.read_text())
        return str(document["username"]), str(document["key"])
    except FileNotFoundError as error:
        raise InvalidSettings(f"{path} is missing", advice=HOW) from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InvalidSettings(f"{path} holds no username and key", advice=HOW) from error


if __name__ == "__main__":
    try:
        fetch(Path(sys.argv[1] if len(sys.argv) > 1 else "natural-images.zip"))
    except InferstackError as refusal:
        sys.exit(f"{refusal.detail}. {refusal.advice}")
