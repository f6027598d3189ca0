"""Tags of many things in one answer, for services that give them for one thing at a time."""

from __future__ import annotations

import threading
from typing import Any

from koban.sources.aws.reader import Failure, Reader, tags

GET_RESOURCES = "resourcegroupstaggingapi:GetResources"
PAGE = 100


class BulkTags:
    """The tags of every thing of one `kind` (``s3``, ``dynamodb:table``), asked for once a region.

    The Resource Groups Tagging API lists what has tags or once had: what it leaves out has none.  Where it does not
    answer, :meth:`of` says so with None, and the service itself is to be asked.  A collector that uses it declares
    `GET_RESOURCES`.  Safe to share among threads.
    """

    def __init__(self, aws: Reader, kind: str) -> None:
        self.aws = aws
        self.kind = kind
        self._lock = threading.Lock()
        self._found: dict[str, dict[str, Any] | None] = {}

    def of(self, arn: str, region: str) -> list[dict[str, str]] | None:
        """The tags of one thing; None where nobody can tell in bulk."""
        with self._lock:
            if region not in self._found:
                self._found[region] = self._asked(region)
        found = self._found[region]
        return None if found is None else tags(found.get(arn))

    def _asked(self, region: str) -> dict[str, Any] | None:
        listed = self.aws.pages(
            GET_RESOURCES,
            "ResourceTagMappingList",
            region=region,
            ResourceTypeFilters=[self.kind],
            ResourcesPerPage=PAGE,
        )
        try:
            return {one["ResourceARN"]: one.get("Tags") for one in listed}
        except Failure:
            return None  # no failure yet: the service itself may tell
