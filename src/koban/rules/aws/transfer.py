"""Posture rules for AWS Transfer Family."""

from __future__ import annotations

from koban.model.aws.transfer import Connector, Server
from koban.model.rule import rule
from koban.model.unknown import Unknown


@rule("medium", Server, "aws-fsbp:Transfer.2", "nist-csf-2.0:PR.DS-02")
def transfer_server_ftp(server: Server) -> bool:
    """This file transfer server speaks FTP, which encrypts nothing.

    Why: whoever listens in the network reads passwords and files, and can change them.
    Fix: take FTP out of Protocols; use SFTP, FTPS or AS2.
    """
    return any(protocol == "FTP" for protocol in server.protocols)


transfer_server_ftp.cases(
    bad=[{"Protocols": ["FTP"]}, {"Protocols": ["SFTP", "FTP"]}],
    good=[{}, {"Protocols": ["SFTP", "FTPS"]}],
    unknown=[{"Protocols": Unknown("Protocols", "parameter Protocols has no default")}],
)


@rule("medium", Server, "nist-csf-2.0:PR.IR-01")
def transfer_server_public(server: Server) -> bool:
    """This file transfer server answers the whole internet, and no security group can limit it.

    Why: a public endpoint has no security group, so everyone can try to sign in.
    Fix: set EndpointType to VPC, with a security group that names the partners' networks.
    """
    return server.endpoint == "PUBLIC"


transfer_server_public.cases(bad=[{}, {"EndpointType": "PUBLIC"}], good=[{"EndpointType": "VPC"}])


@rule("medium", Server, "nist-csf-2.0:PR.PS-04", "nist-csf-2.0:DE.CM-03")
def transfer_server_unlogged(server: Server) -> bool:
    """Who signs in to this file transfer server, and what they move, is not logged.

    Why: files that left or came in cannot be traced to anyone.
    Fix: set StructuredLogDestinations, or a LoggingRole.
    """
    return not server.logs


transfer_server_unlogged.cases(
    bad=[{}],
    good=[
        {"LoggingRole": "arn:aws:iam::111122223333:role/transfer-log"},
        {"StructuredLogDestinations": ["arn:aws:logs:eu-west-1:111122223333:log-group:transfer:*"]},
    ],
)


@rule("medium", Server, "nist-csf-2.0:PR.DS-02")
def transfer_server_algorithms_outdated(server: Server) -> bool:
    """This file transfer server takes algorithms that are no longer safe.

    Why: old security policies allow SHA-1 and weak key exchanges by which a connection can be attacked.
    Fix: set SecurityPolicyName to a recent policy, such as TransferSecurityPolicy-2024-01.
    """
    return server.policy_outdated


transfer_server_algorithms_outdated.cases(
    bad=[{}, {"SecurityPolicyName": "TransferSecurityPolicy-2020-06"}],
    good=[
        {"SecurityPolicyName": "TransferSecurityPolicy-2024-01"},
        {"SecurityPolicyName": "TransferSecurityPolicy-FIPS-2024-01"},
    ],
)


@rule("medium", Connector, "aws-fsbp:Transfer.3", "nist-csf-2.0:PR.PS-04")
def transfer_connector_unlogged(connector: Connector) -> bool:
    """What this connector sends to the partner is not logged.

    Why: files that left cannot be traced, and failures go unnoticed.
    Fix: set LoggingRole to a role that may write to CloudWatch Logs.
    """
    return not connector.logging_role


transfer_connector_unlogged.cases(
    bad=[{"Url": "https://partner.example.com"}], good=[{"LoggingRole": "arn:aws:iam::111122223333:role/transfer-log"}]
)
