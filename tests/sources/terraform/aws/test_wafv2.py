import json

import pytest

from koban.model.aws.wafv2 import LoggingConfiguration, RuleGroup, WebAcl, WebAclAssociation
from koban.model.unknown import Partial, Unknown

GAP = Unknown("var.x", "it has no default")
COUNTED = {"cloudwatch_metrics_enabled": True, "metric_name": "m", "sampled_requests_enabled": True}
RULES = [
    {
        "name": "rate",
        "priority": 1,
        "statement": [{"rate_based_statement": [{"limit": 2000}], "managed_rule_group_statement": []}],
        "visibility_config": [COUNTED],
    },
    {
        "name": "managed",
        "priority": 2,
        "statement": [
            {"managed_rule_group_statement": [{"name": "AWSManagedRulesCommonRuleSet", "vendor_name": "AWS"}]}
        ],
        "visibility_config": [{**COUNTED, "cloudwatch_metrics_enabled": False}],
    },
    {"name": "geo", "priority": 3, "statement": [{"geo_match_statement": [{"country_codes": ["NL"]}]}]},
]
SEEN = [
    {
        "Name": "rate",
        "Priority": 1,
        "Statement": {"RateBasedStatement": {"Limit": 2000}},
        "VisibilityConfig": {"CloudWatchMetricsEnabled": True, "MetricName": "m"},
    },
    {
        "Name": "managed",
        "Priority": 2,
        "Statement": {
            "ManagedRuleGroupStatement": {"Name": "AWSManagedRulesCommonRuleSet", "VendorName": "AWS"},
        },
        "VisibilityConfig": {"CloudWatchMetricsEnabled": False, "MetricName": "m"},
    },
    {"Name": "geo", "Priority": 3, "Statement": {}},
]


@pytest.mark.parametrize(
    ("source", "cls", "raw"),
    [("aws_wafv2_web_acl", WebAcl, "rule_json"), ("aws_wafv2_rule_group", RuleGroup, "rules_json")],
)
def test_rules(twins, document, source, cls, raw):
    body = {"name": "web", "scope": "CLOUDFRONT", "rule": RULES, "visibility_config": [COUNTED]}
    code = {
        "Name": "web",
        "Scope": "CLOUDFRONT",
        "Rules": SEEN,
        "VisibilityConfig": {"CloudWatchMetricsEnabled": True},
    }
    twins(source, body, cls, code)
    twins(source, {}, cls, {})
    twins(source, {"rule": [], raw: json.dumps(SEEN)}, cls, {"Rules": SEEN})
    assert document(source, {"rule": GAP})["Rules"] is GAP
    text = Partial(raw, ('[{"Name": "rate", "Statement": {"RateBasedStatement": {"Limit": ', GAP, "}}}]"))
    (rule,) = document(source, {raw: text})["Rules"]
    assert rule["Statement"]["RateBasedStatement"]["Limit"] is GAP


def test_rules_beside_their_web_acl(document):
    body = {"web_acl_arn": "arn:acl", **RULES[1]}
    assert document("aws_wafv2_web_acl_rule", body) == {"Rules": [SEEN[1]]}
    counted = {"CloudWatchMetricsEnabled": True}
    body = {"web_acl_arn": "arn:acl", "name": "geo", "priority": 3, "statement": RULES[2]["statement"]}
    assert document("aws_wafv2_web_acl_rule", body) == {"Rules": [{**SEEN[2], "VisibilityConfig": counted}]}
    body["visibility_config"] = [{}]
    assert document("aws_wafv2_web_acl_rule", body) == {"Rules": [{**SEEN[2], "VisibilityConfig": counted}]}


def test_a_group_that_is_put_into_a_web_acl(document):
    source = "aws_wafv2_web_acl_rule_group_association"
    body = {"web_acl_arn": "arn:acl", "rule_name": "r", "priority": 1, "managed_rule_group": [{"name": "G"}]}
    seen = {"Name": "r", "Priority": 1, "VisibilityConfig": {"CloudWatchMetricsEnabled": True}}
    assert document(source, body) == {"Rules": [{**seen, "Statement": {"ManagedRuleGroupStatement": {"Name": "G"}}}]}
    del body["managed_rule_group"]
    body |= {"rule_group_reference": [{"arn": "arn:g"}], "visibility_config": [{"cloudwatch_metrics_enabled": False}]}
    seen["VisibilityConfig"] = {"CloudWatchMetricsEnabled": False}
    assert document(source, body) == {
        "Rules": [{**seen, "Statement": {"RuleGroupReferenceStatement": {"Arn": "arn:g"}}}]
    }


def test_logging_and_what_is_protected(twins):
    twins(
        "aws_wafv2_web_acl_logging_configuration",
        {"resource_arn": "arn:acl", "log_destination_configs": ["arn:logs"]},
        LoggingConfiguration,
        {"ResourceArn": "arn:acl", "LogDestinationConfigs": ["arn:logs"]},
    )
    twins(
        "aws_wafv2_web_acl_association",
        {"resource_arn": "arn:lb", "web_acl_arn": "arn:acl"},
        WebAclAssociation,
        {"ResourceArn": "arn:lb", "WebACLArn": "arn:acl"},
    )
