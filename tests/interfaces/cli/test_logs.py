from __future__ import annotations

import json
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from tests.app.logs.test_ingest import record, trail

from koban.interfaces.cli.root import koban


@pytest.fixture
def lake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("KOBAN_LAKE", str(tmp_path / "lake"))
    trail(tmp_path / "logs" / "a.json.gz", record(0), record(1, eventName="PutObject"), record(2, eventTime="x"))
    return tmp_path


def run(*arguments: str, code: int = 0, data: str = "") -> str:
    result = CliRunner().invoke(koban, ["logs", *arguments], standalone_mode=False, input=data)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert (result.return_value or 0) == code, result.output
    return result.output


def test_logs_go_in_and_come_out(lake: Path) -> None:
    said = run("ingest", str(lake / "logs"), code=3)
    assert "2 events of 1 files" in said
    assert "1 records could not be read" in said
    rows = [
        json.loads(line) for line in run("query", "SELECT api.operation, time FROM events ORDER BY time").splitlines()
    ]
    assert rows == [
        {"api_operation": "GetObject", "time": "2026-03-01T00:00:00Z"},
        {"api_operation": "PutObject", "time": "2026-03-01T00:00:01Z"},
    ]
    (found,) = run("search", "api.operation:Put*").splitlines()
    assert json.loads(json.loads(found)["record"])["eventName"] == "PutObject"
    assert "no time that can be read" in run("quarantine")


def test_status_and_keeping(lake: Path) -> None:
    run("ingest", str(lake / "logs"), code=3)
    rows = [json.loads(line) for line in run("status").splitlines()]
    assert [(r["table"], r["class"], r["rows"]) for r in rows] == [("events", "api_activity", 2), ("quarantine", "", 1)]
    assert "400" in run("keep")
    assert '"days": 30' in run("keep", "--class", "api_activity", "--days", "30")
    assert "hold case-7" in run("keep", "--hold", "case-7", "--since", "2026-01-01", "--until", "2026-12-31")
    assert "0 events" not in run("maintain")
    assert [json.loads(line)["rows"] for line in run("status").splitlines()] == [2, 1]


def test_queries_are_kept(lake: Path) -> None:
    run("ingest", str(lake / "logs"), code=3)
    run("query", "--save", "puts", "SELECT count(*) AS n FROM events WHERE api_operation = 'PutObject'")
    assert json.loads(run("query", "--saved", "puts")) == {"n": 1}


def test_what_was_quarantined_is_read_again(lake: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from koban.sources.logs import format as formats

    (lake / "logs" / "b.json").write_text(json.dumps({"new": "format", "eventTime": "2026-03-01T00:00:09Z"}) + "\n")
    (lake / "logs" / "b.json").write_text(
        json.dumps(record(3)) + "\n" + json.dumps({"new": "format", "eventTime": "2026-03-01T00:00:09Z"}) + "\n"
    )
    run("ingest", str(lake / "logs"), code=3)
    assert "0 events out of quarantine; 2 records stay" in run("quarantine", "--replay", code=3)
    load = formats.load()
    fixed = (*load[0], formats.JsonFormat("aws-cloudtrail", lambda record: "new" in record))
    monkeypatch.setattr(formats, "load", lambda: (fixed, *load[1:]))
    formats._possible.clear()
    assert "1 events out of quarantine; 1 records stay" in run("quarantine", "--replay", code=3)
    assert "0 events out of quarantine; 1 records stay" in run("quarantine", "--replay", code=3)
    with pytest.raises(click.UsageError, match="are for --replay"):
        run("quarantine", "--dates", "day")
    assert json.loads(run("query", "SELECT count(*) AS n FROM events")) == {"n": 4}


def test_what_was_quarantined_is_read_again_with_what_it_does_not_say(lake: Path) -> None:
    from koban.app.logs.ingest import Ingestion
    from koban.lake.lake import Lake
    from koban.sources.logs.format import Rejected

    run("ingest", str(lake / "logs"), code=3)
    flow = b"10.0.0.4 198.51.100.2 1772359200 1772359260 ACCEPT\n"
    dated = b"type=LOGIN msg=audit(03/04/2026 10:00:00.123:7) : pid=1 uid=root auid=ana ses=2 res=yes\n"
    ingestion = Ingestion(Lake(str(lake / "lake")))
    for data in (flow, dated):
        ingestion.quarantine(Rejected("wants to be told more", data, 1), "received")
    assert "0 events out of quarantine; 3 records stay" in run("quarantine", "--replay", code=3)
    fields = "srcaddr dstaddr start end action"
    said = run("quarantine", "--replay", "--flow-fields", fields, "--dates", "day", code=3)
    assert "2 events out of quarantine; 1 records stay" in said
    days = run("query", "SELECT source, CAST(day AS VARCHAR) AS day FROM events WHERE origin = 'received' ORDER BY 1")
    assert [tuple(json.loads(line).values()) for line in days.splitlines()] == [
        ("aws-vpc-flow", "2026-03-01"),
        ("linux-auditd", "2026-04-03"),
    ]


def test_standard_input(lake: Path) -> None:
    assert "1 events of 1 files" in run("ingest", "-", data=json.dumps(record(5)))
    assert "1 files were there already" in run("ingest", "-", data=json.dumps(record(5)))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("ingest", "/nowhere/at/all"), "no such file"),
        (("query", "SELECT * FROM nothing"), "nothing does not exist"),
        (("query",), "say what to ask"),
        (("query", "--since", "soon", "SELECT 1"), "is no time"),
        (("query", "--saved", "none"), "no query is kept"),
        (("search", "time>soon"), "is no time"),
        (("search", "--class", "nothing", "x"), "is no OCSF class"),
        (("keep", "--hold", "x"), "needs --since and --until"),
        (("keep", "--release", "x"), "there is no hold"),
    ],
)
def test_bad_input_says_what_to_do(lake: Path, arguments: tuple[str, ...], message: str) -> None:
    result = CliRunner().invoke(koban, ["logs", *arguments])
    assert result.exit_code == 2
    assert message in result.output
