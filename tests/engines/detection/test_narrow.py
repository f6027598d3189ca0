from __future__ import annotations

from koban.engines.detection import testing
from koban.engines.detection.compile import Compiled
from koban.engines.detection.dialect import DUCKDB, SPARK
from koban.engines.detection.narrow import conditions
from koban.engines.detection.rules import load, load_texts, own_folder
from koban.engines.detection.ruleset import CompiledSet, compile_set
from koban.sources.logs.mapping import MACROS, mappings, select


def compiled_of(detection: str) -> CompiledSet:
    text = (
        "title: t\nid: 00000000-0000-4000-8000-000000000001\nlevel: low\n"
        f"logsource: {{product: aws, service: cloudtrail}}\ndetection: {detection}\n"
    )
    trail = [one for one in mappings() if one.source == "aws-cloudtrail"]
    made = compile_set(load_texts([("t.yml", text)]), trail)
    assert not made.problems
    return made


def of_cloudtrail(detection: str) -> str:
    return " ".join(conditions(compiled_of(detection), SPARK)["aws-cloudtrail"])


def test_columns_are_asked_and_json_is_left_to_duckdb() -> None:
    where = of_cloudtrail("{a: {eventName: GetObject, requestParameters.x: y}, condition: a}")
    assert "LOWER(api_operation) = 'getobject'" in where
    assert "get_json_object" not in where


def test_json_is_asked_where_nothing_is_said_about_columns_and_a_doubtful_record_goes_through() -> None:
    where = of_cloudtrail("{a: {requestParameters.x: y}, condition: a}")
    assert "get_json_object" in where
    assert "CONTAINS(record, '\\\\u')" in where


def test_what_engines_may_read_otherwise_is_taken_for_granted() -> None:
    where = of_cloudtrail("{a: {eventSource: s3.amazonaws.com, eventName|re: '\\bGet'}, condition: a}")
    assert "api_service_name" in where
    assert "RLIKE" not in where


def test_no_event_that_a_rule_of_ours_matches_is_left_out() -> None:
    rules = load([own_folder() / "aws"])
    compiled = compile_set(rules, mappings())
    singles = [rule for rule in compiled.rules if isinstance(rule, Compiled)]
    records = []
    for number, rule in enumerate(singles):
        for at, test in enumerate(rule.detection.tests):
            for source in testing._sources(test, rule):
                records += testing._records(test, source, f"{number}/{at}/{source}", rule)
    ingestion = testing.Ingestion(MACROS, select)
    connection = testing._connection(records, {m.source: m for m in mappings()}, ingestion)
    tests = conditions(compiled, DUCKDB).items()
    where = " OR ".join(f"(source = '{source}' AND ({' OR '.join(some)}))" for source, some in tests)
    connection.execute(f"CREATE TABLE found AS SELECT * FROM events WHERE {where}")
    some = 0
    for rule in singles:
        every, left = (connection.execute(rule.sql(DUCKDB, t, "count(*)")).fetchone()[0] for t in ("events", "found"))
        assert every == left, rule.detection.title
        some += every
    assert some > 100
    assert connection.execute("SELECT (SELECT count(*) FROM found) < (SELECT count(*) FROM events)").fetchone() == (
        True,
    )
