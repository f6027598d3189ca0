import pytest

from koban.model.aws.vpn import ClientVpnEndpoint, TransitGateway, VpnConnection
from koban.model.unknown import Unknown

GAP = Unknown("var.x", "it has no default")
LOG = {"cloudwatch_log_options": [{"log_enabled": True, "log_group_arn": "arn:log"}]}
LOGGED = {"LogOptions": {"CloudwatchLogOptions": {"LogEnabled": True, "LogGroupArn": "arn:log"}}}


@pytest.mark.parametrize(
    ("source", "body", "cls", "code"),
    [
        (
            "aws_vpn_connection",
            {
                "tunnel1_ike_versions": ["ikev2"],
                "tunnel1_phase1_dh_group_numbers": [2, 20],
                "tunnel1_log_options": [LOG],
                "tunnel2_ike_versions": ["ikev1", "ikev2"],
                "tunnel2_log_options": [{}],
            },
            VpnConnection,
            {
                "VpnTunnelOptionsSpecifications": [
                    {
                        **LOGGED,
                        "IKEVersions": [{"Value": "ikev2"}],
                        "Phase1DHGroupNumbers": [{"Value": 2}, {"Value": 20}],
                    },
                    {"LogOptions": {}, "IKEVersions": [{"Value": "ikev1"}, {"Value": "ikev2"}]},
                ]
            },
        ),
        (  # the other tunnel is there as well, with its defaults
            "aws_vpn_connection",
            {"tunnel2_log_options": [LOG]},
            VpnConnection,
            {"VpnTunnelOptionsSpecifications": [{}, LOGGED]},
        ),
        ("aws_vpn_connection", {"tunnel1_ike_versions": []}, VpnConnection, {}),
        (
            "aws_ec2_client_vpn_endpoint",
            {
                "vpc_id": "vpc-1",
                "connection_log_options": [{"enabled": True, "cloudwatch_log_group": "vpn"}],
                "authentication_options": [
                    {"type": "certificate-authentication", "root_certificate_chain_arn": "arn:c"},
                    {"type": "federated-authentication", "saml_provider_arn": "arn:s"},
                ],
            },
            ClientVpnEndpoint,
            {
                "VpcId": "vpc-1",
                "ConnectionLogOptions": {"Enabled": True, "CloudwatchLogGroup": "vpn"},
                "AuthenticationOptions": [{"Type": "certificate-authentication"}, {"Type": "federated-authentication"}],
            },
        ),
        ("aws_ec2_client_vpn_endpoint", {}, ClientVpnEndpoint, {}),
        (
            "aws_ec2_transit_gateway",
            {"auto_accept_shared_attachments": "enable"},
            TransitGateway,
            {"AutoAcceptSharedAttachments": "enable"},
        ),
        ("aws_ec2_transit_gateway", {}, TransitGateway, {}),
    ],
)
def test_twins(twins, source, body, cls, code):
    twins(source, body, cls, code)


def test_versions_that_are_not_known_stay(document):
    first, second = document("aws_vpn_connection", {"tunnel1_ike_versions": GAP, "tunnel2_ike_versions": [GAP]})[
        "VpnTunnelOptionsSpecifications"
    ]
    assert first["IKEVersions"] is GAP
    assert second["IKEVersions"] == [{"Value": GAP}]
