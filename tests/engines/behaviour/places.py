"""Databases of places for the tests: three cities, four networks."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from tempfile import mkdtemp

from tests.engines.mmdb import write

from koban.engines.geo import Geo

BERLIN, NEW_YORK, POTSDAM, ELSEWHERE, CLOUD = (
    "198.51.100.7",
    "203.0.113.9",
    "198.51.100.200",
    "192.0.2.5",
    "203.0.113.200",
)


def city(name: str, country: str, latitude: float, longitude: float) -> dict[str, object]:
    return {
        "country": {"iso_code": country},
        "city": {"names": {"en": name}},
        "location": {"latitude": latitude, "longitude": longitude},
    }


@cache
def files() -> tuple[Path, Path]:
    folder = Path(mkdtemp(prefix="koban-test-"))
    cities = write(
        folder / "city.mmdb",
        "Test-City",
        {
            "198.51.100.0/25": city("Berlin", "DE", 52.52, 13.40),
            "198.51.100.128/25": city("Potsdam", "DE", 52.40, 13.06),
            "203.0.113.0/24": city("New York", "US", 40.71, -74.01),
        },
    )
    networks = write(
        folder / "asn.mmdb",
        "Test-ASN",
        {
            "198.51.100.0/24": {"autonomous_system_number": 64500, "autonomous_system_organization": "Home Line"},
            "203.0.113.0/25": {"autonomous_system_number": 64501, "autonomous_system_organization": "Cheap Hosting"},
            "203.0.113.128/25": {"autonomous_system_number": 16509, "autonomous_system_organization": "Amazon"},
        },
    )
    return cities, networks


@cache
def places() -> Geo:
    return Geo.open(files(), registries=False)


@cache
def networks() -> Geo:
    return Geo.open(files()[1:], registries=False)
