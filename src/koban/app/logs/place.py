"""Where the lake is, and what people write: times, and what they say about their logs."""

from __future__ import annotations

import os
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

from koban.lake.lake import Lake
from koban.sources.logs.format import Hints

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 7 * 86400}


class BadTime(ValueError):
    """A time that cannot be understood."""


class BadHint(ValueError):
    """What is said about logs cannot be."""


def hints(flow_fields: str, dates: str | None) -> Hints:
    """What somebody says about logs: fields of VPC flow logs, and whether dates begin with `day` or `month`."""
    from koban.sources.logs.formats.vpc_flow import field_names

    try:
        fields = field_names(flow_fields) if flow_fields.strip() else ()
    except ValueError as error:
        raise BadHint(str(error)) from error
    return Hints(fields, None if dates is None else dates == "day")


def data_directory() -> Path:
    """Where Koban keeps its state: $KOBAN_DATA_DIR, else the place that XDG names."""
    if given := os.environ.get("KOBAN_DATA_DIR"):
        return Path(given)
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "koban"


def lake_at(root: str | None) -> Lake:
    """The lake at a directory or an s3:// prefix; the default one for None."""
    root = root or str(data_directory() / "lake")
    return Lake(root, bucket_options() if root.startswith("s3://") else None)


def bucket_options() -> dict[str, str]:
    """What a lake in S3 is reached with: the caller's credentials, region and endpoint, as the AWS SDK finds them."""
    import boto3

    session = boto3.Session()
    credentials = session.get_credentials()
    frozen = credentials.get_frozen_credentials() if credentials else None
    said = {
        "aws_access_key_id": frozen.access_key if frozen else None,
        "aws_secret_access_key": frozen.secret_key if frozen else None,
        "aws_session_token": frozen.token if frozen else None,
        "aws_region": session.region_name or "us-east-1",
        "aws_endpoint_url": os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL"),
    }
    options = {key: value for key, value in said.items() if value}
    if options.get("aws_endpoint_url", "").startswith("http:"):
        options["aws_allow_http"] = "true"
    return options


def instant(text: str, now: datetime | None = None) -> str:
    """A time as people write it, as ISO in UTC without a zone; '' stays ''.  Raises `BadTime`."""
    if not text:
        return ""
    now = now or datetime.now(UTC)
    if age := re.fullmatch(r"(\d+)([smhdw])", text):
        value = now - timedelta(seconds=int(age[1]) * _UNITS[age[2]])
    else:
        try:
            value = datetime.fromisoformat(text)
        except ValueError:
            raise BadTime(
                f"{text!r} is no time: write 2026-03-01, 2026-03-01T10:00:00Z, or an age such as 24h"
            ) from None
    if value.tzinfo is None:
        value = value.replace(tzinfo=UTC)
    return value.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds")
