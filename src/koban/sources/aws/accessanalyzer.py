"""Reads IAM Access Analyzer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from koban.model.aws.accessanalyzer import Analyzer
from koban.sources.aws.collector import reads
from koban.sources.aws.reader import Reader, pick, tags


def analyzer_from_api(raw: dict[str, Any], statistics: Any) -> dict[str, Any]:
    """`statistics` is the list that GetFindingsStatistics gives, or Unknown."""
    document = pick(raw, AnalyzerName="name", Arn="arn", Type="type", Status="status")
    if raw.get("tags"):
        document["Tags"] = tags(raw["tags"])
    if not isinstance(statistics, list):
        return document | {"ActiveFindings": statistics, "PublicFindings": statistics}
    kinds = [kind for one in statistics for kind in one.values()]
    document["ActiveFindings"] = sum(kind.get("totalActiveFindings", 0) for kind in kinds)
    document["PublicFindings"] = sum(
        of_type.get("totalActivePublic", 0)
        for kind in kinds
        for of_type in kind.get("resourceTypeStatistics", {}).values()
    )
    return document


@reads(
    Analyzer,
    "accessanalyzer:ListAnalyzers",
    ActiveFindings="accessanalyzer:GetFindingsStatistics",
    PublicFindings="accessanalyzer:GetFindingsStatistics",
)
def analyzers(aws: Reader) -> Iterator[dict[str, Any]]:
    def detail(raw: dict[str, Any]) -> dict[str, Any]:
        none = ("ResourceNotFoundException",)
        statistics = aws.ask(
            "accessanalyzer:GetFindingsStatistics",
            "findingsStatistics",
            absent=none,
            otherwise=[],
            analyzerArn=raw["arn"],
        )
        return analyzer_from_api(raw, statistics)

    yield from aws.each(aws.pages("accessanalyzer:ListAnalyzers", "analyzers"), detail)
