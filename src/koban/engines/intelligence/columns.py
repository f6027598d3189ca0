"""The columns of events that indicators are looked for in, and those that an alert shows."""

from __future__ import annotations

from dataclasses import dataclass

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
    "src_endpoint_ip",
    "dst_endpoint_ip",
    "src_endpoint_hostname",
    "dst_endpoint_hostname",
    "query_hostname",
    URL,
)
"""The columns that an alert is made of."""

KEY = ("time", "origin", "origin_line", "metadata_uid")
"""What tells one event from another."""


@dataclass(frozen=True)
class Place:
    """Where values of a family are in an event: the column's name, the SQL of its values, and when there are any.

    The condition is asked of columns as they are, so that a reader of Parquet passes over what has none.
    """

    column: str
    values: str
    given: str


def _column(name: str) -> Place:
    return Place(name, name, f"{name} IS NOT NULL")


def _list(name: str) -> Place:
    return Place(name, f"unnest({name})", f"{name} IS NOT NULL")


_HOST, _PATH = "http_request_url_hostname", "http_request_url_path"
_URL = f"intel_url({URL}, {_HOST}, {_PATH})"
_BARE = " AND ".join(f"{one} IS NULL" for one in SEARCHED)

PLACES = {
    "host": (
        *map(_column, (*ADDRESSES, *NAMES)),
        _list("answers"),
        Place(URL, f"intel_url_host({URL}, {_HOST})", f"{URL} IS NOT NULL AND {_HOST} IS NULL"),
    ),
    "url": (
        Place(URL, _URL, f"{URL} IS NOT NULL"),
        Place(URL, _URL, f"{URL} IS NULL AND {_PATH} IS NOT NULL AND {_HOST} IS NOT NULL"),
    ),
    "hash": tuple(map(_list, HASHES)),
    **{kind: (_column(column),) for kind, column in FINGERPRINTS.items()},
}
"""What the values of each family of indicators are looked for in."""

OBSERVABLES = Place("observables", "unnest(observables)", f"observables IS NOT NULL AND {_BARE}")
"""Searched for every family, in events that fill none of the columns."""


def places(family: str) -> list[tuple[int, Place]]:
    """The places of a family, each with its bit."""
    return [(1 << number, place) for number, place in enumerate((OBSERVABLES, *PLACES[family]))]


def values(family: str, events: str) -> str:
    """The SQL of all values of a family, `raw`, each with the bit of its `place`."""
    each = ["SELECT raw, 1::UINTEGER AS place FROM intel_observed"] + [
        f"SELECT {place.values} AS raw, {bit}::UINTEGER AS place FROM {events} WHERE {place.given}"
        for bit, place in places(family)[1:]
    ]
    return f"SELECT raw, place FROM ({' UNION ALL '.join(each)}) WHERE raw IS NOT NULL"


def distinct(family: str, events: str) -> str:
    """The SQL of each value of a family once, `raw`, with the bits of its `places`."""
    return f"SELECT raw, bit_or(place) AS places FROM ({values(family, events)}) GROUP BY raw"
