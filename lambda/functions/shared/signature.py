"""Texts that only this stage can have written: each ends in its MAC (HMAC-SHA256, RFC 2104) by a key of the stage, for one owner.

Nothing is stored when a text is signed. Whoever has no key can neither invent one nor use another owner's.
"""

import base64
import hmac
from collections.abc import Sequence

MAC_BYTES, MAC_LENGTH = 16, 22  # 128 bits, and their length as base64url
PURPOSE = "inferstack/prediction"  # so that the key could sign other things too, and none of them would pass for this one


def sign(text: str, owner: str, key: str) -> str:
    """Return the text with its MAC: 22 characters more, safe in an address.

    Args:    owner: who alone may use it.
    """
    return text + _compute_mac(text, owner, key)


def verify(signed: str, owner: str, keys: Sequence[str]) -> str | None:
    """Return the text, or None if it was not signed for this owner with one of the keys.

    Args:    signed: of ASCII characters.
    """
    text, mac = signed[:-MAC_LENGTH], signed[-MAC_LENGTH:]
    is_ours = any(hmac.compare_digest(mac, _compute_mac(text, owner, key)) for key in keys)
    return text if is_ours else None


def _compute_mac(text: str, owner: str, key: str) -> str:
    # Neither a purpose nor an owner holds a line break, so no two triples are one message.
    digest = hmac.digest(key.encode(), f"{PURPOSE}\n{owner}\n{text}".encode(), "sha256")
    return base64.urlsafe_b64encode(digest[:MAC_BYTES]).decode().rstrip("=")
