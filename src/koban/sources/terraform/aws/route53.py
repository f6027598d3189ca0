"""Route 53: zones, their records, and domain names."""

from __future__ import annotations

from collections.abc import Iterator
from copy import copy
from typing import Any

from koban.model.aws.route53 import Dnssec, Domain, HostedZone, RecordSet
from koban.model.unknown import NON_EMPTY_SHAPE, Maybe, Unknown
from koban.sources.terraform.mapping import (
    ABSENT,
    Body,
    arg,
    block,
    blocks,
    constant,
    elements,
    first,
    folds,
    group,
    listed,
    made,
    maps,
    over,
    together,
)

maps(
    "aws_route53_zone",
    HostedZone,
    Id="id",
    Name="name",
    VPCs=together(
        blocks("vpc", VPCId="vpc_id", VPCRegion="vpc_region"), listed(group(VPCId="vpc_id", VPCRegion="vpc_region"))
    ),
)
folds(
    "aws_route53_zone_association",
    HostedZone,
    "zone_id",
    adds=True,
    VPCs=listed(group(VPCId="vpc_id", VPCRegion="vpc_region")),
)
folds(
    "aws_route53_query_log",
    HostedZone,
    "zone_id",
    QueryLoggingConfig=group(CloudWatchLogsLogGroupArn="cloudwatch_log_group_arn"),
)


def signs(body: Body) -> bool:
    """Whether the zone is signed for sure."""
    status = body.get("signing_status", "SIGNING")
    return not isinstance(status, Unknown) and bool(status == "SIGNING")


maps("aws_route53_hosted_zone_dnssec", Dnssec, when=signs, HostedZoneId="hosted_zone_id")
folds("aws_route53_hosted_zone_dnssec", HostedZone, "hosted_zone_id", DnssecStatus="signing_status")

maps(
    "aws_route53_record",
    RecordSet,
    HostedZoneId="zone_id",
    Name=first("fqdn", "name"),
    Type="type",
    SetIdentifier="set_identifier",
    ResourceRecords="records",
    AliasTarget=block("alias", DNSName="name", HostedZoneId="zone_id"),
)


def each_record(body: Body) -> Iterator[Body]:
    """A body for each record of a zone's list of all; of a list that is not known, one of which nothing is known."""
    for one in elements(body.get("resource_record_set")):
        for record in one._values if isinstance(one, Maybe) else (one,):
            if isinstance(record, dict):
                made = copy(record)
                made["zone_id"] = body.get("zone_id")
                yield made
            else:
                names = ("name", "type", "set_identifier", "resource_records", "alias_target")
                yield {"zone_id": body.get("zone_id"), **dict.fromkeys(names, record)}


def values_of(body: Body) -> Any:
    found = body.get("resource_records", [])
    return (
        ABSENT
        if isinstance(found, list) and not found
        else over(found, lambda one: one.get("value") if isinstance(one, dict) else one)
    )


maps(
    "aws_route53_records_exclusive",
    RecordSet,
    each=each_record,
    HostedZoneId="zone_id",
    Name="name",
    Type="type",
    SetIdentifier="set_identifier",
    ResourceRecords=made(values_of, "resource_records", careful=True),
    AliasTarget=block("alias_target", DNSName="dns_name", HostedZoneId="hosted_zone_id"),
    Tags=constant(ABSENT),
)

REGISTRY_KNOWS = constant(Unknown("expiration_date", "the registry tells it, not the code", shape=NON_EMPTY_SHAPE))


def said(date: Any) -> Any:
    return date or ABSENT


for source in ("aws_route53domains_domain", "aws_route53domains_registered_domain"):
    maps(
        source,
        Domain,
        DomainName="domain_name",
        AutoRenew=arg("auto_renew", default=True),
        TransferLock=arg("transfer_lock", default=True),
        Expiry=first(arg("expiration_date", said), REGISTRY_KNOWS),
    )
