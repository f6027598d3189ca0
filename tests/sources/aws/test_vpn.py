from koban.model.aws.vpn import VpnConnection
from koban.sources.aws.vpn import client_vpn_endpoint_from_api, vpn_connection_from_api

RAW = {
    "VpnConnectionId": "vpn-1",
    "CustomerGatewayConfiguration": "<xml>secret</xml>",
    "Options": {
        "TunnelOptions": [
            {
                "PreSharedKey": "secret",
                "IkeVersions": [{"Value": "ikev2"}],
                "Phase1DHGroupNumbers": [{"Value": 20}],
                "LogOptions": {"CloudWatchLogOptions": {"LogEnabled": True, "LogGroupArn": "arn:aws:logs:::g"}},
            }
        ]
    },
    "VgwTelemetry": [{"Status": "UP", "OutsideIpAddress": "203.0.113.5"}, {"Status": "DOWN"}],
}


def test_a_connection_without_its_keys():
    connection = VpnConnection(vpn_connection_from_api(RAW))
    assert connection.tunnel_status == ("UP", "DOWN")
    assert connection.tunnels[0].logs
    assert not connection.tunnels[0].ikev1
    assert connection.tunnels[0].dh_groups == ("20",)
    assert "secret" not in str(connection.document)


def test_golden_twins():
    options = {
        "IKEVersions": [{"Value": "ikev2"}],
        "Phase1DHGroupNumbers": [{"Value": "20"}],
        "LogOptions": {"CloudwatchLogOptions": {"LogEnabled": True, "LogGroupArn": "arn:aws:logs:::g"}},
    }
    code = VpnConnection({"VpnTunnelOptionsSpecifications": [options]})
    assert VpnConnection(vpn_connection_from_api(RAW)).tunnels == code.tunnels


def test_connections_and_transit_gateways_that_exist(aws, collect):
    ec2 = aws("ec2")
    ec2.create_transit_gateway(Options={"AutoAcceptSharedAttachments": "enable"})
    (gateway,) = collect("vpn.transit_gateways")
    assert gateway.accepts_by_itself == "enable"
    customer = ec2.create_customer_gateway(Type="ipsec.1", PublicIp="203.0.113.12", BgpAsn=65000)
    vpn = ec2.create_vpn_gateway(Type="ipsec.1")["VpnGateway"]["VpnGatewayId"]
    ec2.create_vpn_connection(
        Type="ipsec.1", CustomerGatewayId=customer["CustomerGateway"]["CustomerGatewayId"], VpnGatewayId=vpn
    )
    (connection,) = collect("vpn.connections")
    assert connection.name.startswith("vpn-")
    assert collect.failures == []


def test_a_client_vpn_endpoint():
    raw = {
        "ClientVpnEndpointId": "cvpn-endpoint-1",
        "ConnectionLogOptions": {"Enabled": True, "CloudwatchLogGroup": "vpn"},
        "AuthenticationOptions": [{"Type": "certificate-authentication", "MutualAuthentication": {}}],
    }
    assert client_vpn_endpoint_from_api(raw) == {
        "Id": "cvpn-endpoint-1",
        "ConnectionLogOptions": {"Enabled": True, "CloudwatchLogGroup": "vpn"},
        "AuthenticationOptions": [{"Type": "certificate-authentication"}],
        "Tags": [],
    }
