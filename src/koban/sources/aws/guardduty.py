"""Reads Amazon GuardDuty."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from koban.model.aws.guardduty import Detector
from koban.model.unknown import Unknown
from koban.sources.aws.collector import reads
from koban.sources.aws.reader import Reader, pick, tags


def detector_from_api(detector_id: str, raw: Any) -> dict[str, Any]:
    """A detector's document from its id and what ``GetDetector`` says, or the Unknown that it gave."""
    if isinstance(raw, Unknown):
        return {"Id": detector_id, "Enable": raw, "Features": raw, "FindingPublishingFrequency": raw}
    document = {"Id": detector_id, "Enable": raw.get("Status") == "ENABLED", "Tags": tags(raw.get("Tags"))}
    document |= pick(raw, "FindingPublishingFrequency")
    document["Features"] = [
        {
            **pick(one, "Name", "Status"),
            "AdditionalConfiguration": [
                pick(each, "Name", "Status") for each in one.get("AdditionalConfiguration", ())
            ],
        }
        for one in raw.get("Features", ())
    ]
    return document


@reads(
    Detector,
    "guardduty:ListDetectors",
    Enable="guardduty:GetDetector",
    Features="guardduty:GetDetector",
    FindingPublishingFrequency="guardduty:GetDetector",
)
def detectors(aws: Reader) -> Iterator[dict[str, Any]]:
    for detector_id in aws.pages("guardduty:ListDetectors", "DetectorIds"):
        yield detector_from_api(detector_id, aws.ask("guardduty:GetDetector", DetectorId=detector_id))
