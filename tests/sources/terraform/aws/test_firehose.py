import pytest

from koban.model.aws.firehose import DeliveryStream
from koban.model.unknown import Maybe, OpenList, Unknown

TYPE = "aws_kinesis_firehose_delivery_stream"
INPUT = "DeliveryStreamEncryptionConfigurationInput"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, {}),
        ({"kinesis_source_configuration": [{"role_arn": "r"}]}, {"DeliveryStreamType": "KinesisStreamAsSource"}),
        ({"msk_source_configuration": [{"topic_name": "t"}]}, {"DeliveryStreamType": "MSKAsSource"}),
        ({"kinesis_source_configuration": [], "msk_source_configuration": []}, {}),
        ({"server_side_encryption": [{"enabled": True}]}, {INPUT: {"KeyType": "AWS_OWNED_CMK"}}),
        (
            {"server_side_encryption": [{"enabled": True, "key_type": "CUSTOMER_MANAGED_CMK", "key_arn": "k"}]},
            {INPUT: {"KeyType": "CUSTOMER_MANAGED_CMK", "KeyARN": "k"}},
        ),
        ({"server_side_encryption": [{"enabled": False, "key_type": "AWS_OWNED_CMK"}]}, {}),
        ({"server_side_encryption": [{}]}, {}),
    ],
)
def test_a_stream(twins, body, code):
    twins(TYPE, {"name": "s", **body}, DeliveryStream, code)


def test_encryption_that_is_not_known_stays_so(document):
    unknown = Unknown("var.encrypted", "no default")
    assert document(TYPE, {"server_side_encryption": [{"enabled": unknown}]})[INPUT] is unknown
    kind = document(TYPE, {"server_side_encryption": [{"enabled": True, "key_type": unknown}]})[INPUT]["KeyType"]
    assert isinstance(kind, Unknown)
    assert kind
    maybe = OpenList([Maybe("server_side_encryption", "var.on has no default", ({"enabled": True},))])
    assert isinstance(document(TYPE, {"server_side_encryption": maybe})[INPUT], Unknown)


def test_a_source_that_may_be_there(document):
    maybe = OpenList([Maybe("kinesis_source_configuration", "var.on has no default", ({"role_arn": "r"},))])
    for given in (maybe, Unknown("kinesis_source_configuration", "no default")):
        assert isinstance(document(TYPE, {"kinesis_source_configuration": given})["DeliveryStreamType"], Unknown)
