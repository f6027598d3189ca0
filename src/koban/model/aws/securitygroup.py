"""Security groups of Amazon VPC."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from koban.model.aws.networks import network_of
from koban.model.aws.vpc import ANYWHERE
from koban.model.resource import Part, Resource, asked, derived, field, link, parts, referring
from koban.model.unknown import Unknown

if TYPE_CHECKING:
    from koban.model.aws.vpc import NetworkInterface

IPV4, IPV6 = ANYWHERE[:1], ANYWHERE[1:]
ALL = "-1"
WITH_PORTS = ("tcp", "udp", "6", "17")


class Opening(Part):
    """What one rule of a security group opens, to whom or from whom."""

    protocol: str = field("IpProtocol", ALL, "tcp, udp, icmp, a protocol number, or -1: all")
    port_from: int = field("FromPort", -1, "First port; -1: all")
    port_to: int = field("ToPort", -1, "Last port; -1: all")
    cidr: str = field("CidrIp", "", "IPv4 range")
    cidr_ipv6: str = field("CidrIpv6", "", "IPv6 range")
    description: str = field("Description", "", "What it is for")

    @derived
    def every_port(self) -> bool:
        """Whether it opens all ports of TCP or UDP, or all protocols."""
        if self.protocol == ALL:
            return True
        return self.protocol in WITH_PORTS and self.port_from <= 0 and (self.port_to == -1 or self.port_to >= 65535)

    @asked
    def covers(self, port: int) -> bool:
        """Whether it opens `port` over TCP or UDP."""
        if self.every_port:
            return True
        return self.protocol in WITH_PORTS and self.port_from <= port <= self.port_to

    def covers_any(self, ports: tuple[int, ...]) -> bool:
        """Whether it opens one of `ports` over TCP or UDP."""
        if isinstance(self.document, Unknown):
            return any(self.covers(port) for port in ports)
        if self.every_port:
            return True
        if self.protocol not in WITH_PORTS:
            return False
        start = self.port_from
        if isinstance(start, Unknown):
            return any(self.covers(port) for port in ports)
        return any(port <= self.port_to for port in [port for port in ports if start <= port])

    @asked
    def only(self, ports: tuple[int, ...]) -> bool:
        """Whether every port that it opens is one of `ports`; ICMP opens none."""
        if self.protocol == ALL:
            return False
        if self.protocol not in WITH_PORTS:
            return True
        return any(self.port_from == one and self.port_to == one for one in ports)


class Ingress(Opening):
    """What one rule of a security group lets in."""

    group: str = field("SourceSecurityGroupId", "", "The group whose members may come in")
    prefix_list: Any = link("SourcePrefixListId", "AWS::EC2::PrefixList", "The list of ranges that may come in")

    @derived
    def anywhere_ipv4(self) -> bool:
        """Whether all of the IPv4 internet may come in."""
        return self.cidr in IPV4 or self._listed(IPV4)

    @derived
    def anywhere_ipv6(self) -> bool:
        """Whether all of the IPv6 internet may come in."""
        return self.cidr_ipv6 in IPV6 or self._listed(IPV6)

    @derived
    def anywhere(self) -> bool:
        return self.anywhere_ipv4 or self.anywhere_ipv6

    @derived
    def vast(self) -> bool:
        """Whether it lets in a public range of at least a 256th of the IPv4 internet, short of all of it."""
        if isinstance(self.cidr, Unknown):
            return bool(self.cidr._child(" is a vast range"))
        network = network_of(self.cidr)
        return network is not None and 0 < network.prefixlen <= 8 and network.version == 4 and not network.is_private

    def _listed(self, everyone: tuple[str, ...]) -> bool:
        listed = self.prefix_list
        return bool(listed and any(one in everyone for one in listed.cidrs))


class Egress(Opening):
    """What one rule of a security group lets out."""


class SecurityGroup(
    Resource,
    type="AWS::EC2::SecurityGroup",
    ids="GroupId",
    arn="arn:{partition}:ec2:{region}:{account}:security-group/{GroupId}",
):
    """A security group, its rules written inside it or beside it."""

    group_name: str = field("GroupName", "", "Its name; each network has one called default")
    vpc: Any = link("VpcId", "AWS::EC2::VPC", "The network it is in")
    inline_ingress: tuple[Ingress, ...] = parts("SecurityGroupIngress", Ingress, "What it lets in")
    inline_egress: tuple[Egress, ...] = parts("SecurityGroupEgress", Egress, "What it lets out")
    separate_ingress: tuple[SecurityGroupIngress, ...] = referring(
        "AWS::EC2::SecurityGroupIngress", "security_group", "What it lets in by rules declared beside it"
    )
    separate_egress: tuple[SecurityGroupEgress, ...] = referring(
        "AWS::EC2::SecurityGroupEgress", "security_group", "What it lets out by rules declared beside it"
    )
    interfaces: tuple[NetworkInterface, ...] = referring("AWS::EC2::NetworkInterface", "groups", "Who wears it")

    @derived
    def ingress(self) -> tuple[Ingress, ...]:
        """Everything it lets in, wherever the rule is declared."""
        return (*self.inline_ingress, *self.separate_ingress)

    @derived
    def egress(self) -> tuple[Egress, ...]:
        """Everything it lets out, wherever the rule is declared."""
        return (*self.inline_egress, *self.separate_egress)

    @asked
    def open_to_anyone(self, *ports: int) -> bool:
        """Whether all of the internet, IPv4 or IPv6, may come in to one of `ports`."""
        return any(one.anywhere and one.covers_any(ports) for one in self.ingress)


class SecurityGroupIngress(Ingress, Resource, type="AWS::EC2::SecurityGroupIngress", template_only=True, ids="Id"):
    """A rule that lets in, declared beside its group."""

    security_group: Any = link("GroupId", "AWS::EC2::SecurityGroup", "The group it is of")

    @derived
    def of_another_template(self) -> bool:
        """Whether its group is declared elsewhere, so that nothing but the rule itself can be judged here."""
        return not isinstance(self.security_group, SecurityGroup)


class SecurityGroupEgress(Egress, Resource, type="AWS::EC2::SecurityGroupEgress", template_only=True, ids="Id"):
    """A rule that lets out, declared beside its group."""

    security_group: Any = link("GroupId", "AWS::EC2::SecurityGroup", "The group it is of")
