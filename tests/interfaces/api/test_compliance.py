from __future__ import annotations

import csv
import io
import zipfile
from typing import Any

import pytest
from starlette.testclient import TestClient
from tests.interfaces.api.filled import FORMULA, OPS, PUBLIC, SHOP, XSS, Filled

from koban.ledger.who import Sight

FRAMEWORKS = "/api/v1/frameworks"


@pytest.mark.reads
def test_frameworks_and_their_controls(filled: Filled, viewer: TestClient) -> None:
    items = viewer.get(FRAMEWORKS).json()["items"]
    assert [one["id"] for one in items] == sorted(one["id"] for one in items)
    cis = next(one for one in items if one["id"] == "cis-aws-7.0")
    assert cis["controls"]["failed"] >= 1
    assert sum(cis["controls"].values()) == 70
    one = viewer.get(f"{FRAMEWORKS}/cis-aws-7.0").json()
    public = next(each for each in one["controls"] if each["id"] == "3.1.4")
    assert (public["state"], public["section"]) == ("failed", "3")
    assert public["unknown"] == 1
    assert PUBLIC in public["rules"]
    assert viewer.get(f"{FRAMEWORKS}/no-such").status_code == 404
    assert viewer.get(f"{FRAMEWORKS}/..%2f..").status_code in (404, 422)


@pytest.mark.reads
def test_one_control(filled: Filled, viewer: TestClient) -> None:
    one = viewer.get(f"{FRAMEWORKS}/cis-aws-7.0/controls/3.1.4").json()
    rule = next(each for each in one["by_rule"] if each["rule"] == PUBLIC)
    assert (rule["unknown"], rule["critical"]) == (1, rule["open"])
    assert {each["rule"] for each in one["findings"]} <= set(one["rules"])
    assert any(each["resource"]["name"] == XSS for each in one["findings"])
    assert viewer.get(f"{FRAMEWORKS}/cis-aws-7.0/controls/99").status_code == 404
    assert viewer.get(f"{FRAMEWORKS}/nist-800-53-r5/controls/AC-2(1)").status_code == 200


@pytest.mark.reads
@pytest.mark.parametrize("locale", ["en", "ja"])
def test_evidence_as_a_document(filled: Filled, viewer: TestClient, locale: str) -> None:
    answer = viewer.get(f"{FRAMEWORKS}/cis-aws-7.0/evidence", params={"locale": locale})
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-disposition"].startswith('attachment; filename="koban-cis-aws-7.0-2')
    assert answer.content.startswith(b"%PDF-")
    assert answer.content.rstrip().endswith(b"%%EOF")


@pytest.mark.reads
def test_evidence_as_tables(filled: Filled, viewer: TestClient) -> None:
    text = viewer.get(f"{FRAMEWORKS}/cis-aws-7.0/evidence?format=csv").content.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    public = [one for one in rows if one["control"] == "3.1.4" and one["rule"] == PUBLIC]
    assert [one["state"] for one in public] == ["failed"] * 4 + ["unknown", "passed"]
    assert {one["name"] for one in public} >= {XSS, f"'{FORMULA}"}
    answer = viewer.get(f"{FRAMEWORKS}/cis-aws-7.0/evidence?format=zip")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as made:
        assert "evidence.csv" in made.namelist()
        assert f"{XSS}" in made.read("scope.csv").decode()


def test_a_pack_holds_what_its_reader_may_see(api: Any, filled: Filled) -> None:
    limited = api.client("viewer", Sight(accounts=frozenset({OPS})))
    for format in ("csv", "zip"):
        answer = limited.get(f"{FRAMEWORKS}/cis-aws-7.0/evidence?format={format}")
        text = answer.text
        if format == "zip":
            with zipfile.ZipFile(io.BytesIO(answer.content)) as made:
                text = "".join(made.read(name).decode() for name in made.namelist())
                assert f"accounts {OPS}" in text
        assert OPS in text
        assert SHOP not in text
    control = limited.get(f"{FRAMEWORKS}/cis-aws-7.0/controls/3.1.4").json()
    assert {one["resource"]["account"] for one in control["findings"]} == {OPS}
