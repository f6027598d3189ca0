"""Telling from a variable's name, and from what its value looks like, that a secret stands in plain text."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from koban.model.unknown import Unknown

PLAIN = "(a value)"  # what a collector keeps in place of a value: that there is one
SECRET = "(a secret)"  # noqa: S105  ... and that it has the form of a well-known credential

SECRET_NAME = re.compile(
    r"(?i)(passw(or)?d|passwd|passphrase|(^|[_./-])pwd($|[_./-])|secret|api[_-]?key|private[_-]?key|"
    r"access[_-]?key|auth[_-]?token|access[_-]?token|bearer|credential|connection[_-]?string|client[_-]?key|"
    r"(^|[_./-])token($|[_./-])|encryption[_-]?key|signing[_-]?key)"
)
# Names that speak of where a secret is, how long it lasts or how it is checked, not of the secret itself.
ABOUT_A_SECRET = re.compile(
    r"(?i)(^|[_./-]|(?-i:(?<=[a-z])(?=[A-Z])))(arn|name|id|path|file|dir|url|uri|endpoint|location|length|policy|"
    r"region|ttl|expiry|expires|expiration|timeout|days|hours|seconds|enabled|required|type|version|bucket|table|"
    r"prefix|suffix|header|issuer|audience|alias|manager|store|provider|host|port)$"
)
CREDENTIAL = re.compile(
    r"\b(AKIA|ASIA)[A-Z0-9]{16}\b|-----BEGIN [A-Z ]*PRIVATE KEY-----|\bgh[pousr]_[A-Za-z0-9]{36}|"
    r"\bglpat-[A-Za-z0-9_-]{20}|\bxox[abprs]-[A-Za-z0-9-]{10,}|\bsk_live_[A-Za-z0-9]{16,}|"
    r"[a-z][a-z0-9+]*://[^\s:/@]+:[^\s:/@{$]+@"
)
REFERENCE = re.compile(r"(?i)^(arn:[a-z-]+:(secretsmanager|ssm|kms|s3):|ssm:/|secretsmanager:/)")
NOT_SECRET = re.compile(r"(?i)^(|\*+|true|false|yes|no|on|off|none|null|\d{1,5})$")


def masked(value: Any) -> Any:
    """What may be kept of a value: nothing but whether it is empty, a reference to a store of secrets, or a value.

    Numbers, switches and references stand for themselves, so that a live value and a template's are judged alike.
    """
    if isinstance(value, Unknown):
        return value
    text = str(value)
    if text in (PLAIN, SECRET):
        return text
    if CREDENTIAL.search(text):
        return SECRET
    return text if REFERENCE.search(text) or NOT_SECRET.search(text) else PLAIN


def holds_secret(name: Any, value: Any) -> Any:
    """Whether a variable called `name` looks as if it held a secret in plain text; open where `value` is unknown
    and the name speaks of a secret.
    """
    if isinstance(name, Unknown):
        return name._child(" names a secret")
    if isinstance(value, str) and (value == SECRET or CREDENTIAL.search(value)):
        return True
    if not SECRET_NAME.search(name) or ABOUT_A_SECRET.search(name):
        return False
    if isinstance(value, Unknown):
        return value._child(" is a plain secret")
    return not (REFERENCE.search(str(value)) or NOT_SECRET.search(str(value)))


def secret_names(pairs: Any) -> tuple[str, ...]:
    """The names, of (name, value) pairs, that look as if they held a secret in plain text."""
    if isinstance(pairs, Unknown):
        return pairs  # type: ignore[return-value]
    found: Iterable[Any] = (name for name, value in pairs if holds_secret(name, value))
    return tuple(found)
