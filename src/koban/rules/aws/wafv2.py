"""Posture rules for AWS WAF."""

from __future__ import annotations

from koban.model.aws.wafv2 import KNOWN_BAD_INPUTS, LoggingConfiguration, RuleGroup, WebAcl, WebAclAssociation
from koban.model.rule import rule
from koban.model.unknown import Unknown

PARAMETER = "parameter P has no default"
COUNTED = {"VisibilityConfig": {"CloudWatchMetricsEnabled": True}}
UNCOUNTED = {"VisibilityConfig": {"CloudWatchMetricsEnabled": False}}
MANAGED = {"Name": "bad-inputs", "Statement": {"ManagedRuleGroupStatement": {"Name": KNOWN_BAD_INPUTS}}, **COUNTED}
RATE = {"Name": "rate", "Statement": {"RateBasedStatement": {"Limit": 2000, "AggregateKeyType": "IP"}}, **COUNTED}
ACL = {"Name": "web", "Id": "1", "Arn": "arn:acl"}
SOME = Unknown("Rules", PARAMETER)


@rule("medium", WebAcl, "aws-fsbp:WAF.10", "nist-csf-2.0:PR.IR-01")
def wafv2_web_acl_empty(acl: WebAcl) -> bool:
    """The web ACL has no rules.

    Why: it looks like protection and lets everything through.
    Fix: add rules or rule groups, at least AWS's managed core rule set.
    """
    return not acl.rules


wafv2_web_acl_empty.cases(bad=[{}, {"Rules": []}], good=[{"Rules": [RATE]}], unknown=[{"Rules": SOME}])


@rule(
    "medium",
    WebAcl,
    "aws-fsbp:WAF.11",
    "cis-aws-7.0:4.10",
    "nist-csf-2.0:PR.PS-04",
    "nist-csf-2.0:DE.CM-01",
)
def wafv2_web_acl_not_logged(acl: WebAcl) -> bool:
    """The web ACL does not log what it decides.

    Why: attacks leave no trace, and rules that block the wrong people cannot be mended.
    Fix: add a logging configuration to a log group, a bucket or a delivery stream.
    """
    return not acl.logging


wafv2_web_acl_not_logged.cases(
    bad=[ACL], good=[(ACL, LoggingConfiguration({"ResourceArn": "arn:acl", "LogDestinationConfigs": ["arn:logs"]}))]
)


@rule("low", WebAcl, "aws-fsbp:WAF.12", "nist-csf-2.0:DE.CM-01")
def wafv2_web_acl_metrics_off(acl: WebAcl) -> bool:
    """A rule of the web ACL, or the ACL itself, does not count what it matches.

    Why: without the metric no alarm can tell of an attack.
    Fix: set CloudWatchMetricsEnabled to true in every VisibilityConfig.
    """
    return not acl.metrics or any(not one.metrics for one in acl.rules)


wafv2_web_acl_metrics_off.cases(
    bad=[UNCOUNTED, {**COUNTED, "Rules": [UNCOUNTED]}],
    good=[{**COUNTED, "Rules": [RATE]}],
    unknown=[{**COUNTED, "Rules": SOME}],
)


@rule("low", RuleGroup, "aws-fsbp:WAF.12", "nist-csf-2.0:DE.CM-01")
def wafv2_rule_group_metrics_off(group: RuleGroup) -> bool:
    """A rule of the rule group, or the group itself, does not count what it matches.

    Why: without the metric no alarm can tell of an attack.
    Fix: set CloudWatchMetricsEnabled to true in every VisibilityConfig.
    """
    return not group.metrics or any(not one.metrics for one in group.rules)


wafv2_rule_group_metrics_off.cases(
    bad=[UNCOUNTED, {**COUNTED, "Rules": [UNCOUNTED]}],
    good=[{**COUNTED, "Rules": [RATE]}],
    unknown=[{**COUNTED, "Rules": SOME}],
)


@rule("low", WebAcl, "nist-csf-2.0:PR.IR-01", "nist-csf-2.0:PR.IR-04")
def wafv2_web_acl_without_rate_limit(acl: WebAcl) -> bool:
    """No rule of the web ACL limits how often one source may ask.

    Why: guessing of passwords and floods of requests go on as fast as the attacker likes.
    Fix: add a rate-based rule.
    """
    return not any(one.rate_limit > 0 for one in acl.rules)


wafv2_web_acl_without_rate_limit.cases(
    bad=[{}, {"Rules": [MANAGED]}], good=[{"Rules": [MANAGED, RATE]}], unknown=[{"Rules": SOME}]
)


@rule("low", WebAcl, "nist-csf-2.0:PR.IR-01", "nist-csf-2.0:ID.RA-01")
def wafv2_web_acl_without_known_bad_inputs(acl: WebAcl) -> bool:
    """The web ACL does not apply AWS's managed rules for known bad inputs.

    Why: widely used exploits, Log4Shell among them, reach the machines behind it.
    Fix: add the managed rule group AWSManagedRulesKnownBadInputsRuleSet.
    """
    return not any(one.managed_group == KNOWN_BAD_INPUTS for one in acl.rules)


wafv2_web_acl_without_known_bad_inputs.cases(
    bad=[{}, {"Rules": [RATE]}], good=[{"Rules": [MANAGED]}], unknown=[{"Rules": SOME}]
)


@rule("low", WebAclAssociation, "nist-csf-2.0:PR.IR-01", when=lambda one: one.web_acl)
def wafv2_protected_by_empty_acl(association: WebAclAssociation) -> bool:
    """What this association protects is behind a web ACL without rules.

    Why: the resource counts as protected in every overview and is not.
    Fix: add rules to the web ACL.
    """
    return not association.web_acl.rules


PAIR = {"ResourceArn": "arn:lb", "WebACLArn": "arn:acl"}
wafv2_protected_by_empty_acl.cases(
    bad=[(PAIR, WebAcl(ACL))], good=[(PAIR, WebAcl({**ACL, "Rules": [RATE]}))], unknown=[PAIR]
)
