"""Cognito's secure remote password protocol: proof of a password that is never sent. Pure functions of the exchange's numbers.

It is SRP-6a with RFC 3526's prime of 3072 bits, generator 2 and SHA-256, and a key that is derived as Cognito's own clients derive it.
"""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from datetime import datetime

PRIME = int(
    "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DDEF9519B3CD3A431B302B0A6DF25F1437"
    "4FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7EDEE386BFB5A899FA5AE9F24117C4B1FE649286651ECE45B3DC2007CB8A163BF05"
    "98DA48361C55D39A69163FA8FD24CF5F83655D23DCA3AD961C62F356208552BB9ED529077096966D670C354E4ABC9804F1746C08CA18217C32905E462E36CE3B"
    "E39E772C180E86039B2783A2EC07A28FB5C55DF06F4C52C9DE2BCBF6955817183995497CEA956AE515D2261898FA051015728E5A8AAAC42DAD33170D04507A33"
    "A85521ABDF1CBA64ECFB850458DBEF0A8AEA71575D060C7DB3970F85A6E1E4C7ABF5AE8CDB0933D71E8C94E04A25619DCEE3D2261AD2EE6BF12FFA06D98A0864"
    "D87602733EC86A64521F2B18177B200CBBE117577A615D6C770988C0BAD946E208E24FA074E5AB3143DB5BFCE0FD108E4B82D120A93AD2CAFFFFFFFFFFFFFFFF",
    16,
)
GENERATOR = 2
SECRET_BITS = 256  # the least that RFC 5054 lets a secret have
KEY_INFO, KEY_BYTES = b"Caldera Derived Key\x01", 16
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class Exchange:
    """One sign-in: `public` is sent first, then the answer to the server's challenge."""

    def __init__(self, pool_id: str) -> None:
        self._pool = pool_id.partition("_")[2]
        self._secret = secrets.randbits(SECRET_BITS) | 1
        self._public = pow(GENERATOR, self._secret, PRIME)

    @property
    def public(self) -> str:
        """The client's public number, in hexadecimal."""
        return f"{self._public:x}"

    def answer(self, challenge: Mapping[str, str], password: str, now: datetime) -> dict[str, str]:
        """Return the responses to a PASSWORD_VERIFIER challenge.

        Args:    challenge: its parameters: SRP_B and SALT in hexadecimal, SECRET_BLOCK in base64, USER_ID_FOR_SRP.
                 now: in UTC; Cognito refuses a proof that is some minutes old.
        """
        user, block = challenge["USER_ID_FOR_SRP"], challenge["SECRET_BLOCK"]
        key = self._derive_key(user, password, int(challenge["SRP_B"], 16), int(challenge["SALT"], 16))
        # In English whatever the locale, and the day without a zero: strftime does neither.
        timestamp = f"{DAYS[now.weekday()]} {MONTHS[now.month - 1]} {now.day} {now:%H:%M:%S} UTC {now.year}"
        proof = hmac.digest(key, f"{self._pool}{user}".encode() + base64.b64decode(block) + timestamp.encode(), "sha256")
        return {
            "USERNAME": user,
            "PASSWORD_CLAIM_SECRET_BLOCK": block,
            "PASSWORD_CLAIM_SIGNATURE": base64.b64encode(proof).decode(),
            "TIMESTAMP": timestamp,
        }

    def _derive_key(self, user: str, password: str, server_public: int, salt: int) -> bytes:
        scramble = _hash(_pad(self._public), _pad(server_public))
        identity = hashlib.sha256(f"{self._pool}{user}:{password}".encode()).digest()
        private = _hash(_pad(salt), identity)
        multiplier = _hash(_pad(PRIME), _pad(GENERATOR))
        base = server_public - multiplier * pow(GENERATOR, private, PRIME)
        shared = pow(base, self._secret + scramble * private, PRIME)
        return hmac.digest(hmac.digest(_pad(scramble), _pad(shared), "sha256"), KEY_INFO, "sha256")[:KEY_BYTES]


def _pad(number: int) -> bytes:
    """Return a number's bytes, with a zero before them where the first bit is set."""
    return number.to_bytes(number.bit_length() // 8 + 1, "big")


def _hash(*parts: bytes) -> int:
    return int.from_bytes(hashlib.sha256(b"".join(parts)).digest(), "big")
