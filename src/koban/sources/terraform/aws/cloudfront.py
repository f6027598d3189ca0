"""Amazon CloudFront."""

from __future__ import annotations

from typing import Any

from koban.model.aws.cloudfront import DeliverySource, Distribution, OriginAccessControl
from koban.sources.terraform.mapping import block, blocks, first, group, maps

BEHAVIOR: dict[str, Any] = {
    "ViewerProtocolPolicy": "viewer_protocol_policy",
    "TargetOriginId": "target_origin_id",
    "TrustedSigners": "trusted_signers",
    "TrustedKeyGroups": "trusted_key_groups",
    "ResponseHeadersPolicyId": "response_headers_policy_id",
    "RealtimeLogConfigArn": "realtime_log_config_arn",
}

# The one for many tenants has fewer arguments, and two of them under other names.
for source, ordered in (
    ("aws_cloudfront_distribution", "ordered_cache_behavior"),
    ("aws_cloudfront_multitenant_distribution", "cache_behavior"),
):
    maps(
        source,
        Distribution,
        Id="id",
        Arn="arn",
        DomainName="domain_name",
        DistributionConfig=group(
            Enabled="enabled",
            DefaultRootObject="default_root_object",
            WebACLId="web_acl_id",
            Origins=blocks(
                "origin",
                Id=first("origin_id", "id"),
                DomainName="domain_name",
                OriginAccessControlId="origin_access_control_id",
                S3OriginConfig=block("s3_origin_config", OriginAccessIdentity="origin_access_identity"),
                CustomOriginConfig=block(
                    "custom_origin_config",
                    OriginProtocolPolicy="origin_protocol_policy",
                    OriginSSLProtocols="origin_ssl_protocols",
                    HTTPPort="http_port",
                    HTTPSPort="https_port",
                ),
                VpcOriginConfig=block("vpc_origin_config", VpcOriginId="vpc_origin_id"),
            ),
            OriginGroups=group(Items=blocks("origin_group", Id="origin_id")),
            DefaultCacheBehavior=block("default_cache_behavior", **BEHAVIOR),
            CacheBehaviors=blocks(ordered, PathPattern="path_pattern", **BEHAVIOR),
            Logging=block("logging_config", Bucket="bucket", Prefix="prefix"),
            ViewerCertificate=block(
                "viewer_certificate",
                AcmCertificateArn="acm_certificate_arn",
                IamCertificateId="iam_certificate_id",
                CloudFrontDefaultCertificate="cloudfront_default_certificate",
                SslSupportMethod="ssl_support_method",
                MinimumProtocolVersion="minimum_protocol_version",
            ),
        ),
    )
maps(
    "aws_cloudfront_origin_access_control",
    OriginAccessControl,
    Id="id",
    OriginAccessControlConfig=group(
        Name="name",
        OriginAccessControlOriginType="origin_access_control_origin_type",
        SigningBehavior="signing_behavior",
        SigningProtocol="signing_protocol",
    ),
)
maps("aws_cloudwatch_log_delivery_source", DeliverySource, Name="name", LogType="log_type", ResourceArn="resource_arn")
