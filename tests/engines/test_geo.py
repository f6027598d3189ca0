from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import pytest
from tests.engines.behaviour.places import files
from tests.engines.mmdb import write

from koban.engines.geo import BadDatabase, Geo, Place, place


def test_databases_complete_each_other() -> None:
    geo = Geo.open(files(), registries=False)
    assert (geo.countries, geo.asns, geo.coordinates) == (True, True, True)
    assert list(geo.places(["198.51.100.7", "192.0.2.1", "cloudformation.amazonaws.com"])) == [
        Place("198.51.100.7", "DE", "Berlin", 52.52, 13.40, 64500, "Home Line"),
        Place("192.0.2.1"),
    ]


def test_a_database_of_countries_has_no_coordinates(tmp_path: Path) -> None:
    path = write(tmp_path / "c.mmdb", "country", {"198.51.100.0/24": {"country_code": "fr"}, "2001:db8::/32": {}})
    geo = Geo.open([path], registries=False)
    assert (geo.countries, geo.asns, geo.coordinates) == (True, False, False)
    assert [p.country for p in geo.places(["198.51.100.7", "2001:db8::1", "::1"])] == ["FR", None, None]


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        ({"registered_country": {"iso_code": "SE"}}, Place("x", "SE")),
        ({"country": "NO", "asn": "AS64500", "as_name": "Fjord"}, Place("x", "NO", asn=64500, organisation="Fjord")),
        ({"latitude": "1.5", "longitude": "2.5", "city": "Here"}, Place("x", None, "Here", 1.5, 2.5)),
        ({"location": {"latitude": 1.5}}, Place("x")),
        ({"latitude": 200.0, "longitude": 2.0, "country": "Norway", "asn": "?"}, Place("x")),
    ],
)
def test_the_shapes_of_records(record: dict[str, object], expected: Place) -> None:
    assert place("x", record) == expected


def test_what_is_no_database_is_named(tmp_path: Path) -> None:
    bad = tmp_path / "bad.mmdb"
    bad.write_bytes(b"no database")
    with pytest.raises(BadDatabase, match=r"bad\.mmdb"):
        Geo.open([bad])
    with pytest.raises(BadDatabase, match=r"missing\.mmdb"):
        Geo.open([tmp_path / "missing.mmdb"])


def test_without_a_database_the_registries_tell_countries_if_they_are_there() -> None:
    geo = Geo.open()
    assert geo.countries == (find_spec("iptocc") is not None)
    assert not geo.coordinates
    assert [p.country for p in geo.places(["10.0.0.1"])] == [None]
