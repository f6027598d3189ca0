"""Codes of authenticators: each once, a step around, never before the last."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pyotp
import pytest

from koban.ledger import totp

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
NOW = datetime(2026, 11, 24, 12, 0, 10, tzinfo=UTC)
STEP = int(NOW.timestamp()) // 30


@pytest.mark.parametrize(("off", "found"), [(-2, None), (-1, STEP - 1), (0, STEP), (1, STEP + 1), (2, None)])
def test_window_is_one_step(off: int, found: int | None) -> None:
    code = pyotp.TOTP(SECRET).at(NOW + timedelta(seconds=30 * off))
    assert totp.step_of(SECRET, code, NOW, None) == found


def test_code_works_once() -> None:
    code = pyotp.TOTP(SECRET).at(NOW)
    assert totp.step_of(SECRET, code, NOW, STEP - 1) == STEP
    assert totp.step_of(SECRET, code, NOW, STEP) is None
    assert totp.step_of(SECRET, pyotp.TOTP(SECRET).at(NOW - timedelta(seconds=30)), NOW, STEP) is None


@pytest.mark.parametrize("code", ["", "12345", "1234567", "abcdef", "１２３４５６", "-12345"])
def test_what_is_no_code(code: str) -> None:
    assert totp.step_of(SECRET, code, NOW, None) is None


def test_spaces_are_read_over() -> None:
    code = pyotp.TOTP(SECRET).at(NOW)
    assert totp.step_of(SECRET, f"{code[:3]} {code[3:]}", NOW, None) == STEP


def test_recovery_codes_differ_and_are_kept_as_digests() -> None:
    codes = totp.recovery_codes()
    assert len(set(codes)) == 10
    assert totp.recovery_digest(f" {codes[0].upper()} ") == totp.recovery_digest(codes[0])
    assert codes[0] not in totp.recovery_digest(codes[0])
