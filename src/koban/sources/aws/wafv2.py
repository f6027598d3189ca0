"""Reads AWS WAF: regional web ACLs in each region, those of CloudFront once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from koban.model.aws.wafv2 import LoggingConfiguration, RuleGroup, WebAcl, WebAclAssociation
from koban.model.resource import Resource
from koban.sources.aws.collector import Where, reads
from koban.sources.aws.reader import Reader, pick

Document = dict[str, Any]
# What a regional web ACL may be associated with, of the kinds that a rule asks about.
PROTECTED = ("APPLICATION_LOAD_BALANCER", "API_GATEWAY", "APPSYNC", "COGNITO_USER_POOL")
ACL_CALLS = ("wafv2:ListWebACLs", "wafv2:GetWebACL")
GROUP_CALLS = ("wafv2:ListRuleGroups", "wafv2:GetRuleGroup")


def _listed(aws: Reader, operation: str, key: str, scope: str) -> Iterator[Document]:
    """The elements of a list that botocore does not page through by itself."""
    marker: dict[str, str] = {}
    while True:
        answer = aws.call(operation, Scope=scope, Limit=100, **marker)
        yield from answer.get(key, ())
        following = answer.get("NextMarker")
        if not following or following == marker.get("NextMarker") or not answer.get(key):
            return
        marker = {"NextMarker": following}


def web_acl_from_api(raw: Document, scope: str) -> Document:
    return {**pick(raw, "Name", "Id", "DefaultAction", "Rules", "VisibilityConfig", Arn="ARN"), "Scope": scope}


def _web_acls(aws: Reader, scope: str) -> Iterator[Resource]:
    def detail(raw: Document) -> Resource:
        found = aws.ask("wafv2:GetWebACL", "WebACL", Name=raw["Name"], Scope=scope, Id=raw["Id"])
        known = isinstance(found, dict)
        document = web_acl_from_api(found if known else raw, scope)
        return aws.made(WebAcl, document if known else {**document, "Rules": found, "VisibilityConfig": found})

    yield from aws.each(_listed(aws, "wafv2:ListWebACLs", "WebACLs", scope), detail)


@reads(WebAcl, *ACL_CALLS)
def web_acls(aws: Reader) -> Iterator[Resource]:
    yield from _web_acls(aws, "REGIONAL")


@reads(WebAcl, *ACL_CALLS, scope="global")
def cloudfront_web_acls(aws: Reader) -> Iterator[Resource]:
    yield from _web_acls(aws, "CLOUDFRONT")


def rule_group_from_api(raw: Document, scope: str) -> Document:
    return {**pick(raw, "Name", "Id", "Capacity", "Rules", "VisibilityConfig", Arn="ARN"), "Scope": scope}


def _rule_groups(aws: Reader, scope: str) -> Iterator[Resource]:
    def detail(raw: Document) -> Resource:
        found = aws.ask("wafv2:GetRuleGroup", "RuleGroup", Name=raw["Name"], Scope=scope, Id=raw["Id"])
        known = isinstance(found, dict)
        document = rule_group_from_api(found if known else raw, scope)
        return aws.made(RuleGroup, document if known else {**document, "Rules": found, "VisibilityConfig": found})

    yield from aws.each(_listed(aws, "wafv2:ListRuleGroups", "RuleGroups", scope), detail)


@reads(RuleGroup, *GROUP_CALLS)
def rule_groups(aws: Reader) -> Iterator[Resource]:
    yield from _rule_groups(aws, "REGIONAL")


@reads(RuleGroup, *GROUP_CALLS, scope="global")
def cloudfront_rule_groups(aws: Reader) -> Iterator[Resource]:
    yield from _rule_groups(aws, "CLOUDFRONT")


def _acls(scope: str) -> Where:
    return lambda aws: any(acl.document.get("Scope") == scope for acl in aws.read(WebAcl))


def _logging(aws: Reader, scope: str) -> Iterator[Resource]:
    for raw in _listed(aws, "wafv2:ListLoggingConfigurations", "LoggingConfigurations", scope):
        document = pick(raw, "ResourceArn", "LogDestinationConfigs")
        yield aws.made(LoggingConfiguration, document, uid=raw["ResourceArn"] + "/logging")


@reads(LoggingConfiguration, "wafv2:ListLoggingConfigurations", needs=(WebAcl,), where=_acls("REGIONAL"))
def logging(aws: Reader) -> Iterator[Resource]:
    yield from _logging(aws, "REGIONAL")


@reads(
    LoggingConfiguration, "wafv2:ListLoggingConfigurations", scope="global", needs=(WebAcl,), where=_acls("CLOUDFRONT")
)
def cloudfront_logging(aws: Reader) -> Iterator[Resource]:
    yield from _logging(aws, "CLOUDFRONT")


@reads(WebAclAssociation, "wafv2:ListResourcesForWebACL", needs=(WebAcl,))
def associations(aws: Reader) -> Iterator[Resource]:
    """What each regional web ACL protects.  CloudFront distributions name their web ACL themselves."""
    asked = [
        (acl.uid, kind) for acl in aws.read(WebAcl) if acl.document.get("Scope") == "REGIONAL" for kind in PROTECTED
    ]

    def detail(question: tuple[str, str]) -> list[Document]:
        acl, kind = question
        answer = aws.call("wafv2:ListResourcesForWebACL", WebACLArn=acl, ResourceType=kind)
        return [{"WebACLArn": acl, "ResourceArn": arn} for arn in answer.get("ResourceArns", ())]

    for documents in aws.each(asked, detail):
        for document in documents:
            yield aws.made(WebAclAssociation, document, uid=document["ResourceArn"] + "/web-acl")
