"""Elastic Load Balancing, the classic kind."""

from __future__ import annotations

from koban.model.resource import Part, Resource, derived, fact, field, parts

STRONG = "ELBSecurityPolicy-TLS-1-2-2017-01"  # the one predefined policy that refuses TLS 1.0 and 1.1


class ClassicListener(Part):
    """A port on which a classic load balancer listens."""

    protocol: str = field("Protocol", "", "HTTP, HTTPS, TCP or SSL, towards the client")
    certificate: str = field("SSLCertificateId", "", "ARN of the certificate, in ACM or IAM")
    policies: tuple[str, ...] = field("PolicyNames", (), "The policies on it, by name")

    @derived
    def encrypted(self) -> bool:
        return self.protocol.upper() in ("HTTPS", "SSL")


class ClassicPolicy(Part):
    """A policy of a classic load balancer."""

    policy_name: str = field("PolicyName", "", "Its name in this load balancer")
    values: tuple[str, ...] = field("Attributes[].Value", (), "What it sets, without the names")


class ClassicLoadBalancer(
    Resource,
    type="AWS::ElasticLoadBalancing::LoadBalancer",
    ids="LoadBalancerName",
    arn="arn:{partition}:elasticloadbalancing:{region}:{account}:loadbalancer/{LoadBalancerName}",
):
    """A classic load balancer."""

    scheme: str = field("Scheme", "internet-facing", "internet-facing or internal")
    listeners: tuple[ClassicListener, ...] = parts("Listeners", ClassicListener, "The ports on which it listens")
    policies: tuple[ClassicPolicy, ...] = parts("Policies", ClassicPolicy, "Its own policies")
    access_logs: bool = field("AccessLoggingPolicy.Enabled", False, "Whether requests are logged")
    draining: bool = field("ConnectionDrainingPolicy.Enabled", False, "Whether machines finish what they serve")
    cross_zone: bool = field("CrossZone", False, "Whether each node sends to the machines of every zone")
    zones: tuple[str, ...] = field("AvailabilityZones", (), "Its availability zones")
    subnets: tuple[str, ...] = field("Subnets", (), "Its subnets")
    desync: str = fact("DesyncMitigationMode", "defensive", "monitor, defensive or strictest")

    @derived
    def weak_tls(self) -> bool:
        """Whether a port that speaks TLS accepts versions before 1.2."""
        strong = tuple(one.policy_name for one in self.policies if STRONG in one.values)
        return any(
            listener.encrypted and not any(name == one for name in listener.policies for one in strong)
            for listener in self.listeners
        )

    @derived
    def places(self) -> tuple[str, ...]:
        """Its zones, or its subnets where it names those."""
        return self.zones or self.subnets
