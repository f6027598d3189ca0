import json

from koban.model.aws.cloudtrail import EventDataStore, Trail
from koban.model.estate import MemoryEstate
from koban.model.unknown import Unknown
from koban.sources.aws.cloudtrail import event_data_store_from_api, trail_from_api


def made(aws, name="main", region="eu-west-1", **more):
    s3 = aws("s3", "us-east-1")
    s3.create_bucket(Bucket="the-logs")
    trail = aws("cloudtrail", region)
    trail.create_trail(Name=name, S3BucketName="the-logs", **more)
    return trail


def test_a_trail_of_all_regions_is_read_once_with_its_status_and_selectors(aws, collect):
    trail = made(aws, IsMultiRegionTrail=True, EnableLogFileValidation=True)
    trail.start_logging(Name="main")
    trail.put_event_selectors(
        TrailName="main",
        EventSelectors=[
            {"ReadWriteType": "All", "DataResources": [{"Type": "AWS::S3::Object", "Values": ["arn:aws:s3"]}]}
        ],
    )
    (found,) = collect("cloudtrail.trails_of_all_regions")
    (bucket,) = collect("s3.buckets")
    MemoryEstate([found, bucket])
    assert collect("cloudtrail.trails_of_one_region") == []
    assert found.uid == "arn:aws:cloudtrail:eu-west-1:123456789012:trail/main"
    assert found.region == "eu-west-1"
    assert found.covers_account
    assert found.validated
    assert found.own
    assert found.touches_objects("read")
    assert found.bucket is bucket
    assert collect.failures == []


def test_a_trail_of_one_region(aws, collect):
    made(aws)
    assert collect("cloudtrail.trails_of_all_regions") == []
    (found,) = collect("cloudtrail.trails_of_one_region")
    assert not found.logging
    assert not found.multi_region
    assert collect("cloudtrail.trails_of_one_region", "us-east-1") == []


def test_the_api_and_a_template_tell_the_same_trail():
    live = trail_from_api(
        {
            "Name": "t",
            "S3BucketName": "b",
            "IncludeGlobalServiceEvents": True,
            "IsMultiRegionTrail": True,
            "HomeRegion": "eu-west-1",
            "TrailARN": "arn:aws:cloudtrail:eu-west-1:111122223333:trail/t",
            "LogFileValidationEnabled": True,
            "KmsKeyId": "k",
            "IsOrganizationTrail": False,
        },
        {"IsLogging": True},
        {"TrailARN": "...", "EventSelectors": [{"ReadWriteType": "All", "IncludeManagementEvents": True}]},
    )
    code = {
        "TrailName": "t",
        "S3BucketName": "b",
        "IsMultiRegionTrail": "true",
        "IsLogging": "true",
        "EnableLogFileValidation": True,
        "KMSKeyId": "k",
        "EventSelectors": [{}],
    }
    api, template = Trail(live), Trail(code)
    MemoryEstate([api, template])
    for name in set(Trail.fields) - {"selectors", "key", "bucket"}:
        assert getattr(api, name) == getattr(template, name), name
    assert api.covers_account
    assert template.covers_account


def test_denied_status_is_unknown():
    denied = Unknown("cloudtrail:GetTrailStatus", "AccessDenied cloudtrail:GetTrailStatus")
    assert isinstance(Trail(trail_from_api({"Name": "t"}, denied, {})).logging, Unknown)


def test_an_event_data_store():
    store = EventDataStore(
        event_data_store_from_api(
            {
                "EventDataStoreArn": "arn:aws:cloudtrail:eu-west-1:111122223333:eventdatastore/1",
                "Name": "s",
                "RetentionPeriod": 90,
                "TerminationProtectionEnabled": True,
                "CreatedTimestamp": "2024-01-01T00:00:00+00:00",
            }
        )
    )
    assert (store.name, store.retention_days, store.key_id, store.protected) == ("s", 90, "", True)
    assert json.dumps(store.document)
