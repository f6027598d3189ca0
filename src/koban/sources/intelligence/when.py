"""Times as feeds write them."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

_EPOCH = re.compile(r"\d{9,11}(?:\.\d+)?")
_FORMATS = ("%d/%m/%Y", "%Y/%m/%d %H:%M:%S", "%Y/%m/%d")


def when(value: Any) -> str:
    """A time as ISO text in UTC to the second; '' where it is none.  Seconds since 1970 are read too."""
    text = str(value).strip() if value is not None else ""
    if not text:
        return ""
    try:
        if _EPOCH.fullmatch(text):
            return _iso(datetime.fromtimestamp(float(text), UTC))
        return _iso(datetime.fromisoformat(text.removesuffix(" UTC").removesuffix(" GMT")))
    except (ValueError, OverflowError, OSError):
        pass
    for one in _FORMATS:
        try:
            return _iso(datetime.strptime(text, one))
        except ValueError:
            continue
    return ""


def _iso(moment: datetime) -> str:
    moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if moment.year >= 1000 else ""
