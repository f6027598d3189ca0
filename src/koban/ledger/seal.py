"""The data directory's key: what seals the secrets that the ledger has to give back.

A sealed value is bound to its purpose: one kept as a TOTP secret cannot be passed off as a webhook's.
"""

from __future__ import annotations

import base64
import contextlib
import os
import secrets
from pathlib import Path

KEY_BYTES = 32
NONCE_BYTES = 12


class BadKey(Exception):
    """The key of the data directory cannot be used, or does not open what it should."""


def key_of(data_dir: Path) -> bytes:
    """The key in `data_dir`, made at the first time; readable by its owner alone."""
    data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = data_dir / "key"
    if not path.exists():
        _make(path)
    key = path.read_bytes()
    if len(key) != KEY_BYTES:
        raise BadKey(f"{path} does not hold a key of {KEY_BYTES} bytes")
    if path.stat().st_mode & 0o077:
        raise BadKey(f"{path} can be read by others: chmod 600 {path}")
    return key


def _make(path: Path) -> None:
    """Whoever comes second takes the key of the first: a link never replaces, and never shows half a key."""
    half = path.with_name(f"key.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(secrets.token_bytes(KEY_BYTES))
        file.flush()
        os.fsync(file.fileno())
    with contextlib.suppress(FileExistsError):
        os.link(half, path)
    half.unlink()


def seal(key: bytes, purpose: str, value: str) -> str:
    """`value` so that only the holder of `key` can read it, and only for `purpose`."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    nonce = secrets.token_bytes(NONCE_BYTES)
    sealed = AESGCM(key).encrypt(nonce, value.encode(), purpose.encode())
    return base64.urlsafe_b64encode(nonce + sealed).decode()


def unseal(key: bytes, purpose: str, sealed: str) -> str:
    """What was sealed for `purpose`; BadKey if it was sealed otherwise, or changed."""
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    try:
        raw = base64.urlsafe_b64decode(sealed.encode())
        return AESGCM(key).decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], purpose.encode()).decode()
    except (InvalidTag, ValueError) as error:
        raise BadKey("a sealed value does not open with this data directory's key") from error
