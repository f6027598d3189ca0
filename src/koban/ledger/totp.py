"""The second factor: time-based codes (RFC 6238), and the recovery codes for when the phone is gone."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import datetime

STEP_SECONDS = 30
WINDOW = 1  # steps that a clock may be off
RECOVERY_CODES = 10


def new_secret() -> str:
    import pyotp

    return pyotp.random_base32()


def uri(secret: str, email: str, issuer: str = "Koban") -> str:
    """What an authenticator scans."""
    import pyotp

    return pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=issuer)


def step_of(secret: str, code: str, now: datetime, last: int | None) -> int | None:
    """The time step whose code this is, if it is one that may still be used: each works once, none before `last`."""
    import pyotp

    code = code.replace(" ", "")
    if len(code) != 6 or not (code.isascii() and code.isdigit()):
        return None
    current = int(now.timestamp()) // STEP_SECONDS
    found = None
    for step in range(current - WINDOW, current + WINDOW + 1):
        if hmac.compare_digest(pyotp.TOTP(secret).generate_otp(step), code) and (last is None or step > last):
            found = step
    return found


def recovery_codes() -> list[str]:
    """New ones, as they are shown once: ``k3mq7-x9v2h``."""
    letters = "abcdefghjkmnpqrstuvwxyz23456789"
    return [
        "-".join("".join(secrets.choice(letters) for _ in range(5)) for _ in range(2)) for _ in range(RECOVERY_CODES)
    ]


def recovery_digest(code: str) -> str:
    """How a recovery code is kept; they hold 49 random bits each and are throttled, so a plain digest does."""
    return hashlib.sha256(f"koban recovery {code.strip().lower()}".encode()).hexdigest()
