"""The columns of events that indicators are looked for in, and those that an alert shows."""

from __future__ import annotations

from collections.abc import Iterable

ADDRESSES = ("src_endpoint_ip", "dst_endpoint_ip", "device_ip")
NAMES = ("query_hostname", "tls_sni", "http_request_url_hostname", "src_endpoint_hostname", "dst_endpoint_hostname")
HASHES = ("file_hashes", "process_file_hashes")
FINGERPRINTS = {"ja3": "tls_ja3_hash_value", "ja4": "tls_ja4_fingerprint_value"}
URL = "http_request_url_url_string"
SEARCHED = (*ADDRESSES, *NAMES, "answers", *HASHES, *FINGERPRINTS.values(), URL, "http_request_url_path")
"""The columns that are searched; `observables` too, of events that have none of these."""

SHOWN = (
    "time",
    "source",
    "origin",
    "origin_line",
    "metadata_uid",
    "cloud_account_uid",
    "cloud_region",
    "actor_user_uid",
    "actor_user_name",
    "device_uid",
    "device_hostname",
    "src_endpoint_instance_uid",
    "dst_endpoint_port",
    "api_operation",
    "api_service_name",
    "http_request_http_method",
    "process_cmd_line",
    "status_id",
    "resources_uid",
)

URL_KEY = f"intel_url({URL}, http_request_url_hostname, http_request_url_path)"
"""The SQL of the URL of an event, in the form of `intel_url`."""

URL_HOST = f"intel_url_host({URL}, http_request_url_hostname)"
"""The SQL of the host of that URL, where no column of its own has it."""

BARE = " AND ".join(f"{one} IS NULL" for one in SEARCHED)
"""The SQL of whether an event has none of the columns that are searched."""

KEY = ("time", "origin", "origin_line", "metadata_uid")
"""What tells one event from another."""

PLACES = {
    "host": {one: one for one in (*ADDRESSES, *NAMES)} | {URL: URL_HOST, "answers": "unnest(answers)"},
    "url": {URL: URL_KEY},
    "hash": {one: f"unnest({one})" for one in HASHES},
    **{kind: {column: column} for kind, column in FINGERPRINTS.items()},
}
"""What a matched value is looked for in: column -> the SQL of its values."""


def unnested(columns: Iterable[str]) -> tuple[str, ...]:
    return tuple(f"unnest({one})" for one in columns)


def distinct(expressions: Iterable[str], events: str) -> str:
    """Each value of several columns once."""
    each = " UNION ALL ".join(f"SELECT {one} AS raw FROM {events}" for one in expressions)
    return f"SELECT DISTINCT raw FROM ({each} UNION ALL SELECT raw FROM intel_observed) WHERE raw IS NOT NULL"
