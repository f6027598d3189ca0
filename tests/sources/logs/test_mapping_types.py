from __future__ import annotations

import pytest
from tests.sources.logs.events import events, mapped

from koban.sources.logs.format import Record


def test_a_value_of_the_wrong_type_costs_its_column_and_no_more() -> None:
    good = '{"class_uid":2004,"time":1772359200123,"finding_info":{"uid":"f","types":["a"]},"activity_id":1}'
    wrong = '{"class_uid":2004,"time":1772359200123,"finding_info":{"uid":"g","types":true},"activity_id":"much"}'
    first, second = mapped("ocsf", [Record("ocsf", good, 1), Record("ocsf", wrong, 2)])
    assert (first["finding_info_types"], first["activity_id"]) == (["a"], 1)
    assert second["finding_info_uid"] == "g"
    assert "finding_info_types" not in second
    assert "activity_id" not in second


@pytest.mark.parametrize("resources", [[], [{"ARN": "arn:aws:iam::111122223333:user/ana"}, {"ARN": "arn:x"}, {}]])
def test_what_an_event_is_found_by_is_there_once(resources: list[dict[str, str]]) -> None:
    event = {
        "eventVersion": "1.11",
        "eventSource": "iam.amazonaws.com",
        "eventName": "CreateAccessKey",
        "eventTime": "2026-03-01T10:00:00Z",
        "sourceIPAddress": "ana",
        "userIdentity": {"userName": "ana", "arn": "arn:aws:iam::111122223333:user/ana"},
        "requestParameters": {"userName": "ana"},
        "resources": resources,
    }
    found = events(event)[0]["observables"]
    assert sorted(found) == sorted({"ana", "arn:aws:iam::111122223333:user/ana"} | ({"arn:x"} if resources else set()))
