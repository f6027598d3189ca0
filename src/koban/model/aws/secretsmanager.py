"""AWS Secrets Manager."""

from __future__ import annotations

from typing import Any

from koban.model.aws.policy import Policy, policy
from koban.model.resource import Resource, age, as_fact, derived, fact, field, link, referring


class Secret(Resource, type="AWS::SecretsManager::Secret", ids="Name Id", arn="{Id}"):
    """A secret, never its value."""

    key: Any = link("KmsKeyId", "AWS::KMS::Key", "The key that it is encrypted with; absent: aws/secretsmanager")
    key_id: str = field("KmsKeyId", "", "What the key is called; empty: the key of AWS, aws/secretsmanager")
    value_in_template: str = field("SecretString", "", "The value that a template sets; never read from an account")
    made_by: str = fact("OwningService", "", "The AWS service that made it and looks after it")
    created_days: float = as_fact(age("CreatedDate", "Days since it was made"))
    accessed_days: float = as_fact(age("LastAccessedDate", "Days since its value was read; -1: never"))
    rotated_days: float = as_fact(age("LastRotatedDate", "Days since it was rotated; -1: never"))
    changed_days: float = as_fact(age("LastChangedDate", "Days since it was changed in any way"))
    overdue_days: float = as_fact(age("NextRotationDate", "Days since it should have been rotated; negative: to come"))
    schedules: tuple[RotationSchedule, ...] = referring(
        "AWS::SecretsManager::RotationSchedule", "secret", "When it is rotated; none: never"
    )
    attachments: tuple[SecretAttachment, ...] = referring(
        "AWS::SecretsManager::SecretTargetAttachment", "secret", "What ties it to a database, in templates"
    )
    policies: tuple[SecretPolicy, ...] = referring(
        "AWS::SecretsManager::ResourcePolicy", "secret", "Its own policy, if it has one"
    )

    @derived
    def is_rotated(self) -> bool:
        """Whether it has a schedule; templates often put that on the attachment of a database."""
        return bool(self.schedules) or any(one.schedules for one in self.attachments)

    @derived
    def idle_days(self) -> float:
        """Days since its value was read; where it never was, since it was made."""
        return self.created_days if self.accessed_days == -1 else self.accessed_days

    @derived
    def value_days(self) -> float:
        """Days since its value was rotated; where it never was, since it was made."""
        return self.created_days if self.rotated_days == -1 else self.rotated_days


class RotationSchedule(Resource, type="AWS::SecretsManager::RotationSchedule", ids="SecretId"):
    """When a secret is rotated."""

    secret: Any = link("SecretId", "AWS::SecretsManager::Secret", "The secret")
    attachment: Any = link("SecretId", "AWS::SecretsManager::SecretTargetAttachment", "The secret, named by its tie")
    days: int = field("RotationRules.AutomaticallyAfterDays", 0, "Days between rotations; 0: another kind of schedule")


class SecretAttachment(Resource, type="AWS::SecretsManager::SecretTargetAttachment", template_only=True, ids="Id"):
    """What writes a database's address into its secret; its reference stands for the secret."""

    secret: Any = link("SecretId", "AWS::SecretsManager::Secret", "The secret")
    schedules: tuple[RotationSchedule, ...] = referring(
        "AWS::SecretsManager::RotationSchedule", "attachment", "When the secret is rotated"
    )


class SecretPolicy(Resource, type="AWS::SecretsManager::ResourcePolicy", ids="SecretId"):
    """Who may do what with a secret, beside what IAM says."""

    secret: Any = link("SecretId", "AWS::SecretsManager::Secret", "The secret")
    policy: Policy = policy("ResourcePolicy", "Who may do what")
