"""Reads Amazon Macie."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from koban.model.aws.macie import MacieSession
from koban.sources.aws.collector import reads
from koban.sources.aws.reader import Failure, Reader, pick


def session_from_api(account: str, raw: dict[str, Any], discovery: Any) -> dict[str, Any]:
    """A session's document; an empty answer is a region in which Macie was never turned on."""
    document = {"AwsAccountId": account, "Status": "DISABLED", **pick(raw, Status="status")}
    return {**document, "AutomatedDiscoveryStatus": discovery}


@reads(
    MacieSession,
    "macie2:GetMacieSession",
    AutomatedDiscoveryStatus="macie2:GetAutomatedDiscoveryConfiguration",
)
def sessions(aws: Reader) -> Iterator[dict[str, Any]]:
    """Macie answers "access denied" both to who may not ask and where it is off: only the message tells which."""
    try:
        raw = aws.call("macie2:GetMacieSession")
    except Failure as failure:
        if failure.code == "ResourceNotFoundException" or "not enabled" in failure.message:
            yield session_from_api(aws.account, {}, "DISABLED")
            return
        raise
    discovery = aws.ask("macie2:GetAutomatedDiscoveryConfiguration", "status", otherwise="DISABLED")
    yield session_from_api(aws.account, raw, discovery)
