from koban.model.aws.firehose import DeliveryStream
from koban.model.unknown import Unknown
from koban.sources.aws.firehose import delivery_stream_from_api


def test_a_delivery_stream(aws, collect):
    aws("firehose").create_delivery_stream(
        DeliveryStreamName="d",
        S3DestinationConfiguration={"RoleARN": "arn:aws:iam::123456789012:role/r", "BucketARN": "arn:aws:s3:::b"},
    )
    (found,) = collect("firehose.delivery_streams")
    assert (found.uid, found.source) == ("arn:aws:firehose:eu-west-1:123456789012:deliverystream/d", "DirectPut")
    assert found.key_type == ""
    assert collect.failures == []


def test_the_api_and_a_template_tell_the_same_stream():
    encryption = {"KeyARN": "k", "KeyType": "CUSTOMER_MANAGED_CMK", "Status": "ENABLED"}
    raw = {"DeliveryStreamType": "DirectPut", "DeliveryStreamEncryptionConfiguration": encryption}
    api = DeliveryStream(delivery_stream_from_api("d", raw))
    wanted = {"KeyARN": "k", "KeyType": "CUSTOMER_MANAGED_CMK"}
    template = DeliveryStream({"DeliveryStreamName": "d", "DeliveryStreamEncryptionConfigurationInput": wanted})
    assert (api.key_type, api.source) == (template.key_type, template.source)


def test_a_stream_that_may_not_be_described():
    denied = Unknown("x", "AccessDenied firehose:DescribeDeliveryStream")
    assert isinstance(DeliveryStream(delivery_stream_from_api("d", denied)).key_type, Unknown)
