"""AWS Transfer Family."""

from __future__ import annotations

from koban.model.resource import Resource, derived, field
from koban.model.unknown import Unknown

# Security policies carry the month they were made in their names; those from before this one still take SHA-1.
POLICY_MONTH_MIN = "2022-03"


class Server(
    Resource,
    type="AWS::Transfer::Server",
    ids="ServerId",
    arn="arn:{partition}:transfer:{region}:{account}:server/{ServerId}",
):
    """A file transfer server."""

    protocols: tuple[str, ...] = field("Protocols", ("SFTP",), "SFTP, FTPS, FTP or AS2")
    endpoint: str = field("EndpointType", "PUBLIC", "PUBLIC, VPC or VPC_ENDPOINT")
    logging_role: str = field("LoggingRole", "", "The role by which it logs to CloudWatch")
    log_groups: tuple[str, ...] = field("StructuredLogDestinations", (), "Log groups of its structured log")
    security_policy: str = field(
        "SecurityPolicyName", "TransferSecurityPolicy-2018-11", "The algorithms that it takes, by name and month"
    )

    @derived
    def logs(self) -> bool:
        """Whether it logs anywhere."""
        return bool(self.logging_role) or bool(self.log_groups)

    @derived
    def policy_outdated(self) -> bool:
        """Whether its security policy allows algorithms that are no longer safe."""
        name = self.security_policy
        if isinstance(name, Unknown):
            return bool(name._child(" is outdated"))
        month = "-".join(name.split("-")[-2:])
        return month[:2] == "20" and month < POLICY_MONTH_MIN


class Connector(
    Resource,
    type="AWS::Transfer::Connector",
    ids="ConnectorId",
    arn="arn:{partition}:transfer:{region}:{account}:connector/{ConnectorId}",
):
    """A connector: sends files to a partner's server."""

    url: str = field("Url", "", "The address of the partner's server")
    logging_role: str = field("LoggingRole", "", "The role by which it logs to CloudWatch")
