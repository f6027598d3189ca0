from koban.engines.posture import judge
from koban.model.aws.config import DeliveryChannel, Recorder
from koban.model.unknown import Unknown
from koban.rules.aws.config import config_recorder_partial

OPEN = Unknown("var.x", "variable x has no default")


def test_a_recorder(twins):
    twins(
        "aws_config_configuration_recorder",
        {
            "role_arn": "r",
            "recording_group": [
                {
                    "all_supported": False,
                    "include_global_resource_types": False,
                    "resource_types": ["AWS::EC2::Instance"],
                    "exclusion_by_resource_types": [{"resource_types": ["AWS::IAM::User"]}],
                    "recording_strategy": [{"use_only": "EXCLUSION_BY_RESOURCE_TYPES"}],
                }
            ],
        },
        Recorder,
        {
            "RoleARN": "r",
            "RecordingGroup": {
                "AllSupported": False,
                "IncludeGlobalResourceTypes": False,
                "ResourceTypes": ["AWS::EC2::Instance"],
                "ExclusionByResourceTypes": {"ResourceTypes": ["AWS::IAM::User"]},
                "RecordingStrategy": {"UseOnly": "EXCLUSION_BY_RESOURCE_TYPES"},
            },
        },
    )
    twins("aws_config_configuration_recorder", {"role_arn": "r"}, Recorder, {"RoleARN": "r"})


def test_a_recording_group_records_all_unless_it_says_otherwise(document):
    def verdict(group):
        made = document("aws_config_configuration_recorder", {"role_arn": "r", "recording_group": group})
        return judge(config_recorder_partial, Recorder(made)).verdict

    assert verdict([{}]) == verdict([{"include_global_resource_types": True}]) == "pass"
    assert verdict([{"all_supported": False}]) == "fail"
    assert verdict([{"all_supported": OPEN}]) == "unknown"


def test_whether_a_recorder_records(document):
    body = {"name": "default", "is_enabled": False}
    assert document("aws_config_configuration_recorder_status", body) == {"Recording": False}
    assert document("aws_config_configuration_recorder", {"role_arn": "r"})["Name"] == "default"


def test_a_delivery_channel(twins):
    body = {"s3_bucket_name": "b", "s3_kms_key_arn": "k", "sns_topic_arn": "t"}
    code = {"S3BucketName": "b", "S3KmsKeyArn": "k", "SnsTopicARN": "t"}
    twins("aws_config_delivery_channel", body, DeliveryChannel, code)
    twins("aws_config_delivery_channel", {"s3_bucket_name": "b"}, DeliveryChannel, {"S3BucketName": "b"})
