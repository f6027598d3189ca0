from koban.model.aws.cloudfront import Distribution
from koban.model.estate import MemoryEstate
from koban.model.unknown import Unknown
from koban.sources.aws.cloudfront import config_from_api, distributions, log_delivery_sources, origin_access_controls
from koban.sources.aws.reader import Failure, Reader

CONFIG = {
    "CallerReference": "1",
    "Comment": "",
    "Enabled": True,
    "DefaultRootObject": "index.html",
    "Origins": {
        "Quantity": 1,
        "Items": [
            {
                "Id": "s3",
                "DomainName": "assets.s3.eu-west-1.amazonaws.com",
                "S3OriginConfig": {"OriginAccessIdentity": ""},
                "CustomHeaders": {"Quantity": 1, "Items": [{"HeaderName": "X", "HeaderValue": "secret"}]},
            }
        ],
    },
    "DefaultCacheBehavior": {
        "TargetOriginId": "s3",
        "ViewerProtocolPolicy": "redirect-to-https",
        "TrustedSigners": {"Enabled": True, "Quantity": 1, "Items": ["self"]},
        "ForwardedValues": {"QueryString": False, "Cookies": {"Forward": "none"}},
        "MinTTL": 0,
    },
    "Logging": {"Enabled": False, "IncludeCookies": False, "Bucket": "", "Prefix": ""},
    "ViewerCertificate": {"CloudFrontDefaultCertificate": True, "MinimumProtocolVersion": "TLSv1"},
}


def test_a_distribution(aws, collect):
    made = aws("cloudfront").create_distribution(DistributionConfig=CONFIG)["Distribution"]
    (found,) = collect("cloudfront.distributions")
    MemoryEstate([found])
    assert found.uid == made["ARN"]
    assert found.default_root_object == "index.html"
    assert found.domain_name == made["DomainName"]
    assert found.origins[0].is_bucket
    assert found.origins[0].bucket_name == "assets"
    assert [one.viewers for one in found.behaviors] == ["redirect-to-https"]
    assert not found.logs
    assert not found.own_certificate
    assert collect.failures == []


def test_golden_twins():
    code = {
        "Enabled": True,
        "DefaultRootObject": "index.html",
        "Origins": [
            {
                "Id": "s3",
                "DomainName": "assets.s3.eu-west-1.amazonaws.com",
                "S3OriginConfig": {"OriginAccessIdentity": ""},
            }
        ],
        "DefaultCacheBehavior": {
            "TargetOriginId": "s3",
            "ViewerProtocolPolicy": "redirect-to-https",
            "TrustedSigners": ["self"],
        },
    }
    live = Distribution({"DistributionConfig": config_from_api(CONFIG)})
    template = Distribution({"DistributionConfig": code})
    assert live.origins == template.origins
    assert live.behaviors == template.behaviors
    assert live.tls_minimum == template.tls_minimum
    assert "secret" not in str(live.document)


class Api:
    """A distribution whose configuration is denied, and other answers."""

    def call(self, service, operation, region, params):
        raise Failure(f"{service}:{operation}", "AccessDenied")

    def pages(self, service, operation, region, params):
        if operation == "ListDistributions":
            yield {
                "DistributionList": {"Items": [{**CONFIG, "Id": "E1", "ARN": "arn:aws:cloudfront::1:distribution/E1"}]}
            }
        elif operation == "ListOriginAccessControls":
            item = {"Id": "E2", "Name": "s3", "SigningBehavior": "never", "OriginAccessControlOriginType": "s3"}
            yield {"OriginAccessControlList": {"Items": [item]}}
        else:
            own = {
                "name": "d",
                "service": "cloudfront",
                "logType": "ACCESS_LOGS",
                "resourceArns": ["arn:d"],
                "arn": "arn:s",
            }
            yield {"deliverySources": [own, {"name": "other", "service": "bedrock", "resourceArns": ["arn:b"]}]}


def reader(*calls):
    return Reader(Api(), "111122223333", "us-east-1", calls, regional=False)


def test_what_the_list_tells_is_kept_when_the_rest_is_denied():
    (found,) = distributions(reader("cloudfront:ListDistributions", "cloudfront:GetDistributionConfig"))
    assert found.origins[0].is_bucket
    assert isinstance(found.log_bucket, Unknown)
    assert isinstance(found.default_root_object, Unknown)


def test_origin_access_controls_and_log_deliveries():
    (control,) = origin_access_controls(reader("cloudfront:ListOriginAccessControls"))
    assert control.signing == "never"
    assert control.uid == "arn:aws:cloudfront::111122223333:origin-access-control/E2"
    (source,) = log_delivery_sources(reader("logs:DescribeDeliverySources"))
    assert source.document == {"Name": "d", "LogType": "ACCESS_LOGS", "ResourceArn": "arn:d"}
