"""Route 53: zones, their records, and domain names."""

from __future__ import annotations

from typing import Any, cast

from koban.model.resource import Resource, age, derived, fact, field, link, referring
from koban.model.unknown import Unknown

WEBSITE = "s3-website"


class HostedZone(
    Resource, type="AWS::Route53::HostedZone", ids="Id Name", arn="arn:{partition}:route53:::hostedzone/{Id}"
):
    """A DNS zone."""

    query_log_group: str = field("QueryLoggingConfig.CloudWatchLogsLogGroupArn", "", "Where its queries are logged")
    vpcs: tuple[str, ...] = field("VPCs[].VPCId", (), "The networks of a private zone")
    is_private: bool = fact("Private", False, "Whether only networks can ask it")
    dnssec_status: str = fact("DnssecStatus", "", "SIGNING, NOT_SIGNING, ...")
    dnssec: tuple[Dnssec, ...] = referring("AWS::Route53::DNSSEC", "zone", "That it is signed")

    @derived
    def is_public(self) -> bool:
        """Whether the whole internet asks it."""
        return not self.is_private and not self.vpcs

    @derived
    def is_signed(self) -> bool:
        """Whether its answers are signed."""
        return self.dnssec_status == "SIGNING" or bool(self.dnssec)


class Dnssec(Resource, type="AWS::Route53::DNSSEC", template_only=True):
    """Signs the answers of a zone."""

    zone: Any = link("HostedZoneId", "AWS::Route53::HostedZone", "The zone")


class RecordSet(Resource, type="AWS::Route53::RecordSet", ids="Name"):
    """A record that points to another name; live, only those are read."""

    kind: str = field("Type", "", "A, AAAA, CNAME, ...")
    values: tuple[str, ...] = field("ResourceRecords", (), "What it answers")
    alias: str = field("AliasTarget.DNSName", "", "The AWS name whose addresses it answers")
    record_name: str = field("Name", "", "The name that is asked for")

    @derived
    def targets(self) -> tuple[str, ...]:
        """The names that it leads to, in lower case and without the last dot."""
        named = (self.alias,) if self.alias else self.values if self.kind == "CNAME" else ()
        return tuple(_plain(one) for one in named)

    @derived
    def bucket_name(self) -> str:
        """The S3 bucket whose website or objects it leads to; empty where it leads elsewhere."""
        for target in self.targets:
            if target.startswith(WEBSITE):
                return cast(str, _plain(self.record_name))
            for marker in (".s3-website", ".s3.", ".s3-"):
                if marker in target and target.endswith(".amazonaws.com"):
                    return str(target.split(marker, 1)[0])
        return ""

    @derived
    def distribution_name(self) -> str:
        """The CloudFront name that it leads to; empty where it leads elsewhere."""
        for target in self.targets:
            if target.endswith(".cloudfront.net"):
                return target
        return ""


class Domain(Resource, type="Koban::Route53Domains::Domain", ids="DomainName"):
    """A domain name registered through AWS."""

    auto_renew: bool = field("AutoRenew", False, "Whether it is renewed by itself")
    transfer_lock: bool = field("TransferLock", False, "Whether it refuses to be moved to another registrar")
    past_expiry_days: float = age("Expiry", "Days since it expired; below zero: days left")


def _plain(name: Any) -> Any:
    return name if isinstance(name, Unknown) else name.lower().rstrip(".")
