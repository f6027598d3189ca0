"""Posture rules for classic load balancers."""

from __future__ import annotations

from koban.model.aws.elb import STRONG, ClassicLoadBalancer
from koban.model.rule import rule
from koban.model.unknown import Unknown, size

PARAMETER = "parameter P has no default"
ACM = "arn:aws:acm:eu-west-1:111122223333:certificate/1"
IAM = "arn:aws:iam::111122223333:server-certificate/web"


def listening(*listeners: dict[str, object], **more: object) -> dict[str, object]:
    return {"Listeners": list(listeners), **more}


def port(protocol: str, certificate: str = "", *policies: str) -> dict[str, object]:
    return {"Protocol": protocol, "SSLCertificateId": certificate, "PolicyNames": list(policies)}


@rule("medium", ClassicLoadBalancer, "aws-fsbp:ELB.2", "nist-csf-2.0:PR.DS-02", "nist-csf-2.0:PR.PS-01")
def elb_certificate_not_from_acm(balancer: ClassicLoadBalancer) -> bool:
    """A certificate of this classic load balancer does not come from AWS Certificate Manager.

    Why: certificates kept in IAM are not renewed by themselves, and their private keys were handled by people.
    Fix: issue or import the certificate in ACM and use it in the listener.
    """
    return any(one.encrypted and ":acm:" not in one.certificate for one in balancer.listeners)


elb_certificate_not_from_acm.cases(
    bad=[listening(port("HTTPS", IAM))],
    good=[{}, listening(port("HTTPS", ACM)), listening(port("HTTP"))],
    unknown=[{"Listeners": Unknown("Listeners", PARAMETER)}],
)


@rule("medium", ClassicLoadBalancer, "aws-fsbp:ELB.3", "nist-csf-2.0:PR.DS-02")
def elb_listener_not_encrypted(balancer: ClassicLoadBalancer) -> bool:
    """A port of this classic load balancer does not encrypt.

    Why: whoever sits on the way can read and change what clients send.
    Fix: use HTTPS or SSL listeners; replace the load balancer by an application one that redirects HTTP.
    """
    return any(not one.encrypted for one in balancer.listeners)


elb_listener_not_encrypted.cases(
    bad=[listening(port("HTTPS", ACM), port("HTTP")), listening(port("tcp"))],
    good=[{}, listening(port("HTTPS", ACM)), listening(port("ssl", ACM))],
    unknown=[{"Listeners": Unknown("Listeners", PARAMETER)}],
)


@rule("medium", ClassicLoadBalancer, "aws-fsbp:ELB.8", "nist-csf-2.0:PR.DS-02")
def elb_weak_tls_policy(balancer: ClassicLoadBalancer) -> bool:
    """A TLS port of this classic load balancer accepts protocol versions before TLS 1.2.

    Why: TLS 1.0 and 1.1 have known flaws, and a client can be pushed down to them.
    Fix: put the predefined policy ELBSecurityPolicy-TLS-1-2-2017-01 on every HTTPS and SSL listener.
    """
    return balancer.weak_tls


POLICIES = {"Policies": [{"PolicyName": "p", "Attributes": [{"Name": "Reference-Security-Policy", "Value": STRONG}]}]}
elb_weak_tls_policy.cases(
    bad=[listening(port("HTTPS", ACM)), listening(port("HTTPS", ACM, "q"), **POLICIES)],
    good=[listening(port("HTTP")), listening(port("HTTPS", ACM, "p"), **POLICIES)],
    unknown=[listening(port("HTTPS", ACM, "p"), Policies=Unknown("Policies", PARAMETER))],
)


@rule(
    "medium",
    ClassicLoadBalancer,
    "aws-fsbp:ELB.5",
    "cis-aws-7.0:4.10",
    "nist-csf-2.0:PR.PS-04",
    "nist-csf-2.0:DE.CM-01",
)
def elb_access_logs_off(balancer: ClassicLoadBalancer) -> bool:
    """The classic load balancer does not log requests.

    Why: without the log nobody can tell who asked for what when something went wrong.
    Fix: enable access logs to an S3 bucket.
    """
    return not balancer.access_logs


elb_access_logs_off.cases(
    bad=[{}, {"AccessLoggingPolicy": {"Enabled": False}}],
    good=[{"AccessLoggingPolicy": {"Enabled": True, "S3BucketName": "logs"}}],
    unknown=[{"AccessLoggingPolicy": Unknown("AccessLoggingPolicy", PARAMETER)}],
)


@rule("low", ClassicLoadBalancer, "aws-fsbp:ELB.7", "nist-csf-2.0:PR.IR-04")
def elb_connection_draining_off(balancer: ClassicLoadBalancer) -> bool:
    """The classic load balancer cuts connections when a machine leaves.

    Why: each deployment and each replaced machine breaks requests under way.
    Fix: enable connection draining.
    """
    return not balancer.draining


elb_connection_draining_off.cases(
    bad=[{}],
    good=[{"ConnectionDrainingPolicy": {"Enabled": True}}],
    unknown=[{"ConnectionDrainingPolicy": Unknown("ConnectionDrainingPolicy", PARAMETER)}],
)


@rule("low", ClassicLoadBalancer, "aws-fsbp:ELB.9", "nist-csf-2.0:PR.IR-04")
def elb_cross_zone_off(balancer: ClassicLoadBalancer) -> bool:
    """The classic load balancer sends traffic only to machines of the zone in which it arrived.

    Why: a zone with few healthy machines is overrun while others idle.
    Fix: enable cross-zone load balancing.
    """
    return not balancer.cross_zone


elb_cross_zone_off.cases(
    bad=[{}, {"CrossZone": False}],
    good=[{"CrossZone": True}],
    unknown=[{"CrossZone": Unknown("CrossZone", PARAMETER)}],
)


@rule("medium", ClassicLoadBalancer, "aws-fsbp:ELB.10", "nist-csf-2.0:PR.IR-04")
def elb_in_one_zone(balancer: ClassicLoadBalancer) -> bool:
    """The classic load balancer stands in one availability zone only.

    Why: when that zone fails, so does everything behind it.
    Fix: add subnets in a second zone.
    """
    return bool(size(balancer.places) < 2)


elb_in_one_zone.cases(
    bad=[{"AvailabilityZones": ["eu-west-1a"]}, {"Subnets": ["subnet-1"]}],
    good=[{"AvailabilityZones": ["eu-west-1a", "eu-west-1b"]}, {"Subnets": ["subnet-1", "subnet-2"]}],
    unknown=[{"Subnets": Unknown("Subnets", PARAMETER)}],
)


@rule("medium", ClassicLoadBalancer, "aws-fsbp:ELB.14", "nist-csf-2.0:PR.PS-01", only="live")
def elb_desync_only_monitored(balancer: ClassicLoadBalancer) -> bool:
    """The classic load balancer lets through requests that machines may read in two ways.

    Why: such requests smuggle a second one past the checks in front.
    Fix: set the desync mitigation mode to defensive or strictest.
    """
    return balancer.desync == "monitor"


elb_desync_only_monitored.cases(
    bad=[{"DesyncMitigationMode": "monitor"}],
    good=[{"DesyncMitigationMode": "strictest"}],
    unknown=[{"DesyncMitigationMode": Unknown("DesyncMitigationMode", "AccessDenied")}],
)
