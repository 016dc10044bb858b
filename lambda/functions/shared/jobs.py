"""A job's id and the keys of its objects: pure names, shared by two functions and the command.

uploads bucket   uploads/<owner>/<id>/<name>   through the API            inbox/<relative key>           copied there by an operator
results bucket   jobs/<owner>/<id>/…           job.json, started.json     inbox/<relative key>/<id>/…    started.json
                                               predictions.jsonl, predictions.csv, summary.json, attempts/…
"""

import hashlib
import re
import secrets
from typing import NamedTuple

from functions.shared import areas
from functions.shared.litter import is_litter
from functions.shared.owner import OWNER

# Crockford's base 32, without i, l, o and u: people read ids to each other.
_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
ID = re.compile(rf"[{_ALPHABET}]{{26}}")
_LATEST_MS = 32**10 - 1
_IN_A_KEY = re.compile(r"[^\w .()+,=@-]")  # unicode letters stay; "$", of which a form makes ${filename}, does not

LONGEST_PAGE = 100  # jobs in one answer
LONGEST_NAME = 200
# A lone surrogate is how Python holds a byte of a file name that is not UTF-8; JSON cannot carry it.
FORBIDDEN_IN_NAME = re.compile(r"[\x00-\x1f\x7f/\\\ud800-\udfff]")
LONGEST_INBOX_KEY_BYTES = 900
RECORD, STARTED, SUMMARY = "job.json", "started.json", "summary.json"
PREDICTIONS, TABLE = "predictions.jsonl", "predictions.csv"
ATTEMPTS = "attempts"  # the folder of notes on attempts that did not finish the job
RESULTS = (PREDICTIONS, TABLE)


class Job(NamedTuple):
    """One upload's job.

    Args:    owner: who may see it.
             id: sorts newest first among an owner's.
             name: the upload's, for people.
             prefix: of its objects in the results bucket; ends with a slash.
    """

    owner: str
    id: str
    name: str
    prefix: str

    @classmethod
    def new(cls, owner: str, name: str, now_ms: int) -> "Job":
        """Return a job that sorts before every earlier one, under an id nobody can guess."""
        return cls.of_owner(owner, _digits(_LATEST_MS - now_ms, 10) + _digits(secrets.randbits(80), 16), name)

    @classmethod
    def of_owner(cls, owner: str, id_: str, name: str = "") -> "Job":
        """Return the owner's job with this id."""
        return cls(owner, id_, name, f"{jobs_of(owner)}{id_}/")

    @classmethod
    def of_upload(cls, key: str, version: str) -> "Job | None":
        """Return the job of an object in the uploads bucket; None if no job belongs to it: folders and litter in inbox/ have none.

        Args:    key: decoded.
                 version: the object's version; the same for every copy of its event. An inbox object's id is made of both, so each version
                     of a key has a job of its own.
        """
        area, _, rest = key.partition("/")
        if area == areas.INBOX:
            if not rest or rest.endswith("/") or is_litter(rest):
                return None
            number = int.from_bytes(hashlib.sha256(f"{key}\n{version}".encode()).digest()[:16], "big")
            id_ = _digits(number, 26)
            # A key has at most 1,024 bytes; where the results' names would not fit, the id alone names the folder.
            folder = rest if len(rest.encode("utf-8", "replace")) <= LONGEST_INBOX_KEY_BYTES else "long-names"
            return cls(areas.INBOX, id_, rest, f"{areas.INBOX}/{folder}/{id_}/")
        owner, id_, name = (*rest.split("/", 2), "", "")[:3] if area == areas.UPLOADS else ("", "", "")
        return cls.of_owner(owner, id_, name) if OWNER.fullmatch(owner) and ID.fullmatch(id_) and name else None

    @property
    def upload_key(self) -> str:
        """The key in the uploads bucket that the API signs."""
        return f"{areas.UPLOADS}/{self.owner}/{self.id}/{_IN_A_KEY.sub('_', self.name)[-LONGEST_NAME:] or 'upload'}"

    @property
    def channel(self) -> str:
        """Its AppSync Events channel."""
        return f"/jobs/{self.owner}/{self.id}"

    @property
    def status_url(self) -> str:
        """Its path in the API."""
        return f"/jobs/{self.id}"

    def key(self, name: str) -> str:
        """Return the key of one of its objects in the results bucket."""
        return self.prefix + name


def jobs_of(owner: str) -> str:
    """Return the prefix of an owner's jobs in the results bucket."""
    return f"{areas.JOBS}/{owner}/"


def draw_id() -> str:
    """Return one of all ids at random."""
    return _digits(secrets.randbits(130), 26)


def _digits(number: int, count: int) -> str:
    return "".join(_ALPHABET[number >> 5 * place & 31] for place in reversed(range(count)))
