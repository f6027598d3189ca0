"""Reads classic load balancers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from koban.model.aws.elb import ClassicLoadBalancer
from koban.model.unknown import Unknown
from koban.sources.aws.collector import reads
from koban.sources.aws.reader import Reader, pick

Document = dict[str, Any]
DESYNC = "elb.http.desyncmitigationmode"


def load_balancer_from_api(raw: Document, attributes: Any, policies: Any) -> Document:
    """`attributes` and `policies` are answers of their own calls, each perhaps unknown."""
    document = pick(raw, "LoadBalancerName", "Scheme", "AvailabilityZones", "Subnets", "SecurityGroups", "DNSName")
    document["Listeners"] = [
        {
            **pick(
                one["Listener"],
                "Protocol",
                "InstancePort",
                "InstanceProtocol",
                "LoadBalancerPort",
                "SSLCertificateId",
            ),
            "PolicyNames": one.get("PolicyNames", []),
        }
        for one in raw.get("ListenerDescriptions", ())
    ]
    if isinstance(policies, Unknown):
        document["Policies"] = policies
    else:
        document["Policies"] = [
            {
                **pick(one, "PolicyName", PolicyType="PolicyTypeName"),
                "Attributes": [
                    {"Name": each.get("AttributeName", ""), "Value": each.get("AttributeValue", "")}
                    for each in one.get("PolicyAttributeDescriptions", ())
                ],
            }
            for one in policies
        ]
    if isinstance(attributes, Unknown):
        named = dict.fromkeys(("AccessLoggingPolicy", "ConnectionDrainingPolicy", "CrossZone"), attributes)
        return {**document, **named, "DesyncMitigationMode": attributes}
    desync = [one["Value"] for one in attributes.get("AdditionalAttributes", ()) if one.get("Key") == DESYNC]
    return {
        **document,
        "AccessLoggingPolicy": attributes.get("AccessLog", {}),
        "ConnectionDrainingPolicy": attributes.get("ConnectionDraining", {}),
        "CrossZone": attributes.get("CrossZoneLoadBalancing", {}).get("Enabled", False),
        "DesyncMitigationMode": desync[0] if desync else "defensive",
    }


@reads(
    ClassicLoadBalancer,
    "elb:DescribeLoadBalancers",
    Policies="elb:DescribeLoadBalancerPolicies",
    AccessLoggingPolicy="elb:DescribeLoadBalancerAttributes",
    ConnectionDrainingPolicy="elb:DescribeLoadBalancerAttributes",
    CrossZone="elb:DescribeLoadBalancerAttributes",
    DesyncMitigationMode="elb:DescribeLoadBalancerAttributes",
)
def load_balancers(aws: Reader) -> Iterator[Document]:
    def detail(raw: Document) -> Document:
        name = raw["LoadBalancerName"]
        attributes = aws.ask(
            "elb:DescribeLoadBalancerAttributes", "LoadBalancerAttributes", otherwise={}, LoadBalancerName=name
        )
        policies = aws.ask(
            "elb:DescribeLoadBalancerPolicies", "PolicyDescriptions", otherwise=[], LoadBalancerName=name
        )
        return load_balancer_from_api(raw, attributes, policies)

    yield from aws.each(aws.pages("elb:DescribeLoadBalancers", "LoadBalancerDescriptions"), detail)
