"""Reads application, network and gateway load balancers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from koban.model.aws.elbv2 import Listener, LoadBalancer, TargetGroup
from koban.model.resource import Resource
from koban.sources.aws.collector import reads
from koban.sources.aws.reader import Reader, pick

Document = dict[str, Any]


def load_balancer_from_api(raw: Document, attributes: Any) -> Document:
    document = pick(
        raw, "LoadBalancerArn", "Type", "Scheme", "SecurityGroups", "IpAddressType", "DNSName", Name="LoadBalancerName"
    )
    subnets = [one["SubnetId"] for one in raw.get("AvailabilityZones", ()) if one.get("SubnetId")]
    return {**document, "Subnets": subnets, "LoadBalancerAttributes": attributes}


@reads(
    LoadBalancer,
    "elbv2:DescribeLoadBalancers",
    LoadBalancerAttributes="elbv2:DescribeLoadBalancerAttributes",
)
def load_balancers(aws: Reader) -> Iterator[Resource]:
    def detail(raw: Document) -> Resource:
        arn = raw["LoadBalancerArn"]
        attributes = aws.ask("elbv2:DescribeLoadBalancerAttributes", "Attributes", otherwise=[], LoadBalancerArn=arn)
        return aws.made(LoadBalancer, load_balancer_from_api(raw, attributes), uid=arn)

    yield from aws.each(aws.pages("elbv2:DescribeLoadBalancers", "LoadBalancers"), detail)


def listener_from_api(raw: Document) -> Document:
    document = pick(raw, "ListenerArn", "LoadBalancerArn", "Port", "Protocol", "SslPolicy", "Certificates")
    actions = [
        {
            **pick(one, "Type", "Order", "TargetGroupArn"),
            **({"RedirectConfig": one["RedirectConfig"]} if one.get("RedirectConfig") else {}),
        }
        for one in raw.get("DefaultActions", ())
    ]
    return {**document, "DefaultActions": actions}


@reads(Listener, "elbv2:DescribeListeners", needs=(LoadBalancer,))
def listeners(aws: Reader) -> Iterator[Resource]:
    """One call for each load balancer: the API lists listeners in no other way."""

    def detail(balancer: Resource) -> list[Document]:
        found = aws.pages("elbv2:DescribeListeners", "Listeners", LoadBalancerArn=balancer.uid)
        return [listener_from_api(raw) for raw in found]

    for documents in aws.each(aws.read(LoadBalancer), detail):
        for document in documents:
            yield aws.made(Listener, document, uid=document["ListenerArn"])


def target_group_from_api(raw: Document) -> Document:
    return pick(
        raw,
        "TargetGroupArn",
        "TargetType",
        "Protocol",
        "ProtocolVersion",
        "Port",
        "HealthCheckProtocol",
        "HealthCheckEnabled",
        "VpcId",
        "LoadBalancerArns",
        Name="TargetGroupName",
    )


@reads(TargetGroup, "elbv2:DescribeTargetGroups")
def target_groups(aws: Reader) -> Iterator[Resource]:
    for raw in aws.pages("elbv2:DescribeTargetGroups", "TargetGroups"):
        yield aws.made(TargetGroup, target_group_from_api(raw), uid=raw["TargetGroupArn"])
