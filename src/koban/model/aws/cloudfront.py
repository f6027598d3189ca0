"""Amazon CloudFront."""

from __future__ import annotations

from typing import Any

from koban.model.resource import Part, Resource, derived, field, link, part, parts, referring
from koban.model.unknown import Unknown

ACCESS_POINTS = ("-s3alias", "--ol-s3", ".accesspoint")  # how what stands in a bucket's place is called
DEPRECATED_TLS = ("SSLv3", "TLSv1", "TLSv1.1")


class Origin(Part):
    """Where a distribution fetches what it serves."""

    origin_id: str = field("Id", "", "Its name in the distribution")
    domain: str = field("DomainName", "", "The host that it fetches from")
    access_control: str = field("OriginAccessControlId", "", "The origin access control that signs requests")
    access_identity: str = field("S3OriginConfig.OriginAccessIdentity", "", "The older identity that signs requests")
    protocol: str = field("CustomOriginConfig.OriginProtocolPolicy", "", "http-only, https-only or match-viewer")
    tls_versions: tuple[str, ...] = field("CustomOriginConfig.OriginSSLProtocols", (), "TLS versions it may use")

    @derived
    def is_bucket(self) -> bool:
        """Whether it is an S3 bucket, reached as a bucket and not as a website."""
        return not any(kind in self.document for kind in ("CustomOriginConfig", "VpcOriginConfig"))

    @derived
    def bucket_name(self) -> str:
        """The bucket's name; empty where the origin is none, or an access point in front of one."""
        if not self.is_bucket:
            return ""
        domain: Any = self.domain
        if isinstance(domain, Unknown):
            return domain._child(" (bucket)")  # type: ignore[return-value]
        for marker in (".s3.", ".s3-"):
            name = str(domain.split(marker, 1)[0])
            if marker in domain and not name.endswith(ACCESS_POINTS):
                return name
        return ""

    @derived
    def is_function_url(self) -> bool:
        return not self.is_bucket and ".lambda-url." in self.domain


class Behavior(Part):
    """How requests of one path are served."""

    viewers: str = field("ViewerProtocolPolicy", "allow-all", "allow-all, redirect-to-https or https-only")
    origin_id: str = field("TargetOriginId", "", "The origin, or group of origins, that it fetches from")
    trusted_signers: tuple[str, ...] = field("TrustedSigners", (), "Accounts whose root key pairs may sign URLs")
    response_headers: str = field("ResponseHeadersPolicyId", "", "The policy that adds headers to answers")
    real_time_logs: str = field("RealtimeLogConfigArn", "", "Where requests are logged as they come")


class Distribution(
    Resource,
    type="AWS::CloudFront::Distribution",
    ids="Id DomainName",
    arn="arn:{partition}:cloudfront::{account}:distribution/{Id}",
):
    """A CloudFront distribution."""

    domain_name: str = field("DomainName", "", "Its own name: d111111abcdef8.cloudfront.net")
    enabled: bool = field("DistributionConfig.Enabled", True, "Whether it serves")
    default_root_object: str = field("DistributionConfig.DefaultRootObject", "", "What is served for /")
    origins: tuple[Origin, ...] = parts("DistributionConfig.Origins", Origin, "Where it fetches from")
    origin_groups: tuple[Any, ...] = field("DistributionConfig.OriginGroups.Items", (), "Groups with a second origin")
    default_behavior: Behavior = part("DistributionConfig.DefaultCacheBehavior", Behavior, "How it serves by default")
    path_behaviors: tuple[Behavior, ...] = parts("DistributionConfig.CacheBehaviors", Behavior, "... and some paths")
    log_bucket: str = field("DistributionConfig.Logging.Bucket", "", "The bucket that requests are logged to")
    web_acl: str = field("DistributionConfig.WebACLId", "", "The web ACL that filters requests")
    certificate_acm: str = field("DistributionConfig.ViewerCertificate.AcmCertificateArn", "", "Certificate in ACM")
    certificate_iam: str = field("DistributionConfig.ViewerCertificate.IamCertificateId", "", "Certificate in IAM")
    ssl_support: str = field("DistributionConfig.ViewerCertificate.SslSupportMethod", "", "sni-only, vip or static-ip")
    tls_minimum: str = field("DistributionConfig.ViewerCertificate.MinimumProtocolVersion", "TLSv1", "Oldest TLS")
    deliveries: tuple[DeliverySource, ...] = referring(
        "AWS::Logs::DeliverySource", "distribution", "Requests handed to CloudWatch Logs for delivery"
    )

    @derived
    def behaviors(self) -> tuple[Behavior, ...]:
        return (self.default_behavior, *self.path_behaviors)

    @derived
    def own_certificate(self) -> bool:
        """Whether it has a certificate of its own rather than CloudFront's."""
        return bool(self.certificate_acm) or bool(self.certificate_iam)

    @derived
    def logs(self) -> bool:
        """Whether requests are logged, in whichever way."""
        return bool(self.log_bucket) or bool(self.deliveries) or bool(self.default_behavior.real_time_logs)


class OriginAccessControl(Resource, type="AWS::CloudFront::OriginAccessControl", ids="Id"):
    """How a distribution signs its requests to an origin."""

    signing: str = field("OriginAccessControlConfig.SigningBehavior", "", "always, never or no-override")


class DeliverySource(Resource, type="AWS::Logs::DeliverySource", ids="Name"):
    """A resource whose logs CloudWatch Logs delivers."""

    distribution: Any = link("ResourceArn", "AWS::CloudFront::Distribution", "The distribution, where it is one")
    log_type: str = field("LogType", "", "ACCESS_LOGS, ...")
