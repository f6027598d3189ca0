"""The detections with the mappings that serve them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from koban.engines.detection.rules import Detection, RuleSet, load, own_folder
from koban.engines.detection.ruleset import CompiledSet, compile_set
from koban.engines.detection.testing import Failure, Ingestion, failures


def detections(directories: Iterable[Path] = ()) -> RuleSet:
    """Koban's own detections, then the Sigma rules in `directories`."""
    return load([own_folder(), *directories])


def compiled(rules: RuleSet, placeholders: Mapping[str, Sequence[str]] | None = None) -> CompiledSet:
    """The rules, ready to judge events of every source that Koban reads; what does not run is in its `problems`."""
    from koban.sources.logs.mapping import mappings

    return compile_set(rules, mappings(), placeholders)


def failures_of(rules: RuleSet, only: Iterable[Detection] | None = None) -> Iterator[Failure]:
    """What the tests of the detections say against them."""
    from koban.sources.logs.mapping import MACROS, mappings, select

    return failures(rules, mappings(), Ingestion(MACROS, select), only)
