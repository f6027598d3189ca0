"""Posture rules for Route 53."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from koban.model.aws.cloudfront import Distribution
from koban.model.aws.route53 import Dnssec, Domain, HostedZone, RecordSet
from koban.model.aws.s3 import Bucket
from koban.model.rule import rule
from koban.model.unknown import Unknown

PARAMETER = "parameter P has no default"
LOGGED = {"QueryLoggingConfig": {"CloudWatchLogsLogGroupArn": "arn:aws:logs:us-east-1:111122223333:log-group:dns"}}


def public(zone: HostedZone) -> bool:
    return zone.is_public


def ahead(days: int) -> str:
    return (datetime.now(UTC) + timedelta(days=days)).isoformat()


@rule(
    "medium",
    HostedZone,
    "aws-fsbp:Route53.2",
    "nist-csf-2.0:PR.PS-04",
    "nist-csf-2.0:DE.CM-01",
    when=public,
)
def route53_zone_queries_not_logged(zone: HostedZone) -> bool:
    """The public zone does not log the queries that it answers.

    Why: who looked for which of your names, and whether someone explores or abuses them, is known to nobody.
    Fix: add a query logging configuration to a log group in us-east-1.
    """
    return not zone.query_log_group


route53_zone_queries_not_logged.cases(
    bad=[{}],
    good=[LOGGED],
    unknown=[{"QueryLoggingConfig": Unknown("QueryLoggingConfig", "AccessDenied route53:ListQueryLoggingConfigs")}],
    skipped=[{"Private": True}, {"VPCs": [{"VPCId": "vpc-1", "VPCRegion": "eu-west-1"}]}],
)


@rule("low", HostedZone, "nist-csf-2.0:PR.DS-02", when=public)
def route53_zone_not_signed(zone: HostedZone) -> bool:
    """The answers of the public zone are not signed (DNSSEC).

    Why: a forged answer sends people to another's machine, and nothing tells it from a true one.
    Fix: enable DNSSEC signing and register the DS record with the parent zone.
    """
    return not zone.is_signed


route53_zone_not_signed.cases(
    bad=[{"Id": "Z1"}, {"DnssecStatus": "NOT_SIGNING"}],
    good=[{"DnssecStatus": "SIGNING"}, ({"Id": "Z1"}, Dnssec({"HostedZoneId": "Z1"}))],
    unknown=[{"DnssecStatus": Unknown("DnssecStatus", "AccessDenied route53:GetDNSSEC")}],
    skipped=[{"Private": True}],
)

WEBSITE = {
    "Name": "shop.example.com.",
    "Type": "A",
    "AliasTarget": {"DNSName": "s3-website-eu-west-1.amazonaws.com."},
}
OBJECTS = {"Name": "cdn.example.com", "Type": "CNAME", "ResourceRecords": ["assets.s3.eu-west-1.amazonaws.com"]}


@rule("high", RecordSet, "nist-csf-2.0:ID.AM-08", "nist-csf-2.0:PR.PS-01", when=lambda r: r.bucket_name, only="live")
def route53_record_bucket_missing(record: RecordSet) -> bool:
    """The record leads to a bucket that this account does not have.

    Why: if nobody has it, anyone may create it and serve what they like under your name.
    Fix: delete the record, or make sure that the bucket is yours in another account.
    """
    return not any(bucket.name == record.bucket_name for bucket in record.in_account.every(Bucket))


route53_record_bucket_missing.cases(
    bad=[WEBSITE, OBJECTS, (WEBSITE, Bucket({"BucketName": "other"}))],
    good=[(WEBSITE, Bucket({"BucketName": "shop.example.com"})), (OBJECTS, Bucket({"BucketName": "assets"}))],
    skipped=[{"Name": "a.example.com", "Type": "CNAME", "ResourceRecords": ["b.example.com"]}],
)

TO_CDN = {"Name": "www.example.com", "Type": "CNAME", "ResourceRecords": ["d1.cloudfront.net"]}


@rule(
    "medium",
    RecordSet,
    "nist-csf-2.0:ID.AM-08",
    "nist-csf-2.0:PR.PS-01",
    when=lambda record: record.distribution_name,
    only="live",
)
def route53_record_distribution_missing(record: RecordSet) -> bool:
    """The record leads to a CloudFront distribution that this account does not have.

    Why: once the distribution is gone, another customer may claim your name for one of theirs.
    Fix: delete the record, or make sure that the distribution is yours in another account.
    """
    return not any(one.domain_name == record.distribution_name for one in record.in_account.every(Distribution))


route53_record_distribution_missing.cases(
    bad=[TO_CDN, (TO_CDN, Distribution({"Id": "E1", "DomainName": "d2.cloudfront.net"}))],
    good=[(TO_CDN, Distribution({"Id": "E1", "DomainName": "d1.cloudfront.net"}))],
    skipped=[WEBSITE],
)


@rule("medium", Domain, "nist-csf-2.0:PR.AA-05")
def route53_domain_transfer_unlocked(domain: Domain) -> bool:
    """The domain may be moved to another registrar.

    Why: whoever takes over the domain takes over the mail, the sites and the certificates under it.
    Fix: turn on the transfer lock; a few top-level domains do not offer one.
    """
    return not domain.transfer_lock


route53_domain_transfer_unlocked.cases(bad=[{"TransferLock": False}], good=[{"TransferLock": True}])


@rule("medium", Domain, "nist-csf-2.0:PR.IR-04", "nist-csf-2.0:ID.AM-08")
def route53_domain_not_renewed(domain: Domain) -> bool:
    """The domain is not renewed by itself.

    Why: a forgotten renewal takes everything under the name off the air, and lets a stranger buy it.
    Fix: turn on auto-renew.
    """
    return not domain.auto_renew


route53_domain_not_renewed.cases(bad=[{"AutoRenew": False}], good=[{"AutoRenew": True}])


@rule("high", Domain, "nist-csf-2.0:ID.AM-08")
def route53_domain_expires_soon(domain: Domain, *, days_left_min: int = 30) -> bool:
    """The domain expires soon, or has expired.

    Why: everything under the name stops, and a stranger may buy it.
    Fix: renew the domain now, and turn on auto-renew.
    """
    return domain.past_expiry_days > -days_left_min


route53_domain_expires_soon.cases(bad=[{"Expiry": ahead(5)}, {"Expiry": ahead(-5)}], good=[{"Expiry": ahead(200)}])
