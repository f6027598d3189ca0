"""AWS Transfer Family."""

from __future__ import annotations

from koban.model.aws.transfer import Connector, Server
from koban.sources.terraform.mapping import maps

maps(
    "aws_transfer_server",
    Server,
    ServerId="id",
    Protocols="protocols",
    EndpointType="endpoint_type",
    LoggingRole="logging_role",
    StructuredLogDestinations="structured_log_destinations",
    SecurityPolicyName="security_policy_name",
)
maps("aws_transfer_connector", Connector, ConnectorId="connector_id", Url="url", LoggingRole="logging_role")
