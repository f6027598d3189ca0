"""Reads security groups, in bulk: one call gives the groups with all of their rules."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from koban.model.aws.securitygroup import SecurityGroup
from koban.sources.aws.collector import reads
from koban.sources.aws.reader import Reader, pick, tags

Document = dict[str, Any]


def rules_from_api(permissions: list[Document], side: str) -> list[Document]:
    """The API's permissions as one rule for each range, prefix list and group; `side` is Source or Destination."""
    rules: list[Document] = []
    for raw in permissions:
        what = pick(raw, "IpProtocol", "FromPort", "ToPort")
        for one in raw.get("IpRanges", ()):
            rules.append({**what, **pick(one, "CidrIp", "Description")})
        for one in raw.get("Ipv6Ranges", ()):
            rules.append({**what, **pick(one, "CidrIpv6", "Description")})
        for one in raw.get("PrefixListIds", ()):
            rules.append({**what, **pick(one, "Description", **{f"{side}PrefixListId": "PrefixListId"})})
        for one in raw.get("UserIdGroupPairs", ()):
            group = pick(one, "Description", **{f"{side}SecurityGroupId": "GroupId"})
            if side == "Source":
                group |= pick(one, SourceSecurityGroupOwnerId="UserId")
            rules.append({**what, **group})
    return rules


def security_group_from_api(raw: Document) -> Document:
    return {
        **pick(raw, "GroupId", "GroupName", "VpcId", GroupDescription="Description"),
        "SecurityGroupIngress": rules_from_api(raw.get("IpPermissions", []), "Source"),
        "SecurityGroupEgress": rules_from_api(raw.get("IpPermissionsEgress", []), "Destination"),
        "Tags": tags(raw.get("Tags")),
    }


@reads(SecurityGroup, "ec2:DescribeSecurityGroups")
def security_groups(aws: Reader) -> Iterator[Document]:
    for raw in aws.pages("ec2:DescribeSecurityGroups", "SecurityGroups"):
        if raw.get("OwnerId", aws.account) == aws.account:  # one that another account shares is judged there
            yield security_group_from_api(raw)
