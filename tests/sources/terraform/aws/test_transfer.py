from koban.model.aws.transfer import Connector, Server

ROLE = "arn:aws:iam::111122223333:role/transfer-log"


def test_a_server(twins):
    twins(
        "aws_transfer_server",
        {
            "protocols": ["SFTP", "FTP"],
            "endpoint_type": "VPC",
            "logging_role": ROLE,
            "structured_log_destinations": ["arn:aws:logs:eu-west-1:111122223333:log-group:transfer:*"],
            "security_policy_name": "TransferSecurityPolicy-2024-01",
        },
        Server,
        {
            "Protocols": ["SFTP", "FTP"],
            "EndpointType": "VPC",
            "LoggingRole": ROLE,
            "StructuredLogDestinations": ["arn:aws:logs:eu-west-1:111122223333:log-group:transfer:*"],
            "SecurityPolicyName": "TransferSecurityPolicy-2024-01",
        },
    )
    twins("aws_transfer_server", {}, Server, {})


def test_a_connector(twins):
    twins(
        "aws_transfer_connector",
        {"url": "https://partner.example.com", "logging_role": ROLE},
        Connector,
        {"Url": "https://partner.example.com", "LoggingRole": ROLE},
    )
    twins("aws_transfer_connector", {"url": "sftp://partner"}, Connector, {"Url": "sftp://partner"})
