"""Reads AWS Certificate Manager, public and private."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from koban.model.aws.acm import Certificate, CertificateAuthority
from koban.sources.aws.collector import reads
from koban.sources.aws.reader import Reader, pick

# Left to itself, ListCertificates tells only of RSA keys of 1,024 and 2,048 bits.
EVERY_KEY = [
    "RSA_1024",
    "RSA_2048",
    "RSA_3072",
    "RSA_4096",
    "EC_prime256v1",
    "EC_secp384r1",
    "EC_secp521r1",
]


def certificate_from_api(raw: dict[str, Any]) -> dict[str, Any]:
    document = pick(raw, "CertificateArn", "DomainName", "KeyAlgorithm", "Status", "Type", "InUse", "NotAfter")
    if "KeyAlgorithm" in document:  # some answers spell it RSA-2048
        document["KeyAlgorithm"] = document["KeyAlgorithm"].replace("-", "_")
    return document


@reads(Certificate, "acm:ListCertificates")
def certificates(aws: Reader) -> Iterator[dict[str, Any]]:
    for raw in aws.pages("acm:ListCertificates", "CertificateSummaryList", Includes={"keyTypes": EVERY_KEY}):
        yield certificate_from_api(raw)


def authority_from_api(raw: dict[str, Any]) -> dict[str, Any]:
    document = pick(
        raw, "Arn", "Type", "Status", "UsageMode", KeyAlgorithm="CertificateAuthorityConfiguration.KeyAlgorithm"
    )
    revocation = {}
    for name in ("CrlConfiguration", "OcspConfiguration"):
        if name in raw.get("RevocationConfiguration", {}):
            revocation[name] = pick(raw["RevocationConfiguration"][name], "Enabled")
    return document | ({"RevocationConfiguration": revocation} if revocation else {})


@reads(CertificateAuthority, "acm-pca:ListCertificateAuthorities")
def certificate_authorities(aws: Reader) -> Iterator[dict[str, Any]]:
    found = aws.pages("acm-pca:ListCertificateAuthorities", "CertificateAuthorities", ResourceOwner="SELF")
    for raw in found:
        if raw.get("Status") != "DELETED":
            yield authority_from_api(raw)
