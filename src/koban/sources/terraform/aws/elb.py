"""Classic load balancers, and the policies that their listeners get from resources beside them."""

from __future__ import annotations

from koban.model.aws.elb import ClassicLoadBalancer
from koban.sources.terraform.mapping import arg, block, blocks, choice, constant, folds, group, listed, maps

maps(
    "aws_elb",
    ClassicLoadBalancer,
    LoadBalancerName="name",
    Scheme=choice("internal", {True: "internal", False: "internet-facing"}),
    Listeners=blocks(
        "listener",
        Protocol="lb_protocol",
        LoadBalancerPort="lb_port",
        InstanceProtocol="instance_protocol",
        InstancePort="instance_port",
        SSLCertificateId="ssl_certificate_id",
    ),
    AccessLoggingPolicy=block("access_logs", Enabled=arg("enabled", default=True), S3BucketName="bucket"),
    ConnectionDrainingPolicy=group(Enabled="connection_draining"),
    CrossZone=arg("cross_zone_load_balancing", default=True),
    AvailabilityZones="availability_zones",
    Subnets="subnets",
    SecurityGroups="security_groups",
    DesyncMitigationMode="desync_mitigation_mode",
)
folds(
    "aws_load_balancer_policy",
    ClassicLoadBalancer,
    "load_balancer_name",
    adds=True,
    Policies=listed(
        group(
            PolicyName="policy_name",
            PolicyType="policy_type_name",
            Attributes=blocks("policy_attribute", Name="name", Value="value"),
        )
    ),
)
folds(
    "aws_load_balancer_listener_policy",
    ClassicLoadBalancer,
    "load_balancer_name",
    on="LoadBalancerPort",
    Listeners=listed(group(LoadBalancerPort="load_balancer_port", PolicyNames="policy_names")),
)
folds(
    "aws_lb_ssl_negotiation_policy",
    ClassicLoadBalancer,
    "load_balancer",
    adds=True,
    Policies=listed(
        group(
            PolicyName="name",
            PolicyType=constant("SSLNegotiationPolicyType"),
            Attributes=blocks("attribute", Name="name", Value="value"),
        )
    ),
)
folds(
    "aws_lb_ssl_negotiation_policy",
    ClassicLoadBalancer,
    "load_balancer",
    on="LoadBalancerPort",
    Listeners=listed(group(LoadBalancerPort="lb_port", PolicyNames=listed("name"))),
)
