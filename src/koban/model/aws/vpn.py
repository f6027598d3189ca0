"""How networks are joined to others: VPN connections, client VPN, transit gateways."""

from __future__ import annotations

from typing import Any

from koban.model.resource import Part, Resource, derived, fact, field, link, parts

WEAK_DH_GROUPS = ("2", "5", 2, 5)  # 1024 and 1536 bits; templates write numbers


class Tunnel(Part):
    """The options of one of the two tunnels of a VPN connection."""

    ike_versions: tuple[str, ...] = field("IKEVersions[].Value", (), "ikev1 and ikev2; empty: both")
    logs: bool = field("LogOptions.CloudwatchLogOptions.LogEnabled", False, "Whether its activity is logged")
    dh_groups: tuple[Any, ...] = field("Phase1DHGroupNumbers[].Value", (), "Diffie-Hellman groups; empty: every group")

    @derived
    def ikev1(self) -> bool:
        """Whether it accepts the old IKE version 1."""
        return not self.ike_versions or any(one == "ikev1" for one in self.ike_versions)

    @derived
    def weak_key_exchange(self) -> bool:
        """Whether it accepts a Diffie-Hellman group that is too small by name."""
        return any(one in WEAK_DH_GROUPS for one in self.dh_groups)


class VpnConnection(
    Resource,
    type="AWS::EC2::VPNConnection",
    ids="VpnConnectionId",
    arn="arn:{partition}:ec2:{region}:{account}:vpn-connection/{VpnConnectionId}",
):
    """A site-to-site VPN connection."""

    tunnels: tuple[Tunnel, ...] = parts("VpnTunnelOptionsSpecifications", Tunnel, "Options of its tunnels")
    tunnel_status: tuple[str, ...] = fact("VgwTelemetry[].Status", (), "UP or DOWN, for each tunnel")


class ClientVpnEndpoint(
    Resource,
    type="AWS::EC2::ClientVpnEndpoint",
    ids="Id",
    arn="arn:{partition}:ec2:{region}:{account}:client-vpn-endpoint/{Id}",
):
    """An endpoint at which people's machines connect to a network."""

    logs: bool = field("ConnectionLogOptions.Enabled", False, "Whether connections are logged")
    authentication: tuple[str, ...] = field(
        "AuthenticationOptions[].Type", (), "certificate-, directory-service- or federated-authentication"
    )
    vpc: Any = link("VpcId", "AWS::EC2::VPC", "The network it leads to")


class TransitGateway(
    Resource,
    type="AWS::EC2::TransitGateway",
    ids="Id",
    arn="arn:{partition}:ec2:{region}:{account}:transit-gateway/{Id}",
):
    """A transit gateway."""

    accepts_by_itself: str = field("AutoAcceptSharedAttachments", "disable", "enable or disable")
