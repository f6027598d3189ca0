"""Elastic Load Balancing v2: application, network and gateway load balancers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from koban.model.resource import Part, Resource, asked, derived, field, link, matches, parts, referring
from koban.model.unknown import Unknown

if TYPE_CHECKING:
    from koban.model.aws.wafv2 import WebAclAssociation

# Predefined policies without TLS 1.0, 1.1 and without ciphers that lack forward secrecy or authenticated encryption.
RECOMMENDED = r"^ELBSecurityPolicy-TLS13-1-(2|2-Res|3)(-FIPS)?(-PQ)?-20\d\d-\d\d$"


class Attribute(Part):
    """A named setting."""

    key: str = field("Key", "", "Its name: deletion_protection.enabled")
    value: str = field("Value", "", "Its value as text: true")


class LoadBalancer(
    Resource, type="AWS::ElasticLoadBalancingV2::LoadBalancer", ids="Name LoadBalancerArn LoadBalancerFullName"
):
    """An application, network or gateway load balancer."""

    kind: str = field("Type", "application", "application, network or gateway")
    scheme: str = field("Scheme", "internet-facing", "internet-facing or internal")
    attributes: tuple[Attribute, ...] = parts("LoadBalancerAttributes", Attribute, "Its settings")
    subnets: tuple[str, ...] = field("Subnets", (), "Its subnets, one in each zone")
    subnet_mappings: tuple[str, ...] = field("SubnetMappings[].SubnetId", (), "Its subnets, with fixed addresses")
    security_groups: tuple[str, ...] = field("SecurityGroups", (), "Its security groups")
    listeners: tuple[Listener, ...] = referring(
        "AWS::ElasticLoadBalancingV2::Listener", "load_balancer", "The ports on which it listens"
    )
    web_acls: tuple[WebAclAssociation, ...] = referring(
        "AWS::WAFv2::WebACLAssociation", "load_balancer", "The web ACL that filters its requests"
    )

    @asked
    def setting(self, key: str, otherwise: str) -> str:
        """The value of an attribute, as text; `otherwise` where it is not set."""
        attributes: Any = self.attributes
        if isinstance(attributes, Unknown):
            return cast(str, attributes._child(f"[{key}]"))
        for one in self.attributes:
            if one.key == key:
                return one.value
        return otherwise

    @derived
    def places(self) -> tuple[str, ...]:
        """Its subnets, however they are named."""
        return self.subnets or self.subnet_mappings


class Action(Part):
    """What a listener does with a request."""

    kind: str = field("Type", "", "forward, redirect, fixed-response, authenticate-oidc, ...")
    redirect_protocol: str = field("RedirectConfig.Protocol", "", "HTTPS, HTTP, or #{protocol}: as it came")

    @derived
    def to_https(self) -> bool:
        return self.kind == "redirect" and self.redirect_protocol == "HTTPS"


class Listener(Resource, type="AWS::ElasticLoadBalancingV2::Listener", ids="ListenerArn"):
    """A port on which a load balancer listens."""

    protocol: str = field("Protocol", "", "HTTP, HTTPS, TCP, TLS, UDP, TCP_UDP, QUIC or GENEVE")
    tls_policy: str = field("SslPolicy", "ELBSecurityPolicy-2016-08", "Which versions and ciphers it accepts")
    actions: tuple[Action, ...] = parts("DefaultActions", Action, "What it does when no rule says otherwise")
    load_balancer: Any = link(
        "LoadBalancerArn", "AWS::ElasticLoadBalancingV2::LoadBalancer", "The load balancer it is of"
    )

    @derived
    def recommended_tls(self) -> Any:
        return matches(RECOMMENDED, self.tls_policy)


class TargetGroup(Resource, type="AWS::ElasticLoadBalancingV2::TargetGroup", ids="Name TargetGroupArn"):
    """What a load balancer sends requests to."""

    kind: str = field("TargetType", "instance", "instance, ip, lambda or alb")
    protocol: str = field("Protocol", "", "HTTP, HTTPS, TCP, TLS, UDP, TCP_UDP, QUIC or GENEVE")
    health_check_protocol: str = field("HealthCheckProtocol", "", "HTTP, HTTPS, TCP; empty: as the kind has it")
    health_check: bool = field("HealthCheckEnabled", True, "Whether targets are checked")
