from koban.model.aws.transfer import Server
from koban.sources.aws.transfer import server_from_api


def test_a_server(aws, collect):
    made = aws("transfer").create_server(Protocols=["SFTP", "FTP"], EndpointType="PUBLIC")
    (server,) = collect("transfer.servers")
    assert server.uid.endswith(f":server/{made['ServerId']}")
    assert server.protocols == ("SFTP", "FTP")
    assert server.endpoint == "PUBLIC"
    assert not server.logs
    assert collect.failures == []


def test_a_live_server_and_its_template_are_twins():
    settings = {"Protocols": ["SFTP"], "EndpointType": "VPC", "SecurityPolicyName": "TransferSecurityPolicy-2024-01"}
    live = server_from_api({**settings, "ServerId": "s-1", "State": "ONLINE", "UserCount": 3})
    assert Server(live) == Server({**settings, "ServerId": "s-1", "Tags": []})
    assert not Server(live).policy_outdated
    assert Server({"SecurityPolicyName": "TransferSecurityPolicy-FIPS-2020-06"}).policy_outdated


def test_a_connector(answered):
    answers = {
        "transfer:ListConnectors": {"Connectors": [{"ConnectorId": "c-1", "Arn": "a"}]},
        "transfer:DescribeConnector": {"Connector": {"ConnectorId": "c-1", "Arn": "a", "Url": "sftp://partner"}},
    }
    (connector,) = answered("transfer.connectors", answers)
    assert connector.url == "sftp://partner"
    assert connector.logging_role == ""
