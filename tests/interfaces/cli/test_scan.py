"""`koban scan iac`: exit codes, what goes where, and what is said when something is wrong."""

import json
from pathlib import Path

import pytest
from tests.interfaces.cli.conftest import timeless

GOLDEN = Path(__file__).parent / "golden"


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["good.yaml"], 0),
        (["bad.yaml"], 1),
        (["bad.yaml", "--fail-on", "critical"], 0),
        (["bad.yaml", "--fail-on", "none"], 0),
        (["bad.yaml", "--fail-on", "low"], 1),
        (["bad.yaml", "--only", "pass"], 1),
        (["open.yaml"], 0),
        (["nowhere"], 2),
        (["broken.yaml"], 2),
        (["good.yaml", "broken.yaml"], 3),
        (["bad.yaml", "broken.yaml"], 3),
        (["bad.yaml", "broken.yaml", "--fail-on", "none"], 3),
    ],
)
def test_exit_codes(scan, words, code):
    assert scan(*words).code == code


def test_data_goes_to_standard_output_and_what_was_not_read_to_standard_error(scan):
    done = scan("bad.yaml", "broken.yaml")
    verdicts = {(json.loads(line)["rule"], json.loads(line)["verdict"]) for line in done.out.splitlines()}
    assert verdicts == {
        ("user-bucket-unversioned", "fail"),
        ("user-bucket-unversioned", "pass"),
        ("template-unreadable", "unknown"),
    }
    assert done.err.startswith("koban: not read: template: broken.yaml line ")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["scan", "iac", "nowhere"], "koban: nowhere: "),
        (["scan", "iac"], "koban: Missing argument 'PATH...'.  (see: koban scan iac --help)"),
        (["scan", "iac", ".", "--framework", "iso-27001"], "koban: no framework 'iso-27001'; there are: "),
        (["scan", "iac", ".", "--rule", "s3-bucket-publik"], "did you mean "),
        (["scan", "iac", ".", "--only", "bad"], "'bad' is none of fail, unknown, excepted, pass"),
        (["scan", "iac", ".", "--format", "pdf"], "'pdf' is none of table, jsonl, csv, html"),
        (["scan", "iac", ".", "--format", "html,sarif,csv"], "koban: 3 formats need 2 --output"),
        (["scan", "iac", ".", "--output", "report.doc"], "koban: report.doc: its ending tells no format"),
        (["scan", "iac", ".", "--output", "no/such/report.html"], "there is no directory "),
        (["scan", "iac", ".", "--output", "rules", "-f", "csv"], "it is a directory"),
        (["scan", "iac", ".", "-f", "csv,html", "-o", "a", "-o", "a"], "two reports cannot both go to a"),
        (["scan", "iac", ".", "--baseline", "none.yaml"], "koban: none.yaml: "),
        (["scan", "iac", ".", "--rules", "norules"], "koban: norules is not a directory of rules"),
        (["scam"], "koban: no command 'scam'; did you mean 'scan'?"),
        (["scan", "gcp"], "koban: no command 'gcp'; "),
        (["rules", "show", "s3-bucket-publik"], "did you mean "),
    ],
)
def test_what_is_wrong_is_said_in_one_line(koban, words, said):
    done = koban(*words)
    assert done.code == 2
    assert done.out == ""
    assert said in done.err
    assert done.err.count("\n") == 1
    assert "Traceback" not in done.err


def test_debug_shows_where_an_error_came_from(koban):
    assert "Traceback" in koban("scan", "iac", "nowhere", "--debug").err


def test_a_rule_file_that_cannot_be_used_is_named(koban, place):
    (place / "rules" / "bad.py").write_text("import nothing_of_that_name\n")
    done = koban("scan", "iac", ".", "--rules", "rules")
    assert done.code == 2
    assert done.err.startswith("koban: rules/bad.py: ModuleNotFoundError")


def test_mistakes_in_the_baseline_come_with_their_lines(koban, place):
    (place / "koban.yaml").write_text("version: 1\nfail_onn: high\nfail_on: huge\n")
    done = koban("scan", "iac", "good.yaml")
    assert done.code == 2
    assert [line.split(":")[:2] for line in done.err.splitlines()] == [["koban", " koban.yaml"]] * 2
    assert "koban: koban.yaml:3: " in done.err
    assert koban("scan", "iac", "good.yaml", "--no-baseline", "--rule", "s3-bucket-public").code == 0


def test_the_baseline_here_counts_by_itself(scan, place):
    (place / "koban.yaml").write_text("version: 1\nfail_on: critical\n")
    assert scan("bad.yaml").code == 0
    assert scan("bad.yaml", "--fail-on", "high").code == 1
    assert scan("bad.yaml", "--no-baseline").code == 1


def test_an_environment_has_its_own_threshold(scan, place):
    (place / "koban.yaml").write_text(
        "version: 1\nfail_on: low\nenvironments:\n  lab: {match: {path: 'bad*'}, fail_on: critical}\n"
    )
    assert scan("bad.yaml").code == 0
    (place / "other.yaml").write_text((place / "bad.yaml").read_text())
    assert scan("other.yaml").code == 1


def test_several_formats_in_one_run(scan, place):
    done = scan("bad.yaml", "-f", "html,sarif", "-o", "r.html", "-o", "r.sarif", "-o", "r.csv")
    assert done.out == ""
    assert [line for line in done.err.splitlines() if "wrote" in line] == [
        "koban: wrote r.html",
        "koban: wrote r.sarif",
        "koban: wrote r.csv",
    ]
    assert (place / "r.html").read_text().startswith("<!doctype html>")
    assert json.loads((place / "r.sarif").read_text())["version"] == "2.1.0"
    assert (place / "r.csv").read_text().count("\n") == 3


def test_one_format_to_a_file_and_one_to_standard_output(scan, place):
    done = scan("bad.yaml", "-f", "html,jsonl", "-o", "r.html")
    assert (place / "r.html").exists()
    assert json.loads(done.out.splitlines()[0])["rule"] == "user-bucket-unversioned"


def test_a_file_that_was_there_stays_when_a_scan_fails(scan, place):
    (place / "r.csv").write_text("of yesterday")
    assert scan("nowhere", "-o", "r.csv").code == 2
    assert (place / "r.csv").read_text() == "of yesterday"
    assert not list(place.glob(".*.part"))


def test_a_link_to_a_file_is_followed(scan, place):
    (place / "there").mkdir()
    (place / "r.csv").symlink_to("there/r.csv")
    assert scan("good.yaml", "-o", "r.csv").code == 0
    assert (place / "r.csv").is_symlink()
    assert (place / "there" / "r.csv").read_text().startswith("rule,")


def test_a_disk_that_fills_up_leaves_no_half_file(scan, place, monkeypatch):
    from koban.interfaces.cli import output

    class Filling(output.Stream):
        def flush(self) -> None:
            raise self._explained(OSError(28, "No space left on device"))

    monkeypatch.setattr(output, "Stream", Filling)
    done = scan("bad.yaml", "-f", "csv", "-o", "r.csv")
    assert done.code == 2
    assert done.err == "koban: cannot write to r.csv: No space left on device\n"
    assert sorted(one.name for one in place.iterdir() if "csv" in one.name) == []


@pytest.mark.parametrize("words", [["-f", "table"], ["-f", "table", "-v"], ["-f", "table", "-q"]], ids=" ".join)
def test_what_people_see(scan, words):
    done = scan("bad.yaml", "open.yaml", "broken.yaml", *words)
    look("scan" + "".join(words[2:]), timeless(done.out) + "\n# standard error\n" + done.err)


@pytest.mark.parametrize("command", ["", "scan", "scan iac", "scan aws", "rules", "baseline", "aws policy"])
def test_help(koban, command):
    done = koban(*command.split(), "--help")
    assert done.code == 0
    assert "Example:" in done.out
    look(f"help-{command.replace(' ', '-') or 'koban'}", done.out)


def look(name: str, shown: str) -> None:
    """Compare with the golden file.  After a wanted change: delete it, run twice, and look at the difference."""
    file = GOLDEN / f"{name}.txt"
    if not file.exists():
        file.write_text(shown, encoding="utf-8")
        pytest.fail(f"{file.name} was not there; it is now: look at it, then run this again")
    assert shown == file.read_text(encoding="utf-8")
