"""Whose certificates are trusted: those of AWS_CA_BUNDLE, or of the system's authorities; for AWS's hosts first of Amazon's among them.

Loading all of a system's authorities takes 20 ms, a third of a function's start; Amazon's take one.
"""

import ssl
from base64 import b64decode
from functools import cache

from recipes.errors import InvalidSettings

AWS_HOSTS = (".amazonaws.com", ".api.aws")
AMAZON = b"Amazon Root CA"  # in their names; AWS: "How to prepare for AWS's move to its own certificate authority"
BEGIN, END = "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"


def find_first(host: str, authorities: str) -> ssl.SSLContext:
    """Return what a host's certificate is checked by first; where it fails, by `find_whole`.

    Args:    authorities: a file of the certificates to trust; "" for those that the system trusts.
    Raises:  InvalidSettings: the system trusts none.
    """
    few = _find_amazon() if not authorities and host.endswith(AWS_HOSTS) else None
    return few or find_whole(authorities)


def find_whole(authorities: str) -> ssl.SSLContext:
    """Return what any host's certificate is checked by; the arguments and errors are those of `find_first`."""
    system = ssl.get_default_verify_paths()
    if not authorities and not system.cafile and not system.capath:
        advice = "set AWS_CA_BUNDLE to a file of certificates"
        raise InvalidSettings(f"the system has no certificates of authorities to trust; {advice}", advice=advice)
    return _load(authorities)


@cache
def _load(authorities: str) -> ssl.SSLContext:
    """Return what hosts are checked by; a function has connections to several."""
    return ssl.create_default_context(cafile=authorities or None)


@cache
def _find_amazon() -> ssl.SSLContext | None:
    """Return what AWS's hosts are checked by; None where the system has no file with Amazon's authorities."""
    path = ssl.get_default_verify_paths().cafile
    if not path:
        return None
    try:
        with open(path, encoding="ascii", errors="replace") as file:  # noqa: PTH123 - pathlib would be imported for it
            chosen = list_amazon(file.read())
        return ssl.create_default_context(cadata="\n".join(chosen)) if chosen else None
    except (OSError, ValueError):  # for all that are to be loaded to say; a certificate that is none is an OSError too
        return None


def list_amazon(text: str) -> list[str]:
    """Return the certificates of Amazon's authorities among those of a file (PEM)."""
    parts = (part.partition(END)[0] for part in text.split(BEGIN)[1:])
    return [f"{BEGIN}{part}{END}" for part in parts if AMAZON in b64decode(part)]
