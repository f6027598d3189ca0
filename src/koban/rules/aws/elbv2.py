"""Posture rules for application, network and gateway load balancers."""

from __future__ import annotations

from koban.model.aws.elbv2 import Listener, LoadBalancer, TargetGroup
from koban.model.aws.wafv2 import WebAclAssociation
from koban.model.rule import rule
from koban.model.unknown import Unknown, size

PARAMETER = "parameter P has no default"
DENIED = Unknown("LoadBalancerAttributes", "AccessDenied elbv2:DescribeLoadBalancerAttributes")


def application(balancer: LoadBalancer) -> bool:
    return balancer.kind == "application"


def not_gateway(balancer: LoadBalancer) -> bool:
    return balancer.kind != "gateway"


def having(key: str, value: str) -> dict[str, object]:
    return {"LoadBalancerAttributes": [{"Key": key, "Value": value}]}


@rule(
    "medium",
    Listener,
    "aws-fsbp:ELB.1",
    "aws-fsbp:ELB.18",
    "nist-csf-2.0:PR.DS-02",
    when=lambda listener: listener.protocol == "HTTP",
)
def elbv2_http_not_redirected(listener: Listener) -> bool:
    """The load balancer serves plain HTTP instead of redirecting it to HTTPS.

    Why: whoever sits on the way can read and change what clients send.
    Fix: make the listener's default action a redirect to HTTPS.
    """
    return not any(action.to_https for action in listener.actions)


TO_HTTPS = {"Type": "redirect", "RedirectConfig": {"Protocol": "HTTPS", "StatusCode": "HTTP_301"}}
elbv2_http_not_redirected.cases(
    bad=[
        {"Protocol": "HTTP", "DefaultActions": [{"Type": "forward"}]},
        {"Protocol": "HTTP", "DefaultActions": [{"Type": "redirect", "RedirectConfig": {"Host": "example.com"}}]},
    ],
    good=[{"Protocol": "HTTP", "DefaultActions": [TO_HTTPS]}],
    unknown=[{"Protocol": "HTTP", "DefaultActions": Unknown("DefaultActions", PARAMETER)}],
    skipped=[{"Protocol": "HTTPS", "DefaultActions": [{"Type": "forward"}]}],
)


@rule("medium", LoadBalancer, "aws-fsbp:ELB.4", "nist-csf-2.0:PR.PS-01", when=application)
def elbv2_keeps_invalid_headers(balancer: LoadBalancer) -> bool:
    """The application load balancer passes on headers that are not valid HTTP.

    Why: machines behind it may read such headers in another way, which lets requests be smuggled past checks.
    Fix: set routing.http.drop_invalid_header_fields.enabled to true.
    """
    return balancer.setting("routing.http.drop_invalid_header_fields.enabled", "false") != "true"


elbv2_keeps_invalid_headers.cases(
    bad=[{}, having("routing.http.drop_invalid_header_fields.enabled", "false")],
    good=[having("routing.http.drop_invalid_header_fields.enabled", "true")],
    unknown=[{"LoadBalancerAttributes": DENIED}],
    skipped=[{"Type": "network"}],
)


@rule(
    "medium",
    LoadBalancer,
    "aws-fsbp:ELB.5",
    "cis-aws-7.0:4.10",
    "nist-csf-2.0:PR.PS-04",
    "nist-csf-2.0:DE.CM-01",
    when=not_gateway,
)
def elbv2_access_logs_off(balancer: LoadBalancer) -> bool:
    """The load balancer does not log requests.

    Why: without the log nobody can tell who asked for what when something went wrong.
    Fix: set access_logs.s3.enabled to true and name a bucket.
    """
    return balancer.setting("access_logs.s3.enabled", "false") != "true"


elbv2_access_logs_off.cases(
    bad=[{}, having("access_logs.s3.enabled", "false"), {"Type": "network"}],
    good=[having("access_logs.s3.enabled", "true")],
    unknown=[{"LoadBalancerAttributes": DENIED}],
    skipped=[{"Type": "gateway"}],
)


@rule("low", LoadBalancer, "nist-csf-2.0:PR.PS-04", "nist-csf-2.0:DE.CM-01", when=application)
def elbv2_connection_logs_off(balancer: LoadBalancer) -> bool:
    """The application load balancer does not log connections.

    Why: failed TLS handshakes and client certificates show up in no other log.
    Fix: set connection_logs.s3.enabled to true and name a bucket.
    """
    return balancer.setting("connection_logs.s3.enabled", "false") != "true"


elbv2_connection_logs_off.cases(
    bad=[{}],
    good=[having("connection_logs.s3.enabled", "true")],
    unknown=[{"LoadBalancerAttributes": DENIED}],
    skipped=[{"Type": "network"}],
)


@rule("medium", LoadBalancer, "aws-fsbp:ELB.6", "nist-csf-2.0:PR.IR-04")
def elbv2_deletion_protection_off(balancer: LoadBalancer) -> bool:
    """The load balancer can be deleted with one call.

    Why: a mistake, or an intruder, takes everything behind it off the air.
    Fix: set deletion_protection.enabled to true.
    """
    return balancer.setting("deletion_protection.enabled", "false") != "true"


elbv2_deletion_protection_off.cases(
    bad=[{}, having("deletion_protection.enabled", "false")],
    good=[having("deletion_protection.enabled", "true")],
    unknown=[{"LoadBalancerAttributes": DENIED}],
)


@rule("medium", LoadBalancer, "aws-fsbp:ELB.12", "nist-csf-2.0:PR.PS-01", when=application)
def elbv2_desync_only_monitored(balancer: LoadBalancer) -> bool:
    """The application load balancer lets through requests that machines may read in two ways.

    Why: such requests smuggle a second one past the checks in front.
    Fix: set routing.http.desync_mitigation_mode to defensive or strictest.
    """
    return balancer.setting("routing.http.desync_mitigation_mode", "defensive") == "monitor"


elbv2_desync_only_monitored.cases(
    bad=[having("routing.http.desync_mitigation_mode", "monitor")],
    good=[{}, having("routing.http.desync_mitigation_mode", "strictest")],
    unknown=[{"LoadBalancerAttributes": DENIED}],
    skipped=[{"Type": "gateway"}],
)


@rule("medium", LoadBalancer, "aws-fsbp:ELB.13", "nist-csf-2.0:PR.IR-04")
def elbv2_in_one_zone(balancer: LoadBalancer) -> bool:
    """The load balancer stands in one availability zone only.

    Why: when that zone fails, so does everything behind it.
    Fix: add subnets in a second zone.
    """
    return bool(size(balancer.places) < 2)


elbv2_in_one_zone.cases(
    bad=[{"Subnets": ["subnet-1"]}, {"SubnetMappings": [{"SubnetId": "subnet-1"}]}],
    good=[{"Subnets": ["subnet-1", "subnet-2"]}, {"SubnetMappings": [{"SubnetId": "s-1"}, {"SubnetId": "s-2"}]}],
    unknown=[{"Subnets": Unknown("Subnets", PARAMETER)}],
)


@rule("medium", LoadBalancer, "aws-fsbp:ELB.16", "nist-csf-2.0:PR.IR-01", when=application)
def elbv2_without_web_acl(balancer: LoadBalancer) -> bool:
    """No web ACL filters what comes to this application load balancer.

    Why: known attacks on web applications, and floods from single sources, reach the machines behind it.
    Fix: associate a WAFv2 web ACL with managed rules and a rate limit.
    """
    return not balancer.web_acls


ALB = {"LoadBalancerArn": "arn:lb", "Name": "web"}
elbv2_without_web_acl.cases(
    bad=[ALB],
    good=[(ALB, WebAclAssociation({"ResourceArn": "arn:lb", "WebACLArn": "arn:acl"}))],
    skipped=[{"Type": "network"}],
)


@rule(
    "low",
    LoadBalancer,
    "nist-csf-2.0:PR.IR-01",
    when=lambda balancer: balancer.kind == "network",
)
def elbv2_network_without_security_group(balancer: LoadBalancer) -> bool:
    """The network load balancer wears no security group.

    Why: nothing at the load balancer bounds who may connect, and groups behind it cannot name it as their source.
    Fix: create it anew with a security group; one without cannot be given one later.
    """
    return not balancer.security_groups


elbv2_network_without_security_group.cases(
    bad=[{"Type": "network"}],
    good=[{"Type": "network", "SecurityGroups": ["sg-1"]}],
    unknown=[{"Type": "network", "SecurityGroups": Unknown("SecurityGroups", PARAMETER)}],
    skipped=[{}],
)


@rule(
    "medium",
    Listener,
    "aws-fsbp:ELB.17",
    "nist-csf-2.0:PR.DS-02",
    when=lambda listener: listener.protocol == "HTTPS" or listener.protocol == "TLS",
)
def elbv2_weak_tls_policy(listener: Listener) -> bool:
    """The listener's TLS policy is not one of those that AWS recommends.

    Why: older policies accept TLS 1.0, 1.1 or ciphers with known weaknesses.
    Fix: use ELBSecurityPolicy-TLS13-1-2-Res-2021-06 or a later one of the TLS13 family.
    """
    return not listener.recommended_tls


elbv2_weak_tls_policy.cases(
    bad=[
        {"Protocol": "HTTPS"},
        {"Protocol": "TLS", "SslPolicy": "ELBSecurityPolicy-TLS13-1-0-2021-06"},
        {"Protocol": "HTTPS", "SslPolicy": "ELBSecurityPolicy-TLS13-1-2-Ext2-2021-06"},
    ],
    good=[
        {"Protocol": "HTTPS", "SslPolicy": "ELBSecurityPolicy-TLS13-1-2-2021-06"},
        {"Protocol": "TLS", "SslPolicy": "ELBSecurityPolicy-TLS13-1-2-Res-FIPS-2023-04"},
        {"Protocol": "HTTPS", "SslPolicy": "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09"},
    ],
    unknown=[{"Protocol": "HTTPS", "SslPolicy": Unknown("SslPolicy", PARAMETER)}],
    skipped=[{"Protocol": "HTTP"}],
)


def encryptable(listener: Listener) -> bool:
    """Plain HTTP has a rule of its own; a listener of a gateway names no protocol, or GENEVE."""
    return bool(listener.protocol) and listener.protocol != "HTTP" and listener.protocol != "GENEVE"


@rule(
    "medium",
    Listener,
    "aws-fsbp:ELB.18",
    "nist-csf-2.0:PR.DS-02",
    when=encryptable,
)
def elbv2_listener_not_encrypted(listener: Listener) -> bool:
    """The network load balancer's listener takes traffic that is not encrypted.

    Why: whoever sits on the way can read and change it.
    Fix: use TLS as the listener's protocol, or encrypt between the clients and the targets.
    """
    return not (listener.protocol == "HTTPS" or listener.protocol == "TLS" or listener.protocol == "QUIC")


elbv2_listener_not_encrypted.cases(
    bad=[{"Protocol": "TCP"}, {"Protocol": "UDP"}],
    good=[{"Protocol": "HTTPS"}, {"Protocol": "TLS"}],
    unknown=[{"Protocol": Unknown("Protocol", PARAMETER)}],
    skipped=[{}, {"Protocol": "HTTP", "DefaultActions": [{"Type": "forward"}]}, {"Protocol": "GENEVE"}],
)


def served(group: TargetGroup) -> bool:
    return group.kind != "lambda" and group.protocol != "GENEVE"


@rule(
    "low",
    TargetGroup,
    "aws-fsbp:ELB.21",
    "nist-csf-2.0:PR.DS-02",
    when=lambda group: group.kind != "lambda" and group.protocol != "GENEVE" and group.health_check,
)
def elbv2_health_check_not_encrypted(group: TargetGroup) -> bool:
    """The targets' health is asked for without encryption.

    Why: the answer can be read and forged on the way, and a plain port must stay open on each machine.
    Fix: set HealthCheckProtocol to HTTPS.
    """
    return group.health_check_protocol != "HTTPS"


elbv2_health_check_not_encrypted.cases(
    bad=[{"Protocol": "HTTPS"}, {"HealthCheckProtocol": "HTTP"}, {"HealthCheckProtocol": "TCP"}],
    good=[{"HealthCheckProtocol": "HTTPS"}],
    unknown=[{"HealthCheckProtocol": Unknown("HealthCheckProtocol", PARAMETER)}],
    skipped=[{"TargetType": "lambda"}],
)


@rule("medium", TargetGroup, "aws-fsbp:ELB.22", "nist-csf-2.0:PR.DS-02", when=served)
def elbv2_target_group_not_encrypted(group: TargetGroup) -> bool:
    """Traffic from the load balancer to its targets is not encrypted.

    Why: inside the network, too, a machine that was broken into can listen.
    Fix: use HTTPS or TLS as the protocol of the target group.
    """
    return not (group.protocol == "HTTPS" or group.protocol == "TLS" or group.protocol == "QUIC")


elbv2_target_group_not_encrypted.cases(
    bad=[{"Protocol": "HTTP"}, {"Protocol": "TCP"}],
    good=[{"Protocol": "HTTPS"}, {"Protocol": "TLS"}],
    unknown=[{"Protocol": Unknown("Protocol", PARAMETER)}],
    skipped=[{"TargetType": "lambda"}, {"Protocol": "GENEVE"}],
)
