"""User data of machines: telling that a secret stands in it, and keeping nothing else of it."""

from __future__ import annotations

import base64
import re
from typing import Any, cast

from koban.model.aws.secret_names import CREDENTIAL, PLAIN, SECRET, holds_secret
from koban.model.unknown import Partial, Unknown

# NAME=value, NAME: value, export NAME="value", $env:NAME = 'value'
ASSIGNMENT = re.compile(r"(?m)(?:^|[\s;])(?:\$env:)?([A-Za-z_][A-Za-z0-9_.-]*)\s*[=:]\s*[\"']?([^\s\"';]+)")
COMPUTED = ("$", "`", "<", "{", "%")  # a variable, a command or a placeholder, not the secret itself


def user_data_masked(raw: Any) -> Any:
    """What may be kept of user data (Base64 or text): whether there is any, and whether a secret stands in it."""
    if isinstance(raw, Unknown) or not raw:
        return raw
    return SECRET if holds(decoded(str(raw))) else PLAIN


def user_data_has_secret(raw: Any) -> bool:
    """Whether a secret stands in user data, of which perhaps only pieces are known."""
    if isinstance(raw, Partial):
        known = "".join(piece if isinstance(piece, str) else "${}" for piece in raw._pieces)
        if holds(known):
            return True
        # The account, the region, the stack or a name made at deployment is no secret.
        holes = [piece for piece in raw._pieces if isinstance(piece, Unknown)]
        if all(hole._root._path.startswith("Ref ") and (hole._target or "::" in hole._root._path) for hole in holes):
            return False
    if isinstance(raw, Unknown):
        return cast(bool, raw._child(" has a secret in it"))
    return bool(raw == SECRET or (raw != PLAIN and holds(decoded(str(raw)))))


def decoded(raw: str) -> str:
    """The text that `raw` is the Base64 form of, or `raw` itself where it is none."""
    try:
        return base64.b64decode("".join(raw.split()), validate=True).decode("utf-8")
    except ValueError:
        return raw


def holds(text: str) -> bool:
    """Whether a well-known credential, or a value for a name that speaks of a secret, is in `text`."""
    if CREDENTIAL.search(text):
        return True
    return any(
        not value.startswith(COMPUTED) and bool(holds_secret(name, value)) for name, value in ASSIGNMENT.findall(text)
    )
