"""Keys and signatures; `cryptography` is the oracle."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

import pytest
from benchmarks.trails import key
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from koban.engines.rsa import SHA256_IN_DER, fingerprint_of, public_key, verifies

KEY = public_key(key().der)


@pytest.mark.parametrize("bits", [1024, 2048, 3072, 4096])
def test_a_signature_of_any_size_of_key(bits: int) -> None:
    private = rsa.generate_private_key(65537, bits)
    signature = private.sign(b"text", padding.PKCS1v15(), hashes.SHA256())
    for form in (PublicFormat.PKCS1, PublicFormat.SubjectPublicKeyInfo):
        mine = public_key(private.public_key().public_bytes(Encoding.DER, form))
        assert verifies(mine, b"text", signature)
        assert not verifies(mine, b"texu", signature)


@given(at=st.integers(0, 255), flip=st.integers(1, 255))
def test_a_changed_signature_is_refused_as_the_oracle_refuses_it(at: int, flip: int) -> None:
    good = key().private.sign(b"text", padding.PKCS1v15(), hashes.SHA256())
    bad = bytes(byte ^ (flip if at == number else 0) for number, byte in enumerate(good))
    with pytest.raises(InvalidSignature):
        key().private.public_key().verify(bad, b"text", padding.PKCS1v15(), hashes.SHA256())
    assert not verifies(KEY, b"text", bad)


def forged(block: bytes) -> bytes:
    """The signature that comes to `block`, as only the owner of the key could make it."""
    numbers = key().private.private_numbers()
    return pow(int.from_bytes(block), numbers.d, numbers.public_numbers.n).to_bytes(256)


def test_no_padding_but_the_right_one_passes() -> None:
    der = SHA256_IN_DER + hashlib.sha256(b"text").digest()
    fill = 256 - len(der) - 3
    rows = {
        b"\x00\x01" + b"\xff" * fill + b"\x00" + der: True,
        b"\x00\x01" + b"\xff" * 8 + b"\x00" + der + b"\x00" * (fill - 8): False,  # something after the hash
        b"\x00\x01" + b"\xfe" * fill + b"\x00" + der: False,
        b"\x00\x02" + b"\xff" * fill + b"\x00" + der: False,
        b"\x00\x01" + b"\xff" * (fill + 19) + b"\x00" + der[19:]: False,  # the hash is not named
    }
    for block, passes in rows.items():
        assert verifies(KEY, b"text", forged(block)) is passes


@pytest.mark.parametrize("change", [lambda s: s[:-1], lambda s: s + b"\x00", lambda s: b"\x00" + s, lambda s: b""])
def test_a_signature_of_another_length_is_refused(change: Any) -> None:
    assert not verifies(KEY, b"text", change(key().private.sign(b"text", padding.PKCS1v15(), hashes.SHA256())))


def test_a_signature_plus_the_modulus_is_refused() -> None:
    modulus = KEY.modulus
    for _ in range(20):
        signature = int.from_bytes(key().private.sign(b"text", padding.PKCS1v15(), hashes.SHA256()))
        if (signature + modulus).bit_length() <= 2048:
            assert not verifies(KEY, b"text", (signature + modulus).to_bytes(256))
    assert not verifies(KEY, b"text", modulus.to_bytes(256))


def test_the_fingerprint_is_the_md5_of_the_key_in_pkcs1() -> None:
    """As in CloudTrail's own example of ListPublicKeys."""
    example = (
        "MIIBCgKCAQEAn11L2YZ9h7onug2ILi1MWyHiMRsTQjfWE+pHVRLk1QjfWhirG+lpOa8NrwQ/r7Ah5bNL6HepznOU9XTDSfmmnP97mqyc7z/upfZd"
        "S/AHhYcGaz7n6Wc/RRBU6VmiPCrAUojuSk6/GjvA8iOPFsYDuBtviXarvuLPlrT9kAd4Lb+rFfR5peEgBEkhlzc5HuWO7S0y+KunqxX6jQBnXGMt"
        "xmPBPP0FylgWGNdFtks/4YSKcgqwH0YDcawP9GGGDAeCIqPWIXDLG1jOjRRzWfCmD0iJUkz8vTsn4hq/5ZxRFE7UBAUiVcGbdnDdvVfhF9C3dQiD"
        "q3k7adQIziLT0cShgQIDAQAB"
    )
    assert fingerprint_of(base64.b64decode(example)) == "8eba5db5bea9b640d1c96a77256fe7f2"
    info = key().private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    assert fingerprint_of(info) == fingerprint_of(key().der)


@given(st.binary(max_size=300))
def test_what_is_no_key_is_refused(raw: bytes) -> None:
    with pytest.raises(ValueError):
        public_key(raw)


@pytest.mark.parametrize("cut", [1, 5, 100, 269])
def test_a_key_cut_short_is_refused(cut: int) -> None:
    with pytest.raises(ValueError):
        public_key(key().der[:cut])
