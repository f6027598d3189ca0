"""AWS Config."""

from __future__ import annotations

from typing import Any

from koban.model.resource import Part, Resource, derived, fact, field, link, part

IDENTITIES = ("AWS::IAM::User", "AWS::IAM::Group", "AWS::IAM::Role", "AWS::IAM::Policy")


class RecordingGroup(Part):
    """Which resource types are recorded."""

    all_supported: bool = field("AllSupported", False, "Whether every supported regional type is recorded")
    include_global: bool = field("IncludeGlobalResourceTypes", False, "Whether IAM is recorded too")
    strategy: str = field(
        "RecordingStrategy.UseOnly", "", "ALL_SUPPORTED_RESOURCE_TYPES, or only, or all but, the types listed"
    )
    types: tuple[str, ...] = field("ResourceTypes", (), "The only types that are recorded")
    excluded: tuple[str, ...] = field("ExclusionByResourceTypes.ResourceTypes", (), "The types that are left out")


class Recorder(Resource, type="AWS::Config::ConfigurationRecorder", ids="Name"):
    """What AWS Config records in one region."""

    role_arn: str = field("RoleARN", "", "The role with which it reads the account")
    group: RecordingGroup = part("RecordingGroup", RecordingGroup, "Which resource types are recorded")
    recording: bool = fact("Recording", True, "Whether it records now")
    last_status: str = fact("LastStatus", "SUCCESS", "How the last recording ended: PENDING, SUCCESS or FAILURE")

    @derived
    def records_all(self) -> bool:
        """Whether every supported type of the region is recorded, as where nothing is said."""
        if not self.group:
            return True
        return self.group.all_supported or self.group.strategy == "ALL_SUPPORTED_RESOURCE_TYPES"

    @derived
    def records_identities(self) -> bool:
        """Whether users, groups, roles and policies of IAM are recorded."""
        if self.group.strategy == "EXCLUSION_BY_RESOURCE_TYPES":
            return not any(name in self.group.excluded for name in IDENTITIES)
        return self.group.include_global or all(name in self.group.types for name in IDENTITIES)

    @derived
    def service_linked(self) -> bool:
        """Whether it works with the role that AWS made for it."""
        return self.role_arn.endswith("/AWSServiceRoleForConfig")


class DeliveryChannel(Resource, type="AWS::Config::DeliveryChannel", ids="Name"):
    """Where AWS Config sends what it records."""

    bucket: Any = link("S3BucketName", "AWS::S3::Bucket", "The bucket that gets it")
    key_arn: str = field("S3KmsKeyArn", "", "The KMS key that it is encrypted with; empty: the bucket's default")
    topic_arn: str = field("SnsTopicARN", "", "The topic that is told of changes")
    last_error: str = fact("LastDeliveryError", "", "The error code of the last delivery; empty: it worked")
