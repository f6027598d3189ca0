"""How networks are joined to others: VPN connections, client VPN, transit gateways."""

from __future__ import annotations

from typing import Any

from koban.model.aws.vpn import ClientVpnEndpoint, TransitGateway, VpnConnection
from koban.sources.terraform.mapping import ABSENT, Body, Entry, arg, block, blocks, made, mapped, maps


def values(given: Any) -> Any:
    """A list as the document has it: each element in a mapping of its own."""
    return [{"Value": one} for one in given] if given else ABSENT


def tunnel(number: int) -> dict[str, Entry]:
    """The options of one of the two tunnels; its arguments carry the number in their names."""
    name = f"tunnel{number}_"
    return {
        "IKEVersions": arg(name + "ike_versions", values),
        "Phase1DHGroupNumbers": arg(name + "phase1_dh_group_numbers", values),
        "LogOptions": block(
            name + "log_options",
            CloudwatchLogOptions=block("cloudwatch_log_options", LogEnabled="log_enabled", LogGroupArn="log_group_arn"),
        ),
    }


TUNNELS = [tunnel(1), tunnel(2)]
NAMES = tuple(name for one in TUNNELS for name in (entry.arguments()[0].split(".")[0] for entry in one.values()))


def tunnels(body: Body) -> Any:
    """Both tunnels if anything is said of either: what is not said of the other is left to its defaults."""
    both = [mapped(one, body) for one in TUNNELS]
    return both if any(both) else ABSENT


maps(
    "aws_vpn_connection",
    VpnConnection,
    VpnConnectionId="id",
    VpnTunnelOptionsSpecifications=made(tunnels, *NAMES, careful=True),
)
maps(
    "aws_ec2_client_vpn_endpoint",
    ClientVpnEndpoint,
    Id="id",
    VpcId="vpc_id",
    ConnectionLogOptions=block("connection_log_options", Enabled="enabled", CloudwatchLogGroup="cloudwatch_log_group"),
    AuthenticationOptions=blocks("authentication_options", Type="type"),
)
maps(
    "aws_ec2_transit_gateway",
    TransitGateway,
    Id="id",
    AutoAcceptSharedAttachments="auto_accept_shared_attachments",
)
