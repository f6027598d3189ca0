from __future__ import annotations

import io
import re
import zlib

import pytest
from tests.app.evidence.packs import evidence_of, pack

from koban.app.evidence.pack import NotRead
from koban.app.evidence.pdf import EVIDENCE_MAX, write_pdf

RULE = "s3-bucket-public"


def pages_of(data: bytes) -> int:
    return len(re.findall(rb"/Type /Page\b", data))


def streams_of(data: bytes) -> bytes:
    """What the pages draw."""
    import base64

    found = b""
    for one in re.findall(rb"stream\r?\n(.*?)endstream", data, re.DOTALL):
        try:
            found += zlib.decompress(base64.a85decode(one.strip(), adobe=False) if one.strip()[-2:] == b"~>" else one)
        except (ValueError, zlib.error):
            try:
                found += zlib.decompress(base64.a85decode(b"<~" + one.strip(), adobe=True))
            except (ValueError, zlib.error):
                continue
    return found


@pytest.mark.parametrize("locale", ["en", "ja"])
def test_it_is_a_document_of_several_pages_the_same_each_time(locale: str) -> None:
    made = []
    for _ in range(2):
        stream = io.BytesIO()
        write_pdf(pack([evidence_of(RULE, n) for n in range(40)]), stream, locale)
        made.append(stream.getvalue())
    assert made[0] == made[1]
    assert made[0].startswith(b"%PDF-")
    assert pages_of(made[0]) > 5
    assert f"/Lang ({locale})".encode() in made[0]


def test_what_is_under_a_control_is_limited_and_what_is_left_out_is_counted() -> None:
    asked: list[int | None] = []
    full = pack([evidence_of(RULE, n) for n in range(40)])

    def evidence(rules, limit):  # type: ignore[no-untyped-def]
        asked.append(limit)
        return full.evidence(rules, limit)

    stream = io.BytesIO()
    write_pdf(pack([evidence_of(RULE, n) for n in range(40)], evidence=evidence), stream)
    assert set(asked) == {EVIDENCE_MAX}
    assert b"and 20 more" in streams_of(stream.getvalue())


def test_cells_longer_than_a_page_and_many_gaps_still_make_a_document() -> None:
    long = evidence_of(RULE, 1, uid="x" * 20_000, message="語" * 20_000, because=["why " * 3_000])
    gaps = [NotRead("AWS::EC2::Volume", "1", "eu-west-1", f"AccessDenied {n}") for n in range(1_000)]
    stream = io.BytesIO()
    write_pdf(pack([long], not_read=gaps, not_read_count=5_000), stream)
    assert b"and 4800 more" in streams_of(stream.getvalue())


def test_nothing_at_all_still_makes_a_document() -> None:
    stream = io.BytesIO()
    write_pdf(pack([], scanned=[], places=[], not_read=[], not_read_count=0, exceptions=[]), stream)
    assert pages_of(stream.getvalue()) > 2
