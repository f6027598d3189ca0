"""Detections say and remember the same when many machines read the events for them."""

from __future__ import annotations

from pathlib import Path

from tests.engines.behaviour.events import at, call
from tests.engines.behaviour.places import places
from tests.engines.behaviour.test_evaluate import ingest, remembered, story
from tests.lake.here import Here

from koban.engines.behaviour.evaluate import evaluate
from koban.lake.lake import Lake


def test_the_same_is_said_and_remembered(tmp_path: Path) -> None:
    one, other = Lake(str(tmp_path / "one")), Lake(str(tmp_path / "other"))
    whole = story(7)
    for operation, record in (
        ("RunInstances", {"requestParameters": {"instanceType": "p5.48xlarge"}}),
        ("PutBucketPolicy", {"requestParameters": {"policy": "arn:aws:iam::444455556666:root"}}),
    ):
        service = "ec2.amazonaws.com" if operation == "RunInstances" else "s3.amazonaws.com"
        whole.append(call(at(20, 23), "ann", operation, api_service_name=service, record=record, line=100_000))
    cut = len(whole) * 2 // 3
    for events in (whole[:cut], whole[cut:]):
        ingest(one, events)
        ingest(other, events)
        here = Here(other, 300)
        said = list(evaluate(one, geo=places()))
        assert list(evaluate(other, geo=places(), machines=here)) == said
        assert here.pieces > 1
    assert {"first-seen-instance-type", "new-external-account", "beaconing-flows"} <= {a.rule for a in said}
    assert remembered(other) == remembered(one)
    assert len(remembered(one)) > 100
