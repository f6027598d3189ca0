"""Reads VPN connections, client VPN endpoints and transit gateways."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from koban.model.aws.vpn import ClientVpnEndpoint, TransitGateway, VpnConnection
from koban.sources.aws.collector import reads
from koban.sources.aws.reader import Reader, pick, tags

Document = dict[str, Any]


def _texts(raw: list[Document]) -> list[Document]:
    return [{"Value": str(one.get("Value"))} for one in raw]


def vpn_connection_from_api(raw: Document) -> Document:
    tunnels: list[Document] = []
    for one in raw.get("Options", {}).get("TunnelOptions", ()):
        tunnel: Document = {
            "IKEVersions": _texts(one.get("IkeVersions", [])),
            "Phase1DHGroupNumbers": _texts(one.get("Phase1DHGroupNumbers", [])),
        }
        logging = one.get("LogOptions", {}).get("CloudWatchLogOptions")
        if logging:
            tunnel["LogOptions"] = {"CloudwatchLogOptions": pick(logging, "LogEnabled", LogGroupArn="LogGroupArn")}
        tunnels.append(tunnel)
    return {
        **pick(raw, "VpnConnectionId", "CustomerGatewayId", "VpnGatewayId", "TransitGatewayId", "Type"),
        "VpnTunnelOptionsSpecifications": tunnels,
        "VgwTelemetry": [pick(one, "Status", "OutsideIpAddress") for one in raw.get("VgwTelemetry", ())],
        "Tags": tags(raw.get("Tags")),
    }


@reads(VpnConnection, "ec2:DescribeVpnConnections")
def connections(aws: Reader) -> Iterator[Document]:
    """The answer also holds the pre-shared keys: nothing of that is kept."""
    for raw in aws.pages("ec2:DescribeVpnConnections", "VpnConnections"):
        if raw.get("State") not in ("deleted", "deleting"):
            yield vpn_connection_from_api(raw)


def client_vpn_endpoint_from_api(raw: Document) -> Document:
    document = pick(
        raw,
        "VpcId",
        "ClientCidrBlock",
        "SplitTunnel",
        "SecurityGroupIds",
        "ConnectionLogOptions",
        Id="ClientVpnEndpointId",
    )
    kinds = [pick(one, "Type") for one in raw.get("AuthenticationOptions", ())]
    return {**document, "AuthenticationOptions": kinds, "Tags": tags(raw.get("Tags"))}


@reads(ClientVpnEndpoint, "ec2:DescribeClientVpnEndpoints")
def client_vpn_endpoints(aws: Reader) -> Iterator[Document]:
    for raw in aws.pages("ec2:DescribeClientVpnEndpoints", "ClientVpnEndpoints"):
        if raw.get("Status", {}).get("Code") not in ("deleted", "deleting"):
            yield client_vpn_endpoint_from_api(raw)


def transit_gateway_from_api(raw: Document) -> Document:
    options = raw.get("Options", {})
    return {
        **pick(raw, "Description", Id="TransitGatewayId", TransitGatewayArn="TransitGatewayArn"),
        **pick(options, "AutoAcceptSharedAttachments", "DefaultRouteTableAssociation", "DefaultRouteTablePropagation"),
        "Tags": tags(raw.get("Tags")),
    }


@reads(TransitGateway, "ec2:DescribeTransitGateways")
def transit_gateways(aws: Reader) -> Iterator[Document]:
    """Those of this account; one shared by another account is judged there."""
    for raw in aws.pages("ec2:DescribeTransitGateways", "TransitGateways"):
        if raw.get("State") not in ("deleted", "deleting") and raw.get("OwnerId", aws.account) == aws.account:
            yield transit_gateway_from_api(raw)
