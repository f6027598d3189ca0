"""Posture rules for Amazon CloudFront."""

from __future__ import annotations

from koban.model.aws.cloudfront import DEPRECATED_TLS, DeliverySource, Distribution, OriginAccessControl
from koban.model.aws.s3 import Bucket
from koban.model.rule import rule
from koban.model.unknown import Unknown

PARAMETER = "parameter P has no default"
RECOMMENDED_TLS = ("TLSv1.2_2021", "TLSv1.2_2025", "TLSv1.3_2025")
SOME = Unknown("DistributionConfig", PARAMETER)
ACM = "arn:aws:acm:us-east-1:111122223333:certificate/1"


def distribution(**config: object) -> dict[str, object]:
    return {"Id": "E1", "DistributionConfig": config}


def bucket_origin(**more: object) -> dict[str, object]:
    return {"Id": "s3", "DomainName": "assets.s3.eu-west-1.amazonaws.com", "S3OriginConfig": {}, **more}


def custom_origin(**config: object) -> dict[str, object]:
    return {"Id": "app", "DomainName": "app.example.com", "CustomOriginConfig": config}


FUNCTION = {"Id": "fn", "DomainName": "abc.lambda-url.eu-west-1.on.aws", "CustomOriginConfig": {}}


@rule("high", Distribution, "aws-fsbp:CloudFront.1", "nist-csf-2.0:PR.PS-01")
def cloudfront_default_root_object_missing(distribution: Distribution) -> bool:
    """The distribution has no default root object.

    Why: asking for / may list the bucket, or show what the origin answers to nobody in particular.
    Fix: set DefaultRootObject, to index.html for instance.
    """
    return not distribution.default_root_object


cloudfront_default_root_object_missing.cases(
    bad=[{}, distribution(DefaultRootObject="")],
    good=[distribution(DefaultRootObject="index.html")],
    unknown=[{"DistributionConfig": SOME}],
)


@rule("medium", Distribution, "aws-fsbp:CloudFront.3", "nist-csf-2.0:PR.DS-02")
def cloudfront_viewers_not_encrypted(distribution: Distribution) -> bool:
    """The distribution answers plain HTTP.

    Why: whoever sits on the way can read and change what people see.
    Fix: set ViewerProtocolPolicy to redirect-to-https or https-only in every behaviour.
    """
    return any(one.viewers == "allow-all" for one in distribution.behaviors)


SAFE = {"ViewerProtocolPolicy": "redirect-to-https"}
cloudfront_viewers_not_encrypted.cases(
    bad=[
        distribution(DefaultCacheBehavior={"ViewerProtocolPolicy": "allow-all"}),
        distribution(DefaultCacheBehavior=SAFE, CacheBehaviors=[{"ViewerProtocolPolicy": "allow-all"}]),
    ],
    good=[distribution(DefaultCacheBehavior=SAFE, CacheBehaviors=[{"ViewerProtocolPolicy": "https-only"}])],
    unknown=[distribution(DefaultCacheBehavior=Unknown("DefaultCacheBehavior", PARAMETER))],
)


@rule("low", Distribution, "aws-fsbp:CloudFront.4", "nist-csf-2.0:PR.IR-04")
def cloudfront_origin_failover_missing(distribution: Distribution) -> bool:
    """The distribution has no second origin for when the first one fails.

    Why: when the origin fails, so does the site.
    Fix: make an origin group of two origins and use it in the behaviours.
    """
    return not distribution.origin_groups


cloudfront_origin_failover_missing.cases(
    bad=[{}, distribution(OriginGroups={"Items": []})],
    good=[distribution(OriginGroups={"Quantity": 1, "Items": [{"Id": "g"}]})],
    unknown=[{"DistributionConfig": SOME}],
)


@rule(
    "medium",
    Distribution,
    "aws-fsbp:CloudFront.5",
    "cis-aws-7.0:4.10",
    "nist-csf-2.0:PR.PS-04",
    "nist-csf-2.0:DE.CM-01",
)
def cloudfront_not_logged(distribution: Distribution) -> bool:
    """The distribution does not log requests.

    Why: without the log nobody can tell who asked for what when something went wrong.
    Fix: enable standard logging to a bucket or a log group.
    """
    return not distribution.logs


cloudfront_not_logged.cases(
    bad=[distribution(Enabled=True)],
    good=[
        distribution(Logging={"Bucket": "logs.s3.amazonaws.com"}),
        distribution(
            DefaultCacheBehavior={"RealtimeLogConfigArn": "arn:aws:cloudfront::111122223333:realtime-log-config/r"}
        ),
        (
            distribution(Enabled=True),
            DeliverySource({"Name": "d", "ResourceArn": "E1"}),
        ),
    ],
    unknown=[{"DistributionConfig": SOME}],
)


@rule("medium", Distribution, "aws-fsbp:CloudFront.6", "nist-csf-2.0:PR.IR-01")
def cloudfront_without_web_acl(distribution: Distribution) -> bool:
    """No web ACL filters what comes to this distribution.

    Why: known attacks on web applications, and floods from single sources, reach the origin.
    Fix: associate a WAFv2 web ACL of the scope CLOUDFRONT.
    """
    return not distribution.web_acl


cloudfront_without_web_acl.cases(
    bad=[{}, distribution(WebACLId="")],
    good=[distribution(WebACLId="arn:aws:wafv2:us-east-1:111122223333:global/webacl/cdn/1")],
    unknown=[{"DistributionConfig": SOME}],
)


@rule("low", Distribution, "aws-fsbp:CloudFront.7", "nist-csf-2.0:PR.DS-02")
def cloudfront_default_certificate(distribution: Distribution) -> bool:
    """The distribution has no certificate of its own.

    Why: it then answers under CloudFront's name, and to TLS versions that nobody can raise.
    Fix: issue a certificate in ACM (us-east-1) for your names and set it in ViewerCertificate.
    """
    return not distribution.own_certificate


OWN = {"AcmCertificateArn": ACM, "SslSupportMethod": "sni-only", "MinimumProtocolVersion": "TLSv1.2_2021"}
cloudfront_default_certificate.cases(
    bad=[{}, distribution(ViewerCertificate={"CloudFrontDefaultCertificate": True})],
    good=[distribution(ViewerCertificate=OWN), distribution(ViewerCertificate={"IamCertificateId": "ASCA"})],
    unknown=[{"DistributionConfig": SOME}],
)


@rule(
    "low",
    Distribution,
    "aws-fsbp:CloudFront.8",
    "nist-csf-2.0:PR.PS-01",
    when=lambda distribution: distribution.own_certificate,
)
def cloudfront_dedicated_address(distribution: Distribution) -> bool:
    """The distribution serves TLS from dedicated addresses instead of by name (SNI).

    Why: it costs much and serves only clients so old that they should not be served.
    Fix: set SslSupportMethod to sni-only.
    """
    return distribution.ssl_support != "sni-only"


cloudfront_dedicated_address.cases(
    bad=[distribution(ViewerCertificate={**OWN, "SslSupportMethod": "vip"})],
    good=[distribution(ViewerCertificate=OWN)],
    skipped=[{}],
)


@rule("medium", Distribution, "aws-fsbp:CloudFront.9", "nist-csf-2.0:PR.DS-02")
def cloudfront_origin_not_encrypted(distribution: Distribution) -> bool:
    """The distribution may fetch from an origin over plain HTTP.

    Why: what people get over HTTPS was then carried in plain through the internet.
    Fix: set OriginProtocolPolicy to https-only.
    """
    plain_viewers = any(one.viewers == "allow-all" for one in distribution.behaviors)
    return any(
        one.protocol == "http-only" or (one.protocol == "match-viewer" and plain_viewers)
        for one in distribution.origins
    )


cloudfront_origin_not_encrypted.cases(
    bad=[
        distribution(Origins=[custom_origin(OriginProtocolPolicy="http-only")]),
        distribution(
            Origins=[custom_origin(OriginProtocolPolicy="match-viewer")],
            DefaultCacheBehavior={"ViewerProtocolPolicy": "allow-all"},
        ),
    ],
    good=[
        {},
        distribution(Origins=[custom_origin(OriginProtocolPolicy="https-only"), bucket_origin()]),
        distribution(Origins=[custom_origin(OriginProtocolPolicy="match-viewer")], DefaultCacheBehavior=SAFE),
    ],
    unknown=[distribution(Origins=Unknown("Origins", PARAMETER))],
)


@rule("medium", Distribution, "aws-fsbp:CloudFront.10", "nist-csf-2.0:PR.DS-02")
def cloudfront_origin_deprecated_tls(distribution: Distribution) -> bool:
    """The distribution may speak SSLv3, TLS 1.0 or TLS 1.1 to an origin.

    Why: these versions have known flaws, and a connection can be pushed down to them.
    Fix: leave only TLSv1.2 in OriginSSLProtocols.
    """
    return any(version in DEPRECATED_TLS for one in distribution.origins for version in one.tls_versions)


cloudfront_origin_deprecated_tls.cases(
    bad=[distribution(Origins=[custom_origin(OriginSSLProtocols=["SSLv3", "TLSv1.2"])])],
    good=[{}, distribution(Origins=[custom_origin(OriginSSLProtocols=["TLSv1.2"])])],
    unknown=[distribution(Origins=Unknown("Origins", PARAMETER))],
)


@rule("high", Distribution, "aws-fsbp:CloudFront.12", "nist-csf-2.0:ID.AM-08", "nist-csf-2.0:PR.PS-01", only="live")
def cloudfront_origin_bucket_missing(distribution: Distribution) -> bool:
    """An origin of the distribution is a bucket that this account does not have.

    Why: if nobody has it, anyone may create it and serve what they like under your name.
    Fix: remove the origin, or make sure that the bucket is yours in another account.
    """
    return any(
        one.bucket_name and not any(bucket.name == one.bucket_name for bucket in distribution.in_account.every(Bucket))
        for one in distribution.origins
    )


cloudfront_origin_bucket_missing.cases(
    bad=[distribution(Origins=[bucket_origin()])],
    good=[
        (distribution(Origins=[bucket_origin()]), Bucket({"BucketName": "assets"})),
        distribution(Origins=[custom_origin(OriginProtocolPolicy="https-only")]),
        distribution(Origins=[bucket_origin(DomainName="web-abc123-s3alias.s3.eu-west-1.amazonaws.com")]),
        distribution(Origins=[bucket_origin(DomainName="m1.mrap.accesspoint.s3-global.amazonaws.com")]),
    ],
    unknown=[distribution(Origins=Unknown("Origins", "AccessDenied"))],
)


@rule("medium", Distribution, "aws-fsbp:CloudFront.13", "nist-csf-2.0:PR.AA-05")
def cloudfront_origin_access_control_missing(distribution: Distribution) -> bool:
    """The distribution fetches from a bucket without origin access control.

    Why: the bucket must then be open to more than the distribution, or lean on an identity of the old kind.
    Fix: create an origin access control, set it on the origin and let only the distribution read the bucket.
    """
    return any(one.is_bucket and not one.access_control for one in distribution.origins)


cloudfront_origin_access_control_missing.cases(
    bad=[
        distribution(Origins=[bucket_origin()]),
        distribution(Origins=[bucket_origin(S3OriginConfig={"OriginAccessIdentity": "origin-access-identity/1"})]),
    ],
    good=[{}, distribution(Origins=[bucket_origin(OriginAccessControlId="E2"), custom_origin()])],
    unknown=[distribution(Origins=[bucket_origin(OriginAccessControlId=Unknown("OriginAccessControlId", PARAMETER))])],
)


@rule("high", Distribution, "nist-csf-2.0:PR.AA-05", "nist-csf-2.0:PR.DS-01")
def cloudfront_origin_bucket_open(distribution: Distribution) -> bool:
    """The distribution asks a bucket for objects without proving who it is.

    Why: this works only while the bucket lets in everyone, so its objects can be fetched past the distribution.
    Fix: set an origin access control on the origin and close the bucket to all others.
    """
    return any(one.is_bucket and not one.access_control and not one.access_identity for one in distribution.origins)


cloudfront_origin_bucket_open.cases(
    bad=[distribution(Origins=[bucket_origin()])],
    good=[
        {},
        distribution(Origins=[bucket_origin(OriginAccessControlId="E2")]),
        distribution(Origins=[bucket_origin(S3OriginConfig={"OriginAccessIdentity": "origin-access-identity/1"})]),
    ],
    unknown=[distribution(Origins=Unknown("Origins", PARAMETER))],
)


@rule(
    "medium",
    Distribution,
    "aws-fsbp:CloudFront.15",
    "nist-csf-2.0:PR.DS-02",
    when=lambda distribution: distribution.own_certificate,
)
def cloudfront_weak_tls_policy(distribution: Distribution) -> bool:
    """The distribution's TLS policy is not one of those that AWS recommends.

    Why: older policies accept TLS versions and ciphers with known weaknesses.
    Fix: set MinimumProtocolVersion to TLSv1.2_2021 or a later one.
    """
    return not any(distribution.tls_minimum == one for one in RECOMMENDED_TLS)


cloudfront_weak_tls_policy.cases(
    bad=[
        distribution(ViewerCertificate={**OWN, "MinimumProtocolVersion": "TLSv1.2_2019"}),
        distribution(ViewerCertificate={"AcmCertificateArn": ACM}),
    ],
    good=[distribution(ViewerCertificate=OWN)],
    skipped=[{}],
)


@rule("medium", Distribution, "aws-fsbp:CloudFront.16", "nist-csf-2.0:PR.AA-05")
def cloudfront_function_url_without_access_control(distribution: Distribution) -> bool:
    """The distribution calls a Lambda function URL without origin access control.

    Why: the function must then answer anyone, past the web ACL and the cache of the distribution.
    Fix: set an origin access control of type lambda on the origin and give the URL the auth type AWS_IAM.
    """
    return any(one.is_function_url and not one.access_control for one in distribution.origins)


cloudfront_function_url_without_access_control.cases(
    bad=[distribution(Origins=[FUNCTION])],
    good=[{}, distribution(Origins=[{**FUNCTION, "OriginAccessControlId": "E3"}])],
    unknown=[distribution(Origins=Unknown("Origins", PARAMETER))],
)


@rule("medium", Distribution, "aws-fsbp:CloudFront.17", "nist-csf-2.0:PR.AA-01")
def cloudfront_trusted_signers(distribution: Distribution) -> bool:
    """The distribution trusts URLs signed by keys of an account's root user.

    Why: such keys can be made only by the root user, who should not be used, and are seen by no policy.
    Fix: use trusted key groups in place of trusted signers.
    """
    return any(bool(one.trusted_signers) for one in distribution.behaviors)


cloudfront_trusted_signers.cases(
    bad=[distribution(DefaultCacheBehavior={"TrustedSigners": ["self"]})],
    good=[distribution(DefaultCacheBehavior=SAFE)],
    unknown=[distribution(DefaultCacheBehavior={"TrustedSigners": Unknown("TrustedSigners", PARAMETER)})],
)


@rule("low", Distribution, "nist-csf-2.0:PR.PS-01")
def cloudfront_response_headers_missing(distribution: Distribution) -> bool:
    """The distribution adds no security headers to its answers.

    Why: without HSTS and its like, browsers follow plain links, guess content types and allow framing.
    Fix: set a response headers policy, the managed SecurityHeadersPolicy for instance.
    """
    return not distribution.default_behavior.response_headers


cloudfront_response_headers_missing.cases(
    bad=[distribution(DefaultCacheBehavior=SAFE)],
    good=[
        distribution(DefaultCacheBehavior={**SAFE, "ResponseHeadersPolicyId": "67f7725c-6f97-4210-82d7-5512b31e9d03"})
    ],
    unknown=[distribution(DefaultCacheBehavior=Unknown("DefaultCacheBehavior", PARAMETER))],
)


@rule("medium", OriginAccessControl, "nist-csf-2.0:PR.AA-05")
def cloudfront_access_control_does_not_sign(control: OriginAccessControl) -> bool:
    """The origin access control never signs requests.

    Why: it looks like protection, and works only with an origin that lets in everyone.
    Fix: set SigningBehavior to always.
    """
    return control.signing == "never"


cloudfront_access_control_does_not_sign.cases(
    bad=[{"OriginAccessControlConfig": {"SigningBehavior": "never"}}],
    good=[{"OriginAccessControlConfig": {"SigningBehavior": "always"}}],
    unknown=[{"OriginAccessControlConfig": Unknown("OriginAccessControlConfig", PARAMETER)}],
)
