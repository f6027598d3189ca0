"""Where an address is: countries, cities and autonomous systems from databases that the user names.

A database is a file of MaxMind's format (`.mmdb`), whoever made it: nested records (`country.iso_code`,
`location.latitude`, `autonomous_system_number`) and flat ones (`country_code`, `asn: AS64500`) are both read.
Where none tells countries, the package `iptocc` (the extra `geo`) does, if it is installed: it carries the
registries' own lists, so its country is the one that an address was given out in.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any


class BadDatabase(ValueError):
    """A file that is no database of MaxMind's format."""


@dataclass(frozen=True)
class Place:
    """What is known of one address; what no database tells is None."""

    ip: str
    country: str | None = None
    city: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    asn: int | None = None
    organisation: str | None = None


class Geo:
    """The databases of one run, the first that knows something counts."""

    def __init__(self, readers: Sequence[Any] = (), *, registries: bool = False) -> None:
        self._readers = tuple(readers)
        kinds = [str(r.metadata().database_type).lower() for r in self._readers]
        samples = [_sample(r) for r in self._readers]
        self.coordinates = any(p.latitude is not None for p in samples) or any("city" in k for k in kinds)
        self.asns = any(p.asn is not None for p in samples) or any("asn" in k or "isp" in k for k in kinds)
        has_countries = any(p.country is not None for p in samples) or any("country" in k or "city" in k for k in kinds)
        self._registries = registries and not has_countries and find_spec("iptocc") is not None
        self.countries = has_countries or self._registries

    @classmethod
    def open(cls, paths: Iterable[Path | str] = (), *, registries: bool = True) -> Geo:
        """The databases of those files.  `BadDatabase` names one that cannot be read."""
        readers = []
        for path in paths:
            import maxminddb

            try:
                readers.append(maxminddb.open_database(str(path)))
            except (OSError, ValueError, maxminddb.InvalidDatabaseError) as error:
                raise BadDatabase(f"{path}: not a database of MaxMind's format: {error}") from error
        return cls(readers, registries=registries)

    def places(self, addresses: Iterable[str]) -> Iterator[Place]:
        """What is known of each address; what is no address is left out."""
        for text in addresses:
            try:
                address = ipaddress.ip_address(text)
            except ValueError:
                continue
            found = Place(text)
            for reader in self._readers:
                found = _first(found, _record(reader, text))
            if found.country is None and self._registries and address.is_global:
                import iptocc

                found = _first(found, Place(text, country=iptocc.country_code(text)))
            yield found


def _record(reader: Any, ip: str) -> Place:
    try:
        record = reader.get(ip)
    except ValueError:
        return Place(ip)
    return place(ip, record) if isinstance(record, Mapping) else Place(ip)


def _sample(reader: Any) -> Place:
    """One record, to see what the database tells."""
    for _network, record in reader:
        return place("", record) if isinstance(record, Mapping) else Place("")
    return Place("")


def _first(one: Place, two: Place) -> Place:
    # coordinates and their city are of one database
    of = two if one.latitude is None and two.latitude is not None else one
    return Place(
        one.ip,
        one.country or two.country,
        of.city,
        of.latitude,
        of.longitude,
        one.asn if one.asn is not None else two.asn,
        one.organisation or two.organisation,
    )


def place(ip: str, record: Mapping[str, Any]) -> Place:
    """What a record of a database says, in any of the shapes that makers of databases use."""
    location = record.get("location")
    location = location if isinstance(location, Mapping) else record
    latitude, longitude = _number(location.get("latitude")), _number(location.get("longitude"))
    if latitude is None or longitude is None or not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        latitude = longitude = None
    return Place(
        ip,
        _country(record),
        _name(record.get("city")),
        latitude,
        longitude,
        _asn(record.get("autonomous_system_number", record.get("asn"))),
        _text(
            record.get("autonomous_system_organization")
            or record.get("as_organization")
            or record.get("as_name")
            or record.get("organization")
        ),
    )


def _country(record: Mapping[str, Any]) -> str | None:
    for key in ("country", "registered_country"):
        value = record.get(key)
        if isinstance(value, Mapping) and _text(value.get("iso_code")):
            return str(value["iso_code"]).upper()
    for key in ("country_code", "country"):
        value = record.get(key)
        if isinstance(value, str) and len(value) == 2 and value.isalpha():
            return value.upper()
    return None


def _name(value: Any) -> str | None:
    if isinstance(value, Mapping):
        names = value.get("names")
        return _text(names.get("en")) if isinstance(names, Mapping) else None
    return _text(value)


def _asn(value: Any) -> int | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    if isinstance(value, str):
        digits = value.upper().removeprefix("AS")
        return int(digits) if digits.isdecimal() else None
    return None


def _number(value: Any) -> float | None:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    try:
        return float(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None
