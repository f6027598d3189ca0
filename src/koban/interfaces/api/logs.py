"""The server's log: a JSON object a line, on standard error."""

from __future__ import annotations

import json
import logging
import re
import sys
from datetime import UTC, datetime
from typing import Any

# What every record of Python's logging has; all else was given with `extra`.
_OWN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "color_message", "taskName"}


VALUES = re.compile(r"\[parameters: .*?\](?=\n|$)", re.S)  # of SQL: a digest or a secret may be among them


class Lines(logging.Formatter):
    """A record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        said: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "from": record.name,
            "event": record.getMessage(),
        }
        said |= {key: value for key, value in vars(record).items() if key not in _OWN and value not in ("", None)}
        if record.exc_info:
            said["trace"] = VALUES.sub("[parameters: ...]", self.formatException(record.exc_info))
        return json.dumps(said, ensure_ascii=False, default=str)


def start(level: str = "info") -> None:
    """Write Koban's and uvicorn's records as lines; uvicorn's log of requests is ours to write."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Lines())
    for name in ("koban", "uvicorn"):
        logger = logging.getLogger(name)
        logger.handlers[:] = [handler]
        logger.propagate = False
        logger.setLevel(level.upper())
    logging.getLogger("uvicorn.access").disabled = True
    logging.getLogger("uvicorn.error").setLevel("WARNING")
