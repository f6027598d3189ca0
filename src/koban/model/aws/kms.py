"""AWS Key Management Service."""

from __future__ import annotations

from koban.model.aws.policy import Policy, policy
from koban.model.resource import Resource, age, as_fact, derived, fact, field


class Key(
    Resource, type="AWS::KMS::Key", ids="KeyId Aliases", arn="arn:{partition}:kms:{region}:{account}:key/{KeyId}"
):
    """A KMS key."""

    rotation: bool = field("EnableKeyRotation", False, "New key material is made every period")
    rotation_days: int = field("RotationPeriodInDays", 365, "Days between rotations")
    enabled: bool = field("Enabled", True, "It can be used")
    policy: Policy = policy("KeyPolicy", "Who may do what with it; absent: the account decides in IAM")
    spec: str = field("KeySpec", "SYMMETRIC_DEFAULT", "The kind of key material")
    usage: str = field("KeyUsage", "ENCRYPT_DECRYPT", "What it may be used for")
    origin: str = field("Origin", "AWS_KMS", "Where its material comes from: AWS_KMS, EXTERNAL, AWS_CLOUDHSM, ...")
    multi_region: bool = field("MultiRegion", False, "It has, or may have, copies in other regions")
    state: str = fact("KeyState", "Enabled", "Enabled, Disabled, PendingDeletion, ...")
    manager: str = fact("KeyManager", "CUSTOMER", "CUSTOMER, or AWS: made and rotated by an AWS service")
    aliases: tuple[str, ...] = fact("Aliases", (), "Its other names, and their ARNs")
    material_expired_days: float = as_fact(
        age("ValidTo", "Days since imported key material expired; negative: days it still has")
    )

    @derived
    def rotatable(self) -> bool:
        """Whether KMS can rotate it by itself and the customer decides whether it does."""
        return (
            self.manager == "CUSTOMER"
            and self.spec == "SYMMETRIC_DEFAULT"
            and self.usage == "ENCRYPT_DECRYPT"
            and self.origin == "AWS_KMS"
            and self.enabled
        )


class ReplicaKey(
    Resource,
    type="AWS::KMS::ReplicaKey",
    template_only=True,
    ids="KeyId",
    arn="arn:{partition}:kms:{region}:{account}:key/{KeyId}",
):
    """A copy of a multi-Region key that a template makes in another region."""

    policy: Policy = policy("KeyPolicy", "Who may do what with it")
