from koban.model.aws.wafv2 import WebAcl
from koban.model.estate import MemoryEstate
from koban.sources.aws.reader import Reader
from koban.sources.aws.wafv2 import associations, web_acl_from_api, web_acls

VISIBLE = {"SampledRequestsEnabled": True, "CloudWatchMetricsEnabled": True, "MetricName": "m"}
RATE = {
    "Name": "rate",
    "Priority": 0,
    "Statement": {"RateBasedStatement": {"Limit": 2000, "AggregateKeyType": "IP"}},
    "Action": {"Block": {}},
    "VisibilityConfig": VISIBLE,
}


def test_a_web_acl_with_its_logging(aws, collect):
    waf = aws("wafv2")
    acl = waf.create_web_acl(
        Name="web", Scope="REGIONAL", DefaultAction={"Allow": {}}, Rules=[RATE], VisibilityConfig=VISIBLE
    )["Summary"]
    waf.put_logging_configuration(
        LoggingConfiguration={
            "ResourceArn": acl["ARN"],
            "LogDestinationConfigs": ["arn:aws:logs:eu-west-1:123456789012:log-group:aws-waf-logs-web"],
        }
    )
    found = [*collect("wafv2.web_acls"), *collect("wafv2.logging")]
    MemoryEstate(found)
    assert found[0].uid == acl["ARN"]
    assert found[0].rules[0].rate_limit == 2000
    assert found[0].logging == (found[1],)
    assert collect.failures == []


def test_a_rule_group_and_the_acls_of_cloudfront(aws, collect):
    waf = aws("wafv2", "us-east-1")
    waf.create_rule_group(Name="g", Scope="CLOUDFRONT", Capacity=10, Rules=[RATE], VisibilityConfig=VISIBLE)
    waf.create_web_acl(Name="cdn", Scope="CLOUDFRONT", DefaultAction={"Allow": {}}, VisibilityConfig=VISIBLE)
    (group,) = collect("wafv2.cloudfront_rule_groups")
    assert group.metrics
    (acl,) = collect("wafv2.cloudfront_web_acls")
    assert acl.scope == "CLOUDFRONT"
    assert collect("wafv2.web_acls") == []
    assert collect("wafv2.cloudfront_logging") == []
    assert collect.failures == []


class Paged:
    """Two pages of web ACLs, and what each protects."""

    def call(self, service, operation, region, params):
        if operation == "ListWebACLs":
            first = "NextMarker" not in params
            name = "one" if first else "two"
            more = {"NextMarker": "one"} if first else {}
            return {"WebACLs": [{"Name": name, "Id": name, "ARN": f"arn:{name}"}], **more}
        if operation == "GetWebACL":
            return {"WebACL": {"Name": params["Name"], "Id": params["Id"], "ARN": f"arn:{params['Name']}"}}
        return {"ResourceArns": ["arn:lb"] if params["ResourceType"] == "APPLICATION_LOAD_BALANCER" else []}


def test_all_pages_are_read_and_each_acl_is_asked_what_it_protects():
    allowed = ("wafv2:ListWebACLs", "wafv2:GetWebACL", "wafv2:ListResourcesForWebACL")
    acls = list(web_acls(Reader(Paged(), "1", "eu-west-1", allowed)))
    assert [one.name for one in acls] == ["one", "two"]
    found = list(associations(Reader(Paged(), "1", "eu-west-1", allowed, already=lambda *_: acls[:1])))
    assert [one.document for one in found] == [{"WebACLArn": "arn:one", "ResourceArn": "arn:lb"}]


def test_golden_twins():
    raw = {"Name": "web", "Id": "1", "ARN": "arn:acl", "Rules": [RATE], "VisibilityConfig": VISIBLE, "Capacity": 2}
    live = WebAcl(web_acl_from_api(raw, "REGIONAL"))
    code = WebAcl({"Name": "web", "Scope": "REGIONAL", "Rules": [RATE], "VisibilityConfig": VISIBLE})
    assert (live.rules, live.metrics, live.scope) == (code.rules, code.metrics, code.scope)
