"""What an earlier scan found, and what of it a later one finds again."""

import json
from dataclasses import replace
from io import StringIO

import pytest
from tests.app.reports.conftest import STARTED, code, result, results, scan

from koban.app.earlier import Earlier, EarlierError, Finding, found, is_earlier, read_earlier
from koban.app.reports import Context, report, write
from koban.app.scan import Scan

FAILS = result("s3-bucket-public", "fail", "high", code("A"))
OPEN = replace(FAILS, verdict="unknown", because=("nobody knows",))
PASSES = replace(FAILS, verdict="pass")
EXCEPTED = replace(FAILS, verdict="excepted", because=("agreed",))


def earlier(*made):
    one = Earlier("before")
    for each in made:
        one.add(each.fingerprint, found(each))
    return one


def written(name: str, made: Scan, **options: object):
    stream = StringIO()
    context = Context(**options)  # type: ignore[arg-type]
    tally = write(made, context, [report(name, stream, context)])
    return stream.getvalue(), tally


@pytest.mark.parametrize(
    ("before", "now", "known"),
    [
        ([FAILS], FAILS, True),
        ([FAILS], OPEN, True),
        ([OPEN], OPEN, True),
        ([OPEN], FAILS, False),
        ([OPEN, FAILS], FAILS, True),
        ([FAILS, OPEN], FAILS, True),
        ([], FAILS, False),
        ([FAILS], PASSES, False),
        ([FAILS], EXCEPTED, False),
    ],
)
def test_what_is_known(before, now, known):
    assert earlier(*before).holds(now) is known


def test_the_line_of_a_finding_does_not_make_it_new():
    moved = replace(FAILS, resource=replace(FAILS.resource, line=99))
    assert earlier(FAILS).holds(moved)


def test_what_is_gone_and_what_stays():
    other = result("s3-bucket-public", "fail", "high", code("B"))
    unrun = result("iam-root-key", "fail", "high", code("C"))
    one = earlier(FAILS, other, unrun)
    one.not_run = {"iam-root-key"}
    one.holds(FAILS)
    one.holds(FAILS)
    assert [each.what for each in one.stays()] == ["A"]
    assert [(each.what, each.where) for each in one.gone()] == [("B", "stacks/web.yaml:12")]


def test_what_got_worse_neither_stays_nor_is_gone():
    one = earlier(OPEN)
    one.holds(FAILS)
    assert [*one.stays(), *one.gone()] == []


@pytest.mark.parametrize("name", ["jsonl", "sarif"])
def test_what_koban_wrote_is_read_back(tmp_path, name):
    file = tmp_path / "earlier"
    file.write_text(written(name, scan())[0])
    assert is_earlier(file)
    one = read_earlier(file)
    assert one.findings == {
        each.fingerprint: Finding(each.rule, each.verdict) for each in results() if each.verdict in ("fail", "unknown")
    }


def test_sarif_that_shows_what_passes_too(tmp_path):
    file = tmp_path / "all.sarif"
    file.write_text(written("sarif", scan(), only=frozenset({"fail", "unknown", "excepted", "pass"}))[0])
    assert {one.verdict for one in read_earlier(file).findings.values()} == {"fail", "unknown"}


@pytest.mark.parametrize(
    ("name", "text", "is_one"),
    [
        ("koban.yaml", "version: 1\n", False),
        ("koban.yaml", "{version: 1}\n", False),
        ("koban.yaml", "", False),
        ("old.jsonl", "", True),
        ("old.sarif", "", True),
        ("old.json", '{"runs":[],"$schema":"https://json.schemastore.org/sarif-2.1.0.json"}', True),
        ("old.txt", json.dumps(FAILS.as_json()), True),
        ("old.txt", "\ufeff" + json.dumps(FAILS.as_json()), True),
    ],
)
def test_results_are_told_from_a_baseline_by_what_is_in_the_file(tmp_path, name, text, is_one):
    (tmp_path / name).write_text(text)
    assert is_earlier(tmp_path / name) is is_one


LINE = json.dumps(FAILS.as_json(), separators=(",", ":"))
OTHERS = '{"version":"2.1.0","runs":[{"tool":{"driver":{"name":"Other"}},"results":[]}]}'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (LINE + "\n" + LINE[:40] + "\n", "old.jsonl:2: not JSON: "),
        (LINE + "\n{}\n", "old.jsonl:2: not a result of Koban"),
        (LINE + "\n[1]\n", "old.jsonl:2: not a result of Koban"),
        ("version: 1\n", "old.jsonl:1: not JSON: "),
        (LINE + "\n\xff".encode("latin-1").decode("utf-8", "surrogateescape"), "old.jsonl:2: not a text in UTF-8"),
        ("[]", "old.jsonl:1: not a result of Koban"),
        ("{}", "old.jsonl: neither jsonl nor SARIF of Koban"),
        (OTHERS, "old.jsonl: written by 'Other', not by Koban"),
        ('{"runs": [{}]}', "old.jsonl: not SARIF as Koban writes it: KeyError 'tool'"),
        ('{"runs": [', "old.jsonl: not JSON: "),
        ('{"runs": ' + "[" * 100_000, "old.jsonl: "),
        ('{"verdict": "' + "a" * 1_100_000 + '"}', "old.jsonl:1: the line is longer than 1,000,000 bytes"),
    ],
)
def test_a_file_that_cannot_be_used_is_one_line(tmp_path, text, said, monkeypatch):
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "old.jsonl"
    file.write_text(text, encoding="utf-8", errors="surrogateescape")
    with pytest.raises(EarlierError) as caught:
        read_earlier(file.relative_to(tmp_path))
    assert str(caught.value).startswith(said)
    assert "\n" not in str(caught.value)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(EarlierError, match="No such file or directory"):
        read_earlier(tmp_path / "gone.jsonl")
    with pytest.raises(EarlierError, match="not a regular file"):
        read_earlier(tmp_path)


def test_known_findings_count_as_what_they_are_and_are_shown_no_more():
    other = result("s3-bucket-public", "fail", "high", code("B"))
    made = Scan("t", STARTED, [FAILS, other, PASSES, OPEN], earlier=[earlier(FAILS)])
    text, tally = written("jsonl", made)
    assert [json.loads(line)["resource"]["address"] for line in text.splitlines()] == ["B"]
    assert tally.verdicts == {"fail": 2, "pass": 1, "unknown": 1}
    assert tally.fails("high") == 1
    assert tally.rules["s3-bucket-public"].counts["fail"] == 2


def test_what_passes_is_written_to_those_who_ask():
    made = Scan("t", STARTED, [FAILS, PASSES], earlier=[earlier(FAILS)])
    text, _ = written("jsonl", made, only=frozenset({"pass"}))
    assert [json.loads(line)["verdict"] for line in text.splitlines()] == ["pass"]


def test_several_earlier_scans_each_see_every_finding():
    one, other = earlier(FAILS), earlier(FAILS)
    written("jsonl", Scan("t", STARTED, [FAILS], earlier=[one, other]))
    assert [list(each.gone()) for each in (one, other)] == [[], []]


def test_the_table_shows_what_is_new_and_where_a_comparison_is_wanted_what_is_gone():
    made = results()
    was = earlier(*(one for one in made if one.verdict in ("fail", "unknown")))
    gone = result("s3-bucket-unversioned", "fail", "medium", code("Old\x1b[31m"))
    was.add(gone.fingerprint, found(gone))
    quiet, _ = written("table", replace(scan(made), earlier=[was]))
    assert "Gone" not in quiet
    assert "open-0" not in quiet
    assert "11 of these findings were known before" in quiet
    was.listed = True
    told, _ = written("table", replace(scan(made), earlier=[was]))
    assert "Gone: 1 " in told
    assert "Old\\x1b[31m" in told
    assert "Stays: 11" in told
