"""What a listener of Koban's received, as its spool keeps it: a message in an envelope of ours."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from koban.sources.logs.format import envelope
from koban.sources.logs.formats.syslog import parse_syslog


@envelope("koban-received", lambda r: "koban.received" in r and "message" in r and "time" in r, rank=-20)
def received(record: dict[str, Any]) -> Any:
    return (parse_syslog(str(record["message"]), datetime.fromisoformat(str(record["time"]))),)
