"""What a rule said of a resource."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import Any, Literal

from koban.model.rule import Severity

Verdict = Literal["pass", "fail", "unknown", "excepted"]
MADE_BY = "made by "  # how a reason begins that only says which code made the resource
VERDICTS: tuple[Verdict, ...] = ("fail", "unknown", "excepted", "pass")  # what needs a look first


@dataclass(frozen=True, slots=True)
class Subject:
    """The resource that a result is about, as outsiders see it."""

    uid: str
    type: str
    name: str | None = None
    account: str | None = None
    region: str | None = None
    address: str | None = None
    file: str | None = None
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """One rule's verdict on one resource: one line of ``--format jsonl``."""

    rule: str
    verdict: Verdict
    severity: Severity
    resource: Subject
    message: str
    because: tuple[str, ...]
    controls: tuple[str, ...]
    fix: str | None

    @property
    def fingerprint(self) -> str:
        """The same for the same rule and resource in every run: 32 hexadecimal digits."""
        # A file name may be no UTF-8; then it holds halves of surrogates.
        text = f"{self.rule}\0{self.resource.uid}".encode("utf-8", "surrogatepass")
        return hashlib.blake2b(text, digest_size=16).hexdigest()

    def excepted(self, because: str) -> Result:
        """The same result under an exception or suppression."""
        return replace(self, verdict="excepted", because=(because,))

    def as_json(self) -> dict[str, Any]:
        """The public shape, keys in the contract's order."""
        r = self.resource
        return {
            "rule": self.rule,
            "verdict": self.verdict,
            "severity": self.severity,
            "resource": {
                "uid": r.uid,
                "type": r.type,
                "name": r.name,
                "account": r.account,
                "region": r.region,
                "address": r.address,
                "file": r.file,
                "line": r.line,
            },
            "message": self.message,
            "because": list(self.because),
            "controls": list(self.controls),
            "fix": self.fix,
            "fingerprint": self.fingerprint,
        }


@dataclass(frozen=True, slots=True)
class Gap:
    """Something that should have been read and was not.

    `type` is a CloudFormation type or ``*``; `account` and `region` are empty where the gap is in all of them.
    `why` is one line: ``AccessDenied ec2:DescribeVolumes``.
    """

    type: str
    account: str
    region: str
    why: str

    def covers(self, type_name: str, account: str, region: str) -> bool:
        """Whether things of this type and place may be missing."""
        return (
            self.type in ("*", type_name)
            and (not self.account or not account or self.account == account)
            and (not self.region or not region or self.region == region)
        )
