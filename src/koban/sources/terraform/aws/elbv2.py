"""Application, network and gateway load balancers; the provider knows each type by two names."""

from __future__ import annotations

from typing import Any

from koban.model.aws.elbv2 import Listener, LoadBalancer, TargetGroup
from koban.model.unknown import Unknown
from koban.sources.terraform.mapping import (
    ABSENT,
    Body,
    arg,
    argument_at,
    block,
    blocks,
    choice,
    first,
    made,
    maps,
)

SETTINGS = {
    "access_logs.s3.bucket": "access_logs.bucket",
    "access_logs.s3.enabled": "access_logs.enabled",
    "connection_logs.s3.bucket": "connection_logs.bucket",
    "connection_logs.s3.enabled": "connection_logs.enabled",
    "deletion_protection.enabled": "enable_deletion_protection",
    "load_balancing.cross_zone.enabled": "enable_cross_zone_load_balancing",
    "routing.http.desync_mitigation_mode": "desync_mitigation_mode",
    "routing.http.drop_invalid_header_fields.enabled": "drop_invalid_header_fields",
    "routing.http2.enabled": "enable_http2",
    "waf.fail_open.enabled": "enable_waf_fail_open",
}


def settings(body: Body) -> Any:
    """The settings, which the document holds as texts under names of their own."""
    found = [(key, argument_at(body, name)) for key, name in SETTINGS.items()]
    return [{"Key": key, "Value": text(value)} for key, value in found if value is not None] or ABSENT


def text(value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value


def protocol(body: Body) -> Any:
    """The protocol of a listener.  One that names a port alone is of an application load balancer, and HTTP."""
    said, port = body.get("protocol"), body.get("port")
    if isinstance(said, Unknown):
        return said
    if said:
        return str(said).upper()
    return "HTTP" if isinstance(port, Unknown) or port else ABSENT


def upper(word: Any) -> str:
    return str(word).upper()


def plain_check(body: Body) -> Any:
    """How the health of targets is asked for, where a block is about that and does not say."""
    return "HTTP" if body.get("health_check") else ABSENT


for prefix in ("aws_lb", "aws_alb"):
    maps(
        prefix,
        LoadBalancer,
        Name="name",
        LoadBalancerArn="arn",
        Type="load_balancer_type",
        Scheme=choice("internal", {True: "internal", False: "internet-facing"}),
        LoadBalancerAttributes=made(settings, *SETTINGS.values(), careful=True),
        Subnets="subnets",
        SubnetMappings=blocks("subnet_mapping", SubnetId="subnet_id", AllocationId="allocation_id"),
        SecurityGroups="security_groups",
    )
    maps(
        prefix + "_listener",
        Listener,
        ListenerArn="arn",
        LoadBalancerArn="load_balancer_arn",
        Port="port",
        Protocol=made(protocol, "protocol", "port", careful=True),
        SslPolicy="ssl_policy",
        DefaultActions=blocks(
            "default_action",
            Type="type",
            TargetGroupArn="target_group_arn",
            RedirectConfig=block(
                "redirect",
                Protocol=arg("protocol", default="#{protocol}"),
                Port="port",
                Host="host",
                StatusCode="status_code",
            ),
        ),
    )
    maps(
        prefix + "_target_group",
        TargetGroup,
        Name="name",
        TargetGroupArn="arn",
        TargetType="target_type",
        Protocol=arg("protocol", upper),
        HealthCheckProtocol=first(arg("health_check.protocol", upper), made(plain_check, "health_check")),
        HealthCheckEnabled="health_check.enabled",
        VpcId="vpc_id",
    )
