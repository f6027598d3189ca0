"""Posture rules for VPN connections, client VPN and transit gateways."""

from __future__ import annotations

from koban.model.aws.vpn import ClientVpnEndpoint, TransitGateway, VpnConnection
from koban.model.rule import rule
from koban.model.unknown import Unknown

LOGGED = {"LogOptions": {"CloudwatchLogOptions": {"LogEnabled": True}}}
STRONG = {"IKEVersions": [{"Value": "ikev2"}], "Phase1DHGroupNumbers": [{"Value": "20"}]}
WEAK = {"IKEVersions": [{"Value": "ikev1"}], "Phase1DHGroupNumbers": [{"Value": 2}, {"Value": 20}]}
SOMETHING = Unknown("VpnTunnelOptionsSpecifications", "parameter Options has no default")


@rule("medium", VpnConnection, "aws-fsbp:EC2.20", "nist-csf-2.0:PR.IR-04", only="live")
def vpn_connection_tunnel_down(connection: VpnConnection) -> bool:
    """A tunnel of this VPN connection is down.

    Why: with one tunnel left, the next fault or AWS maintenance of that end cuts the sites apart.
    Fix: bring up the second tunnel at the customer's gateway.
    """
    return any(status == "DOWN" for status in connection.tunnel_status)


vpn_connection_tunnel_down.cases(
    bad=[{"VgwTelemetry": [{"Status": "UP"}, {"Status": "DOWN"}]}],
    good=[{"VgwTelemetry": [{"Status": "UP"}, {"Status": "UP"}]}],
    unknown=[{"VgwTelemetry": Unknown("VgwTelemetry", "AccessDenied ec2:DescribeVpnConnections")}],
)


@rule("medium", VpnConnection, "aws-fsbp:EC2.171", "nist-csf-2.0:PR.PS-04")
def vpn_connection_not_logged(connection: VpnConnection) -> bool:
    """Activity of a tunnel of this VPN connection is not logged.

    Why: without the log nobody can tell who tried to negotiate a tunnel, or why one fell.
    Fix: enable CloudWatch logging in the options of both tunnels.
    """
    return not connection.tunnels or any(not tunnel.logs for tunnel in connection.tunnels)


vpn_connection_not_logged.cases(
    bad=[{}, {"VpnTunnelOptionsSpecifications": [LOGGED, {}]}],
    good=[{"VpnTunnelOptionsSpecifications": [LOGGED, LOGGED]}],
    unknown=[{"VpnTunnelOptionsSpecifications": SOMETHING}],
)


@rule("medium", VpnConnection, "aws-fsbp:EC2.183", "nist-csf-2.0:PR.DS-02")
def vpn_connection_ikev1(connection: VpnConnection) -> bool:
    """A tunnel of this VPN connection accepts IKE version 1.

    Why: IKEv1 lacks protections of its successor, and a peer can be pushed down to it.
    Fix: name only ikev2 in the tunnel options.
    """
    return not connection.tunnels or any(tunnel.ikev1 for tunnel in connection.tunnels)


vpn_connection_ikev1.cases(
    bad=[{}, {"VpnTunnelOptionsSpecifications": [STRONG, WEAK]}],
    good=[{"VpnTunnelOptionsSpecifications": [STRONG, STRONG]}],
    unknown=[{"VpnTunnelOptionsSpecifications": SOMETHING}],
)


@rule("low", VpnConnection, "nist-csf-2.0:PR.DS-02")
def vpn_connection_weak_key_exchange(connection: VpnConnection) -> bool:
    """A tunnel of this VPN connection accepts a weak Diffie-Hellman group (2 or 5).

    Why: groups of 1024 and 1536 bits are within reach of a wealthy attacker who records traffic now.
    Fix: name only groups 14 and above, better 19 to 24, in the tunnel options.
    """
    return any(tunnel.weak_key_exchange for tunnel in connection.tunnels)


vpn_connection_weak_key_exchange.cases(
    bad=[{"VpnTunnelOptionsSpecifications": [WEAK]}],
    good=[{"VpnTunnelOptionsSpecifications": [STRONG]}],
    unknown=[{"VpnTunnelOptionsSpecifications": SOMETHING}],
)


@rule("medium", ClientVpnEndpoint, "aws-fsbp:EC2.51", "nist-csf-2.0:PR.PS-04", "nist-csf-2.0:DE.CM-01")
def vpn_client_endpoint_not_logged(endpoint: ClientVpnEndpoint) -> bool:
    """The client VPN endpoint does not log connections.

    Why: who connected, when and from where is the first question after a stolen laptop or password.
    Fix: enable connection logging to a CloudWatch log group.
    """
    return not endpoint.logs


vpn_client_endpoint_not_logged.cases(
    bad=[{}, {"ConnectionLogOptions": {"Enabled": False}}],
    good=[{"ConnectionLogOptions": {"Enabled": True, "CloudwatchLogGroup": "vpn"}}],
    unknown=[{"ConnectionLogOptions": Unknown("ConnectionLogOptions", "parameter Log has no default")}],
)


@rule("low", ClientVpnEndpoint, "nist-csf-2.0:PR.AA-03")
def vpn_client_endpoint_certificate_alone(endpoint: ClientVpnEndpoint) -> bool:
    """People connect to the client VPN endpoint with nothing but a certificate.

    Why: a copied key file is enough to connect; leavers keep access until their certificate is revoked by hand.
    Fix: add federated or directory authentication with MFA.
    """
    kinds = endpoint.authentication
    return bool(kinds) and all(kind == "certificate-authentication" for kind in kinds)


vpn_client_endpoint_certificate_alone.cases(
    bad=[{"AuthenticationOptions": [{"Type": "certificate-authentication"}]}],
    good=[{"AuthenticationOptions": [{"Type": "certificate-authentication"}, {"Type": "federated-authentication"}]}],
)


@rule("high", TransitGateway, "aws-fsbp:EC2.23", "nist-csf-2.0:PR.AA-05", "nist-csf-2.0:PR.IR-01")
def vpc_transit_gateway_accepts_by_itself(gateway: TransitGateway) -> bool:
    """The transit gateway accepts attachments from other accounts without anyone agreeing.

    Why: any account that it is shared with can join its network to yours.
    Fix: set AutoAcceptSharedAttachments to disable and accept each attachment after a look.
    """
    return gateway.accepts_by_itself == "enable"


vpc_transit_gateway_accepts_by_itself.cases(
    bad=[{"AutoAcceptSharedAttachments": "enable"}],
    good=[{}, {"AutoAcceptSharedAttachments": "disable"}],
    unknown=[{"AutoAcceptSharedAttachments": Unknown("AutoAcceptSharedAttachments", "parameter A has no default")}],
)
