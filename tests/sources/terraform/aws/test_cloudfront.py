import pytest

from koban.model.aws.cloudfront import DeliverySource, Distribution, OriginAccessControl
from koban.model.unknown import Unknown

GAP = Unknown("var.x", "it has no default")
SOURCES = [
    ("aws_cloudfront_distribution", "ordered_cache_behavior", "origin_id"),
    ("aws_cloudfront_multitenant_distribution", "cache_behavior", "id"),
]
BEHAVIOR = {
    "target_origin_id": "s3",
    "viewer_protocol_policy": "redirect-to-https",
    "trusted_signers": ["self"],
    "response_headers_policy_id": "h",
    "realtime_log_config_arn": "arn:r",
}
SEEN = {
    "TargetOriginId": "s3",
    "ViewerProtocolPolicy": "redirect-to-https",
    "TrustedSigners": ["self"],
    "ResponseHeadersPolicyId": "h",
    "RealtimeLogConfigArn": "arn:r",
}
DOMAIN = "assets.s3.eu-west-1.amazonaws.com"


@pytest.mark.parametrize(("source", "ordered", "name"), SOURCES)
def test_a_whole_distribution(twins, source, ordered, name):
    twins(
        source,
        {
            "enabled": False,
            "default_root_object": "index.html",
            "web_acl_id": "arn:acl",
            "origin": [
                {
                    name: "s3",
                    "domain_name": DOMAIN,
                    "origin_access_control_id": "E2",
                    "s3_origin_config": [{"origin_access_identity": "origin-access-identity/cloudfront/1"}],
                    "custom_origin_config": [],
                },
                {
                    name: "app",
                    "domain_name": "app.example.com",
                    "custom_origin_config": [
                        {
                            "origin_protocol_policy": "https-only",
                            "origin_ssl_protocols": ["TLSv1.2"],
                            "http_port": 80,
                            "https_port": 443,
                        }
                    ],
                },
                {name: "vpc", "domain_name": "x", "vpc_origin_config": [{"vpc_origin_id": "vo-1"}]},
            ],
            "origin_group": [{"origin_id": "g", "member": [{"origin_id": "s3"}, {"origin_id": "app"}]}],
            "default_cache_behavior": [BEHAVIOR],
            ordered: [{**BEHAVIOR, "path_pattern": "/a", "viewer_protocol_policy": "allow-all"}],
            "logging_config": [{"bucket": "logs.s3.amazonaws.com"}],
            "viewer_certificate": [
                {
                    "acm_certificate_arn": "arn:cert",
                    "iam_certificate_id": "ASCA",
                    "ssl_support_method": "sni-only",
                    "minimum_protocol_version": "TLSv1.2_2021",
                }
            ],
        },
        Distribution,
        {
            "DistributionConfig": {
                "Enabled": False,
                "DefaultRootObject": "index.html",
                "WebACLId": "arn:acl",
                "Origins": [
                    {
                        "Id": "s3",
                        "DomainName": DOMAIN,
                        "OriginAccessControlId": "E2",
                        "S3OriginConfig": {"OriginAccessIdentity": "origin-access-identity/cloudfront/1"},
                    },
                    {
                        "Id": "app",
                        "DomainName": "app.example.com",
                        "CustomOriginConfig": {
                            "OriginProtocolPolicy": "https-only",
                            "OriginSSLProtocols": ["TLSv1.2"],
                            "HTTPPort": 80,
                            "HTTPSPort": 443,
                        },
                    },
                    {"Id": "vpc", "DomainName": "x", "VpcOriginConfig": {"VpcOriginId": "vo-1"}},
                ],
                "OriginGroups": {"Items": [{"Id": "g"}]},
                "DefaultCacheBehavior": SEEN,
                "CacheBehaviors": [{**SEEN, "PathPattern": "/a", "ViewerProtocolPolicy": "allow-all"}],
                "Logging": {"Bucket": "logs.s3.amazonaws.com"},
                "ViewerCertificate": {
                    "AcmCertificateArn": "arn:cert",
                    "IamCertificateId": "ASCA",
                    "SslSupportMethod": "sni-only",
                    "MinimumProtocolVersion": "TLSv1.2_2021",
                },
            }
        },
    )


@pytest.mark.parametrize(("source", "ordered", "name"), SOURCES)
def test_a_distribution_of_which_little_is_said(twins, source, ordered, name):
    twins(source, {}, Distribution, {})
    empty = {"logging_config": [], "origin_group": [], ordered: [], "viewer_certificate": [{"ssl_support_method": ""}]}
    code = {"DistributionConfig": {"ViewerCertificate": {"SslSupportMethod": ""}}}
    twins(source, empty, Distribution, code)


def test_what_is_not_known_stays(document):
    body = {"origin": [{"domain_name": GAP, "s3_origin_config": GAP}], "default_cache_behavior": GAP}
    config = document("aws_cloudfront_distribution", body)["DistributionConfig"]
    assert config["Origins"][0]["DomainName"] is GAP
    assert config["Origins"][0]["S3OriginConfig"] is GAP
    assert config["DefaultCacheBehavior"] is GAP


def test_access_controls_and_deliveries(twins):
    twins(
        "aws_cloudfront_origin_access_control",
        {"name": "o", "signing_behavior": "never", "signing_protocol": "sigv4"},
        OriginAccessControl,
        {"OriginAccessControlConfig": {"SigningBehavior": "never"}},
    )
    twins("aws_cloudfront_origin_access_control", {}, OriginAccessControl, {})
    twins(
        "aws_cloudwatch_log_delivery_source",
        {"name": "d", "log_type": "ACCESS_LOGS", "resource_arn": "arn:d"},
        DeliverySource,
        {"Name": "d", "LogType": "ACCESS_LOGS", "ResourceArn": "arn:d"},
    )
