"""Reads Amazon CloudFront."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from koban.model.aws.cloudfront import DeliverySource, Distribution, OriginAccessControl
from koban.model.resource import Resource
from koban.model.unknown import Unknown
from koban.sources.aws.collector import reads, there
from koban.sources.aws.reader import Reader, pick

Document = dict[str, Any]
BEHAVIOR = ("PathPattern", "TargetOriginId", "ViewerProtocolPolicy", "ResponseHeadersPolicyId", "RealtimeLogConfigArn")


def items(raw: Any) -> list[Any]:
    """The elements of the API's {Quantity, Items} lists."""
    return list((raw or {}).get("Items") or ())


def behavior_from_api(raw: Document) -> Document:
    document = pick(raw, *BEHAVIOR, "FieldLevelEncryptionId")
    for name in ("TrustedSigners", "TrustedKeyGroups"):
        if raw.get(name, {}).get("Enabled"):
            document[name] = items(raw[name])
    return document


def origin_from_api(raw: Document) -> Document:
    """An origin, without the headers that it is sent: they often hold a shared secret."""
    document = pick(raw, "Id", "DomainName", "OriginPath", "OriginAccessControlId", "S3OriginConfig", "VpcOriginConfig")
    custom = raw.get("CustomOriginConfig")
    if custom:
        document["CustomOriginConfig"] = {
            **pick(custom, "HTTPPort", "HTTPSPort", "OriginProtocolPolicy"),
            "OriginSSLProtocols": items(custom.get("OriginSslProtocols")),
        }
    return document


def config_from_api(raw: Document) -> Document:
    """The distribution's configuration, as CloudFormation has it."""
    document = {
        **pick(raw, "Enabled", "DefaultRootObject", "WebACLId", "PriceClass", "HttpVersion"),
        "Aliases": items(raw.get("Aliases")),
        "Origins": [origin_from_api(one) for one in items(raw.get("Origins"))],
        "OriginGroups": {"Items": [pick(one, "Id") for one in items(raw.get("OriginGroups"))]},
        "DefaultCacheBehavior": behavior_from_api(raw.get("DefaultCacheBehavior", {})),
        "CacheBehaviors": [behavior_from_api(one) for one in items(raw.get("CacheBehaviors"))],
        "ViewerCertificate": pick(
            raw.get("ViewerCertificate", {}),
            "CloudFrontDefaultCertificate",
            "MinimumProtocolVersion",
            AcmCertificateArn="ACMCertificateArn",
            IamCertificateId="IAMCertificateId",
            SslSupportMethod="SSLSupportMethod",
        ),
    }
    logging = raw.get("Logging", {})
    if isinstance(logging, Unknown):
        document["Logging"] = logging
    elif logging.get("Enabled"):
        document["Logging"] = pick(logging, "Bucket", "Prefix")
    return document


@reads(Distribution, "cloudfront:ListDistributions", "cloudfront:GetDistributionConfig", scope="global")
def distributions(aws: Reader) -> Iterator[Resource]:
    """The list says all but logging and the default root object, for which each distribution is asked."""

    def detail(raw: Document) -> Resource:
        found = aws.ask("cloudfront:GetDistributionConfig", "DistributionConfig", Id=raw["Id"])
        if isinstance(found, Unknown):
            found = {**raw, "Logging": found, "DefaultRootObject": found}
        document = {**pick(raw, "Id", "DomainName"), "DistributionConfig": config_from_api(found)}
        return aws.made(Distribution, document, uid=raw.get("ARN", ""))

    yield from aws.each(aws.pages("cloudfront:ListDistributions", "DistributionList.Items"), detail)


@reads(OriginAccessControl, "cloudfront:ListOriginAccessControls", scope="global")
def origin_access_controls(aws: Reader) -> Iterator[Resource]:
    for raw in aws.pages("cloudfront:ListOriginAccessControls", "OriginAccessControlList.Items"):
        config = pick(
            raw,
            "Name",
            "SigningBehavior",
            "SigningProtocol",
            OriginAccessControlOriginType="OriginAccessControlOriginType",
        )
        uid = f"arn:{aws.partition}:cloudfront::{aws.account}:origin-access-control/{raw['Id']}"
        yield aws.made(OriginAccessControl, {"Id": raw["Id"], "OriginAccessControlConfig": config}, uid=uid)


@reads(DeliverySource, "logs:DescribeDeliverySources", scope="global", needs=(Distribution,), where=there(Distribution))
def log_delivery_sources(aws: Reader) -> Iterator[Resource]:
    """Those of CloudFront, which live in us-east-1; asked for where there is a distribution."""
    for raw in aws.pages("logs:DescribeDeliverySources", "deliverySources"):
        if raw.get("service") == "cloudfront":
            for arn in raw.get("resourceArns", ()):
                document = {**pick(raw, Name="name", LogType="logType"), "ResourceArn": arn}
                yield aws.made(DeliverySource, document, uid=raw.get("arn", ""))
