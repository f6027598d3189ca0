from __future__ import annotations

import gzip
import io
import json
import zipfile
from pathlib import Path

import pytest

from koban.model.indicator import Entry, Indicator, LeftOut
from koban.sources.intelligence.feed import FeedError, entries

UUID = "5f0c3f5e-0000-4000-8000-000000000001"
EVENT = {"Event": {"uuid": UUID, "info": "x", "Attribute": [{"type": "ip-src", "value": "1.2.3.4", "to_ids": True}]}}
BUNDLE = {"type": "bundle", "objects": [{"type": "indicator", "id": "i", "pattern": "[ipv4-addr:value = '1.2.3.4']"}]}


def read(tmp_path: Path, data: bytes | str) -> list[Entry]:
    path = tmp_path / "feed"
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return list(entries(str(path)))


def values(found: list[Entry]) -> list[str]:
    return [one.value for one in found if isinstance(one, Indicator)]


def packed(data: bytes) -> bytes:
    return gzip.compress(data, mtime=0)


def zipped(**files: str) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return made.getvalue()


@pytest.mark.parametrize(
    "data",
    [
        json.dumps(BUNDLE),
        json.dumps(BUNDLE["objects"]),
        json.dumps(EVENT),
        "\ufeff" + json.dumps({"response": [EVENT]}),
        "1.2.3.4\n",
        "ip,comment\n1.2.3.4,x\n",
        "1.2.3.4\r\n".encode("utf-16"),
        packed(b"1.2.3.4\n"),
        zipped(a="1.2.3.4\n"),
        zipped(a=json.dumps(BUNDLE)),
    ],
    ids=range(10),
)
def test_a_feed_is_known_by_its_content(tmp_path: Path, data: bytes | str) -> None:
    assert values(read(tmp_path, data)) == ["1.2.3.4"]


@pytest.mark.parametrize(
    ("data", "why"),
    [
        ('{"a":', "broken JSON: line 1"),
        ('{"a": 1}', "neither a STIX bundle nor"),
        ("[" * 100_000 + '"', "nested too deeply"),
        ('{"list": [], "type": "string"}', "koban intel allow"),
        (b"\x7fELF\0\0\0", "neither text nor JSON"),
        (packed(b"1.2.3.4\n" * 50)[:-6], "breaks off"),
        (packed((b"1.2.3.4" + b" " * 1016 + b"\n") * (80 << 10)), "made to fill memory"),
        (zipped(a=("1.2.3.4" + " " * 1016 + "\n") * (80 << 10)), "made to fill memory"),
        (packed(packed(b"x")), "archive in an archive"),
        (b"PK\x03\x04broken", "broken zip"),
    ],
    ids=range(10),
)
def test_what_cannot_be_read_says_why_in_one_line(tmp_path: Path, data: bytes | str, why: str) -> None:
    with pytest.raises(FeedError, match=why) as caught:
        read(tmp_path, data)
    assert "\n" not in str(caught.value)


def test_a_line_without_end_is_left_out(tmp_path: Path) -> None:
    found = read(tmp_path, b"1.2.3.4\n" + b"x" * 500_000 + b"\n5.6.7.8\n")
    assert values(found) == ["1.2.3.4", "5.6.7.8"]
    assert [one.where for one in found if isinstance(one, LeftOut)] == ["line 2"]


def test_a_feed_of_misp_is_its_manifest_and_its_events(tmp_path: Path) -> None:
    other = UUID.replace("1", "2")
    (tmp_path / "manifest.json").write_text(
        json.dumps({UUID: {"info": "x"}, other: {"info": "gone"}, "../" + UUID[3:]: {"info": "y"}})
    )
    (tmp_path / f"{UUID}.json").write_text(json.dumps(EVENT))
    found = list(entries(str(tmp_path)))
    assert values(found) == ["1.2.3.4"]
    assert sorted(one.what for one in found if isinstance(one, LeftOut)) == ["../" + UUID[3:], "gone"]


def test_a_place_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(FeedError, match="No such file"):
        list(entries(str(tmp_path / "none")))
