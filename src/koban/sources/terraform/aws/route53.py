"""Route 53: zones, their records, and domain names."""

from __future__ import annotations

from typing import Any

from koban.model.aws.route53 import Dnssec, Domain, HostedZone, RecordSet
from koban.model.unknown import NON_EMPTY_SHAPE, Unknown
from koban.sources.terraform.mapping import (
    ABSENT,
    Body,
    arg,
    block,
    blocks,
    constant,
    first,
    folds,
    group,
    listed,
    maps,
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
