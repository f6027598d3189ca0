"""The data directory's key, and what it seals."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from koban.ledger.seal import BadKey, key_of, seal, unseal


def test_key_is_made_once_and_for_its_owner(tmp_path: Path) -> None:
    key = key_of(tmp_path / "data")
    assert len(key) == 32
    assert key_of(tmp_path / "data") == key
    assert (tmp_path / "data" / "key").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "data").stat().st_mode & 0o777 == 0o700
    assert [one.name for one in (tmp_path / "data").iterdir()] == ["key"]


def test_all_who_come_at_once_get_the_same_key(tmp_path: Path) -> None:
    found: list[bytes] = []
    threads = [threading.Thread(target=lambda: found.append(key_of(tmp_path))) for _ in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert len(found) == 8
    assert len(set(found)) == 1


def test_key_that_others_can_read_is_refused(tmp_path: Path) -> None:
    key_of(tmp_path)
    (tmp_path / "key").chmod(0o644)
    with pytest.raises(BadKey, match="chmod 600"):
        key_of(tmp_path)


def test_short_key_is_refused(tmp_path: Path) -> None:
    (tmp_path / "key").write_bytes(b"short")
    with pytest.raises(BadKey, match="32 bytes"):
        key_of(tmp_path)


def test_sealed_opens_for_its_purpose_alone() -> None:
    key = bytes(range(32))
    sealed = seal(key, "totp", "secret")
    assert "secret" not in sealed
    assert unseal(key, "totp", sealed) == "secret"
    changed = ("B" if sealed[0] == "A" else "A") + sealed[1:]
    for other_key, purpose, value in [
        (key, "webhook", sealed),
        (bytes(32), "totp", sealed),
        (key, "totp", changed),
        (key, "totp", ""),
        (key, "totp", "é"),
    ]:
        with pytest.raises(BadKey):
            unseal(other_key, purpose, value)


def test_same_value_is_sealed_differently_each_time() -> None:
    key = bytes(32)
    assert seal(key, "totp", "secret") != seal(key, "totp", "secret")
