"""AWS Systems Manager."""

from __future__ import annotations

from typing import Any

from koban.model.aws.secret_names import PLAIN, holds_secret
from koban.model.resource import Resource, age, derived, fact, field, link
from koban.model.unknown import Unknown


class Parameter(
    Resource, type="AWS::SSM::Parameter", ids="Name", arn="arn:{partition}:ssm:{region}:{account}:parameter/{Name}"
):
    """A parameter of Parameter Store.  Live values are never read."""

    parameter: str = field("Name", "", "Its name or path")
    kind: str = field("Type", "String", "String, StringList or SecureString; templates cannot make the last")
    value: str = field("Value", "", "Its value, in a template")
    key_id: str = fact("KeyId", "", "The key of a SecureString, as an id, ARN or alias")
    tier: str = field("Tier", "Standard", "Standard, Advanced or Intelligent-Tiering")

    @derived
    def plain_secret(self) -> bool:
        """Whether it looks like a secret and is kept in plain text."""
        if self.kind == "SecureString":
            return False
        value: Any = self.value
        if not isinstance(value, Unknown) and value == "":
            value = PLAIN
        return bool(holds_secret(self.parameter, value))


class Document(
    Resource, type="AWS::SSM::Document", ids="Name", arn="arn:{partition}:ssm:{region}:{account}:document/{Name}"
):
    """A document of your own: what Systems Manager may do on instances or in the account."""

    kind: str = field("DocumentType", "Command", "Command, Automation, Session, ...")
    shared_with: tuple[str, ...] = fact("SharedWith", (), "Account ids that may use it; all: everyone")


class ManagedInstance(
    Resource,
    type="Koban::SSM::ManagedInstance",
    ids="InstanceId",
    arn="arn:{partition}:ssm:{region}:{account}:managed-instance/{InstanceId}",
):
    """A machine, in EC2 or elsewhere, that Systems Manager manages."""

    instance: Any = link("InstanceId", "AWS::EC2::Instance", "The EC2 instance, where it is one")
    ping: str = field("PingStatus", "", "Online, ConnectionLost or Inactive")
    ping_days: float = age("LastPingDateTime", "Days since its agent was last heard")
    agent_current: bool = field("IsLatestVersion", True, "Whether its agent is the newest")
    patches: str = field("PatchCompliance", "", "COMPLIANT, NON_COMPLIANT; empty: never scanned")
    associations: str = field("AssociationCompliance", "", "COMPLIANT, NON_COMPLIANT; empty: none applied")


class Settings(
    Resource, type="Koban::SSM::Settings", ids="Region", arn="arn:{partition}:ssm:{region}:{account}:servicesetting"
):
    """What Systems Manager is set to do in one region."""

    public_sharing: str = field("PublicSharing", "Enable", "Enable: documents may be shared with everyone; Disable")
    automation_log: str = field("AutomationLogDestination", "", "CloudWatch, or empty: script output is not kept")
    session_log_group: str = field("SessionPreferences.cloudWatchLogGroupName", "", "Log group of shell sessions")
    session_bucket: str = field("SessionPreferences.s3BucketName", "", "Bucket of shell sessions' logs")
    session_key: str = field("SessionPreferences.kmsKeyId", "", "The key by which sessions are encrypted beside TLS")
