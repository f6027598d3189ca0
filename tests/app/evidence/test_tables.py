from __future__ import annotations

import csv
import io
import zipfile

import pytest
from tests.app.evidence.packs import evidence_of, pack

from koban.app.evidence.tables import evidence_csv, write_zip
from koban.app.reports.csv import BOM

RULE = "s3-bucket-public"


def test_every_control_is_in_it_with_its_evidence() -> None:
    made = pack([evidence_of(RULE, n) for n in range(3)])
    text = "".join(evidence_csv(made))
    assert text.startswith(BOM)
    rows = list(csv.DictReader(io.StringIO(text.removeprefix(BOM))))
    assert {one["control"] for one in rows} == set(made.framework.controls)
    failed = [one for one in rows if one["rule"] == RULE]
    citing = [one for one in made.standings if RULE in one.rules]
    assert len(failed) == 3 * len(citing) > 0
    assert failed[0]["environment"] == "本番環境"
    assert failed[0]["last_seen"] == "2026-11-24T09:30:00Z"


@pytest.mark.parametrize("name", ["=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1", "＠x"])
def test_no_cell_is_a_formula(name: str) -> None:
    text = "".join(evidence_csv(pack([evidence_of(RULE, 1, name=name, message=name, because=(name,))])))
    rows = list(csv.DictReader(io.StringIO(text.removeprefix(BOM), newline="")))
    found = [one for one in rows if one["rule"] == RULE]
    assert found
    assert {one["name"] for one in found} == {f"'{name}"}
    assert {one["message"] for one in found} == {f"'{name}"}


def test_the_pack_has_a_table_for_each_thing() -> None:
    stream = io.BytesIO()
    write_zip(pack([evidence_of(RULE, 1)]), stream)
    again = io.BytesIO()
    write_zip(pack([evidence_of(RULE, 1)]), again)
    assert stream.getvalue() == again.getvalue()
    with zipfile.ZipFile(stream) as made:
        names = made.namelist()
        tables = {name: list(csv.reader(io.StringIO(made.read(name).decode("utf-8-sig")))) for name in names}
    assert names == ["about.csv", "controls.csv", "evidence.csv", "exceptions.csv", "scope.csv", "not-read.csv"]
    assert ["target", "'=cmd()", "iac", "", ""] in tables["scope.csv"]
    assert tables["not-read.csv"][1][3] == "AccessDenied ec2:DescribeVolumes"
    assert tables["exceptions.csv"][1][4:7] == ["Web site & <more>", "Ana", "Ben"]
