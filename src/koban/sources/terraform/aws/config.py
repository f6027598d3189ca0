"""AWS Config."""

from __future__ import annotations

from koban.model.aws.config import DeliveryChannel, Recorder
from koban.sources.terraform.mapping import arg, block, folds, maps

maps(
    "aws_config_configuration_recorder",
    Recorder,
    Name=arg("name", default="default"),
    RoleARN="role_arn",
    RecordingGroup=block(
        "recording_group",
        AllSupported=arg("all_supported", default=True),
        IncludeGlobalResourceTypes="include_global_resource_types",
        ResourceTypes="resource_types",
        ExclusionByResourceTypes=block("exclusion_by_resource_types", ResourceTypes="resource_types"),
        RecordingStrategy=block("recording_strategy", UseOnly="use_only"),
    ),
)
folds("aws_config_configuration_recorder_status", Recorder, "name", Recording="is_enabled")
maps(
    "aws_config_delivery_channel",
    DeliveryChannel,
    Name=arg("name", default="default"),
    S3BucketName="s3_bucket_name",
    S3KmsKeyArn="s3_kms_key_arn",
    SnsTopicARN="sns_topic_arn",
)
