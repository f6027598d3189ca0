"""Reads Route 53 Resolver."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from koban.model.aws.route53resolver import (
    FirewallRuleGroupAssociation,
    QueryLoggingAssociation,
    QueryLoggingConfig,
)
from koban.model.resource import Resource
from koban.sources.aws.collector import reads, there
from koban.sources.aws.reader import Reader, pick

Document = dict[str, Any]


def query_logging_config_from_api(raw: Document) -> Document:
    return pick(raw, "Id", "Arn", "Name", "DestinationArn", "Status", "ShareStatus", "OwnerId")


@reads(
    QueryLoggingConfig,
    "route53resolver:ListResolverQueryLogConfigs",
    needs=(QueryLoggingAssociation,),
    where=there(QueryLoggingAssociation),
)
def query_logging_configs(aws: Reader) -> Iterator[Document]:
    """Asked for where a network logs its queries."""
    listed = aws.pages("route53resolver:ListResolverQueryLogConfigs", "ResolverQueryLogConfigs")
    yield from map(query_logging_config_from_api, listed)


def query_logging_association_from_api(raw: Document) -> Document:
    return pick(raw, "Id", "ResolverQueryLogConfigId", "ResourceId", "Status", "Error")


@reads(QueryLoggingAssociation, "route53resolver:ListResolverQueryLogConfigAssociations")
def query_logging_associations(aws: Reader) -> Iterator[Resource]:
    operation, key = "route53resolver:ListResolverQueryLogConfigAssociations", "ResolverQueryLogConfigAssociations"
    for raw in aws.pages(operation, key):
        document = query_logging_association_from_api(raw)
        uid = aws.arn("route53resolver", f"resolver-query-log-config-association/{raw['Id']}")
        yield aws.made(QueryLoggingAssociation, document, uid=uid)


def firewall_association_from_api(raw: Document) -> Document:
    return pick(raw, "Id", "Arn", "Name", "FirewallRuleGroupId", "VpcId", "Priority", "MutationProtection", "Status")


@reads(FirewallRuleGroupAssociation, "route53resolver:ListFirewallRuleGroupAssociations")
def firewall_associations(aws: Reader) -> Iterator[Document]:
    listed = aws.pages("route53resolver:ListFirewallRuleGroupAssociations", "FirewallRuleGroupAssociations")
    yield from map(firewall_association_from_api, listed)
