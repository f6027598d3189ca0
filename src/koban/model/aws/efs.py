"""Amazon EFS."""

from __future__ import annotations

from typing import Any

from koban.model.aws.policy import Policy, Statement, policy
from koban.model.resource import Resource, derived, field, link, links, referring
from koban.model.unknown import Unknown

THROUGH_MOUNT_TARGET = "elasticfilesystem:accessedviamounttarget"


class FileSystem(
    Resource,
    type="AWS::EFS::FileSystem",
    ids="FileSystemId",
    arn="arn:{partition}:elasticfilesystem:{region}:{account}:file-system/{FileSystemId}",
):
    """An EFS file system."""

    encrypted: bool = field("Encrypted", False, "Whether it is encrypted")
    key: Any = link("KmsKeyId", "AWS::KMS::Key", "The KMS key")
    backups: str = field("BackupPolicy.Status", "DISABLED", "ENABLED, or not: automatic daily backups")
    policy: Policy = policy("FileSystemPolicy", "Who may mount it; none: everyone who reaches a mount target")
    zone: str = field("AvailabilityZoneName", "", "The one zone it is in; empty: several")
    protections: tuple[Any, ...] = referring("Koban::Backup::ProtectedResource", "resource", "Backups by AWS Backup")
    mount_targets: tuple[Any, ...] = referring("AWS::EFS::MountTarget", "file_system", "Where it can be mounted")

    @derived
    def public(self) -> bool:
        """Whether its policy lets in anyone, even those who do not come through a mount target in the VPC."""
        return any(s.allows and s.anyone and not s.narrowed and not mounted(s) for s in self.policy.statements)

    @property
    def tags(self) -> dict[str, str]:
        """Its tags; CloudFormation calls them otherwise than for other types."""
        return tags_of(self.document, "FileSystemTags")


def mounted(statement: Statement) -> bool:
    """Whether a statement holds only for clients that come through a mount target."""
    condition = statement.condition
    if isinstance(condition, Unknown):
        return bool(condition)
    return any(
        operator.startswith("Bool") and isinstance(keys, dict) and any(k.lower() == THROUGH_MOUNT_TARGET for k in keys)
        for operator, keys in condition.items()
    )


def tags_of(document: Any, name: str) -> dict[str, str]:
    """Tags that stand under a name of their own."""
    raw = document.get(name) if isinstance(document, dict) else None
    pairs = raw if isinstance(raw, list | tuple) else ()
    known = [one for one in pairs if isinstance(one, dict) and isinstance(one.get("Key"), str)]
    return {one["Key"]: one["Value"] for one in known if isinstance(one.get("Value"), str)}


class AccessPoint(
    Resource,
    type="AWS::EFS::AccessPoint",
    ids="AccessPointId",
    arn="arn:{partition}:elasticfilesystem:{region}:{account}:access-point/{AccessPointId}",
):
    """A door into a file system, for one application."""

    root: str = field("RootDirectory.Path", "/", "The directory that clients see as the root")
    uid_enforced: str = field("PosixUser.Uid", "", "The user that all clients act as; empty: whom they say they are")

    @property
    def tags(self) -> dict[str, str]:
        """Its tags; CloudFormation calls them otherwise than for other types."""
        return tags_of(self.document, "AccessPointTags")


class MountTarget(
    Resource,
    type="AWS::EFS::MountTarget",
    ids="Id",
    arn="arn:{partition}:elasticfilesystem:{region}:{account}:mount-target/{Id}",
):
    """An address in a subnet under which a file system can be mounted."""

    file_system: Any = link("FileSystemId", "AWS::EFS::FileSystem", "The file system")
    subnet: Any = link("SubnetId", "AWS::EC2::Subnet", "The subnet it is in")
    security_groups: Any = links("SecurityGroups", "AWS::EC2::SecurityGroup", "Its firewalls")
