from __future__ import annotations

from typing import Any

from koban.model.indicator import Indicator, LeftOut, Revoked
from koban.sources.intelligence.misp import entries, events, is_manifest

MD5 = "d41d8cd98f00b204e9800998ecf8427e"


def attribute(type_name: str, value: str, **more: Any) -> dict[str, Any]:
    return {"uuid": f"u-{value}", "type": type_name, "value": value, "to_ids": True, **more}


def event(*attributes: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"uuid": "e1", "info": "campaign", "Attribute": list(attributes), **more}


def values(given: dict[str, Any]) -> list[tuple[str, str]]:
    return [(one.kind, one.value) for one in entries(given) if isinstance(one, Indicator)]


def test_attributes_and_those_of_objects_become_indicators() -> None:
    given = event(
        attribute("ip-dst|port", "1.2.3.4|443"),
        attribute("domain|ip", "Bad.example|5.6.7.8"),
        attribute("filename|md5", f"x.exe|{MD5}"),
        attribute("ja3-fingerprint-md5", MD5),
        Object=[{"Attribute": [attribute("url", "http://bad.example/")]}, {"deleted": True, "Attribute": [attribute("md5", MD5)]}],
    )  # fmt: skip
    assert values(given) == [
        ("ip", "1.2.3.4"),
        ("domain", "bad.example"),
        ("ip", "5.6.7.8"),
        ("hash", MD5),
        ("ja3", MD5),
        ("url", "http://bad.example/"),
    ]


def test_what_is_not_for_detection_is_left_out_and_said() -> None:
    found = list(
        entries(
            event(
                attribute("ip-src", "1.2.3.4", to_ids=False),
                attribute("mutex", "m"),
                attribute("ip-src", "nowhere"),
                attribute("domain|ip", "a.example"),
                attribute("ip-src", "9.9.9.9", deleted=True),
            )
        )
    )
    left = [(one.why, one.broken) for one in found if isinstance(one, LeftOut)]
    assert left == [
        ("is not meant for detection (to_ids)", False),
        ("attributes of type mutex are not matched", False),
        ("is no address", True),
        ("has not the parts of domain|ip", True),
    ]
    assert Revoked("u-9.9.9.9") in found


def test_tags_are_labels_and_say_how_sure() -> None:
    given = event(
        attribute("ip-src", "1.2.3.4", Tag=[{"name": 'misp:confidence-level="usually-confident"'}], timestamp="1767225600"),
        Tag=[{"name": "tlp:green"}],
    )  # fmt: skip
    (found,) = entries(given)
    assert isinstance(found, Indicator)
    assert (found.confidence, found.labels[0], found.valid_from) == (75, "tlp:green", "2026-01-01T00:00:00Z")


def test_the_shapes_of_exports_are_known() -> None:
    assert events({"Event": event()}) == [event()]
    assert events({"response": [{"Event": event()}]}) == [event()]
    assert events({"response": {"Attribute": [attribute("ip-src", "1.2.3.4")]}}) is not None
    assert events({"a": 1}) is None
    assert is_manifest({"5f0c3f5e-0000-4000-8000-000000000001": {"info": "x"}})
    assert not is_manifest({"a": {"info": "x"}})
