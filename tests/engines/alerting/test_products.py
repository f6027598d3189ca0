from __future__ import annotations

import pytest
from tests.engines.alerting.alerts import alert

from koban.engines.alerting.products import findings, without_doubles


@pytest.mark.parametrize(
    ("time", "entity", "tag", "double"),
    [
        ("2026-03-01T10:30:00Z", "credential:AKIA1", "attack.persistence", True),
        ("2026-03-01T11:00:01Z", "credential:AKIA1", "attack.persistence", False),
        ("2026-03-01T10:30:00Z", "credential:AKIA2", "attack.persistence", False),
        ("2026-03-01T10:30:00Z", "credential:AKIA1", "attack.impact", False),
        ("2026-03-01T10:30:00Z", "account:1", "attack.persistence", False),
    ],
)
def test_the_same_facts_are_told_once(time: str, entity: str, tag: str, double: bool) -> None:
    ours = alert("ours", "2026-03-01T10:00:00Z", "credential:AKIA1", "account:1", tags=("attack.persistence",))
    theirs = alert("Persistence:IAMUser/X", time, entity, tags=(tag,), kind="product")
    alone, doubles = without_doubles([ours], [theirs])
    assert (alone, doubles) == (([], {ours.fingerprint: [theirs]}) if double else ([theirs], {}))


def test_a_finding_in_the_log_becomes_an_alert() -> None:
    import duckdb

    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    relation = """(SELECT TIMESTAMPTZ '2026-03-01 10:00:00+00' AS time, 'aws-guardduty' AS source, 'f' AS origin,
        1 AS origin_line, NULL AS metadata_uid, 'f-1' AS finding_info_uid, 'Odd call' AS finding_info_title,
        ['Persistence:IAMUser/AnomalousBehavior'] AS finding_info_types, 4 AS severity_id, 'ana did it' AS message,
        '111122223333' AS cloud_account_uid, 'eu-west-1' AS cloud_region, 'ana' AS actor_user_name,
        NULL AS actor_user_uid, 'AKIA1' AS actor_user_credential_uid, '192.0.2.1' AS src_endpoint_ip,
        NULL AS device_hostname, NULL::VARCHAR[] AS resources_uid, 2004 AS class_uid)"""
    (found,) = findings(connection, relation)
    assert (found.rule, found.level, found.tags) == (
        "Persistence:IAMUser/AnomalousBehavior",
        "high",
        ("attack.persistence",),
    )
    assert [f"{e.kind}:{e.name}" for e in found.entities] == ["user:ana", "credential:AKIA1", "ip:192.0.2.1"]
