from koban.model.aws.config import DeliveryChannel, Recorder
from koban.model.unknown import Unknown
from koban.sources.aws.config import delivery_channel_from_api, recorder_from_api


def test_a_recorder_that_runs_and_its_channel(aws, collect):
    config = aws("config")
    assert collect("config.recorders") == []
    role = "arn:aws:iam::123456789012:role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig"
    group = {"allSupported": True, "includeGlobalResourceTypes": True}
    config.put_configuration_recorder(
        ConfigurationRecorder={"name": "default", "roleARN": role, "recordingGroup": group}
    )
    aws("s3", "us-east-1").create_bucket(Bucket="records")
    config.put_delivery_channel(DeliveryChannel={"name": "default", "s3BucketName": "records"})
    config.start_configuration_recorder(ConfigurationRecorderName="default")
    (recorder,) = collect("config.recorders")
    (channel,) = collect("config.delivery_channels")
    assert recorder.recording
    assert recorder.records_all
    assert recorder.records_identities
    assert recorder.service_linked
    assert channel.document["S3BucketName"] == "records"
    assert [why for why in collect.failures if not why.startswith("NotEmulated")] == []


def test_the_api_and_a_template_tell_the_same_recorder():
    raw = {
        "name": "r",
        "roleARN": "a",
        "recordingGroup": {
            "allSupported": False,
            "includeGlobalResourceTypes": False,
            "resourceTypes": [],
            "exclusionByResourceTypes": {"resourceTypes": ["AWS::IAM::Role"]},
            "recordingStrategy": {"useOnly": "EXCLUSION_BY_RESOURCE_TYPES"},
        },
    }
    api = Recorder(recorder_from_api(raw, [{"name": "r", "recording": True, "lastStatus": "SUCCESS"}]))
    template = Recorder(
        {
            "Name": "r",
            "RoleARN": "a",
            "RecordingGroup": {
                "ExclusionByResourceTypes": {"ResourceTypes": ["AWS::IAM::Role"]},
                "RecordingStrategy": {"UseOnly": "EXCLUSION_BY_RESOURCE_TYPES"},
            },
        }
    )
    for name in ("records_all", "records_identities", "recording", "last_status", "role_arn"):
        assert getattr(api, name) == getattr(template, name), name
    assert not api.records_identities


def test_a_delivery_that_fails_and_one_that_may_not_be_asked():
    raw = {"name": "d", "s3BucketName": "b"}
    fine = {"name": "d", "configHistoryDeliveryInfo": {"lastStatus": "SUCCESS"}}
    assert DeliveryChannel(delivery_channel_from_api(raw, [fine])).last_error == ""
    failed = {"name": "d", "configHistoryDeliveryInfo": {"lastStatus": "FAILURE", "lastErrorCode": "AccessDenied"}}
    assert DeliveryChannel(delivery_channel_from_api(raw, [failed])).last_error == "AccessDenied"
    denied = Unknown("x", "AccessDenied config:DescribeDeliveryChannelStatus")
    assert isinstance(DeliveryChannel(delivery_channel_from_api(raw, denied)).last_error, Unknown)
