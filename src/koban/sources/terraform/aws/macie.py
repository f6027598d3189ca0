"""Amazon Macie."""

from __future__ import annotations

from koban.model.aws.macie import MacieSession
from koban.sources.terraform.mapping import maps

maps(
    "aws_macie2_account",
    MacieSession,
    AwsAccountId="id",
    Status="status",
    lacks={"AutomatedDiscoveryStatus": "the provider has no argument for it"},
)
