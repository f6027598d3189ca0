"""Reads Route 53: zones, records that point elsewhere, and registered domains."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from koban.model.aws.route53 import Domain, HostedZone, RecordSet
from koban.model.resource import Resource
from koban.model.unknown import Unknown
from koban.sources.aws.collector import reads
from koban.sources.aws.reader import Failure, Reader, pick

Document = dict[str, Any]


def zone_id(raw: str) -> str:
    """``/hostedzone/Z1`` as ``Z1``."""
    return raw.rsplit("/", 1)[-1]


def zone_from_api(raw: Document) -> Document:
    return {**pick(raw, "Name"), "Id": zone_id(raw["Id"]), "Private": raw.get("Config", {}).get("PrivateZone", False)}


@reads(
    HostedZone,
    "route53:ListHostedZones",
    scope="global",
    QueryLoggingConfig="route53:ListQueryLoggingConfigs",
    DnssecStatus="route53:GetDNSSEC",
)
def zones(aws: Reader) -> Iterator[Document]:
    logged: dict[str, str] | Unknown
    try:
        configs = aws.pages("route53:ListQueryLoggingConfigs", "QueryLoggingConfigs")
        logged = {zone_id(one["HostedZoneId"]): one["CloudWatchLogsLogGroupArn"] for one in configs}
    except Failure as failure:
        aws.failures.append(failure)
        logged = Unknown("QueryLoggingConfig", failure.why)

    def detail(raw: Document) -> Document:
        document = zone_from_api(raw)
        if document["Private"]:
            return document  # neither logs of its own nor signatures are to be had for a private zone
        if isinstance(logged, Unknown):
            document["QueryLoggingConfig"] = logged
        elif document["Id"] in logged:
            document["QueryLoggingConfig"] = {"CloudWatchLogsLogGroupArn": logged[document["Id"]]}
        document["DnssecStatus"] = aws.ask(
            "route53:GetDNSSEC", "Status.ServeSignature", otherwise="NOT_SIGNING", HostedZoneId=document["Id"]
        )
        return document

    yield from aws.each(aws.pages("route53:ListHostedZones", "HostedZones"), detail)


def record_from_api(zone: str, raw: Document) -> Document:
    document = {**pick(raw, "Name", "Type", "SetIdentifier"), "HostedZoneId": zone}
    if raw.get("AliasTarget"):
        document["AliasTarget"] = pick(raw["AliasTarget"], "DNSName", "HostedZoneId")
    else:
        document["ResourceRecords"] = [one["Value"] for one in raw.get("ResourceRecords", ())]
    return document


@reads(RecordSet, "route53:ListResourceRecordSets", scope="global", needs=(HostedZone,))
def records(aws: Reader) -> Iterator[Resource]:
    """Aliases and CNAMEs of public zones: what may point at something that is gone."""

    def detail(zone: Resource) -> list[Document]:
        found = aws.pages("route53:ListResourceRecordSets", "ResourceRecordSets", HostedZoneId=zone.document["Id"])
        return [
            record_from_api(zone.document["Id"], raw)
            for raw in found
            if raw.get("AliasTarget") or raw.get("Type") == "CNAME"
        ]

    public = (zone for zone in aws.read(HostedZone) if not zone.document.get("Private"))
    for documents in aws.each(public, detail):
        for one in documents:
            own = "/".join((one["HostedZoneId"], "rrset", one["Name"], one["Type"], one.get("SetIdentifier", "")))
            yield aws.made(RecordSet, one, uid=f"arn:{aws.partition}:route53:::hostedzone/{own.rstrip('/')}")


@reads(Domain, "route53domains:ListDomains", scope="global")
def domains(aws: Reader) -> Iterator[Resource]:
    for raw in aws.pages("route53domains:ListDomains", "Domains"):
        document = pick(raw, "DomainName", "AutoRenew", "TransferLock", "Expiry")
        uid = f"arn:{aws.partition}:route53domains::{aws.account}:domain/{raw['DomainName']}"
        yield aws.made(Domain, document, uid=uid)
