"""The detections with the mappings that serve them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from koban.engines.detection.rules import Detection, RuleSet, load, own_folder
from koban.engines.detection.testing import Failure, Ingestion, failures


def detections(directories: Iterable[Path] = ()) -> RuleSet:
    """Koban's own detections, then the Sigma rules in `directories`."""
    return load([own_folder(), *directories])


def failures_of(rules: RuleSet, only: Iterable[Detection] | None = None) -> Iterator[Failure]:
    """What the tests of the detections say against them."""
    from koban.sources.logs.mapping import MACROS, mappings, select

    return failures(rules, mappings(), Ingestion(MACROS, select), only)
