"""RSA public keys, and whether a signature is theirs.  Verifying needs no secret, so nothing here has to hide one."""

from __future__ import annotations

import hashlib
import hmac
from typing import NamedTuple

# What comes before a SHA-256 in a PKCS #1 v1.5 signature: DER that names the hash.
SHA256_IN_DER = bytes.fromhex("3031300d060960864801650304020105000420")
BITS_MIN = 1024


class PublicKey(NamedTuple):
    """An RSA key that verifies signatures."""

    modulus: int
    exponent: int

    @property
    def size(self) -> int:
        """Bytes of a signature."""
        return (self.modulus.bit_length() + 7) // 8


def public_key(der: bytes) -> PublicKey:
    """The key in a DER document: PKCS #1, as CloudTrail gives it, or SubjectPublicKeyInfo.  Raises ValueError."""
    body, _ = _element(_pkcs1(der), 0x30)
    modulus, rest = _element(body, 0x02)
    exponent, rest = _element(rest, 0x02)
    key = PublicKey(int.from_bytes(modulus), int.from_bytes(exponent))
    if rest or key.modulus.bit_length() < BITS_MIN or not key.modulus & 1 or key.exponent < 3 or not key.exponent & 1:
        raise ValueError("this is not an RSA key")
    return key


def _element(der: bytes, tag: int) -> tuple[bytes, bytes]:
    """The content of the first DER element, which must have the tag, and what follows it."""
    if len(der) < 2 or der[0] != tag:
        raise ValueError("this is not a DER key")
    size, at = der[1], 2
    if size & 0x80:
        at += size & 0x7F
        size = int.from_bytes(der[2:at])
    if len(der) < at + size:
        raise ValueError("this DER key is cut short")
    return der[at : at + size], der[at + size :]


def fingerprint_of(der: bytes) -> str:
    """The fingerprint by which CloudTrail names a key: the MD5 of its PKCS #1 form.  Raises ValueError for no key."""
    public_key(der)
    return hashlib.md5(_pkcs1(der), usedforsecurity=False).hexdigest()


def _pkcs1(der: bytes) -> bytes:
    """The RSA key alone, where it stands beside the name of its algorithm (SubjectPublicKeyInfo)."""
    body, rest = _element(der, 0x30)
    if rest:
        raise ValueError("there is something after the key")
    if body[:1] != b"\x30":
        return der
    _, bits = _element(body, 0x30)
    inner, _ = _element(bits, 0x03)
    return inner[1:]


def verifies(key: PublicKey, text: bytes, signature: bytes) -> bool:
    """Whether `signature` is that of `text` by the key's owner: RSASSA-PKCS1-v1_5 with SHA-256 (RFC 8017, 8.2.2).

    The signed block is made anew and compared whole, so no form of padding but the one that is right passes.
    """
    size, value = key.size, int.from_bytes(signature)
    hashed = SHA256_IN_DER + hashlib.sha256(text).digest()
    if len(signature) != size or value >= key.modulus or size < len(hashed) + 11:
        return False
    expected = b"\x00\x01" + b"\xff" * (size - len(hashed) - 3) + b"\x00" + hashed
    return hmac.compare_digest(pow(value, key.exponent, key.modulus).to_bytes(size), expected)
