"""Amazon Data Firehose."""

from __future__ import annotations

from koban.model.resource import Resource, field


class DeliveryStream(
    Resource,
    type="AWS::KinesisFirehose::DeliveryStream",
    ids="DeliveryStreamName",
    arn="arn:{partition}:firehose:{region}:{account}:deliverystream/{DeliveryStreamName}",
):
    """A Firehose stream."""

    source: str = field("DeliveryStreamType", "DirectPut", "DirectPut, KinesisStreamAsSource, MSKAsSource, ...")
    key_type: str = field(
        "DeliveryStreamEncryptionConfigurationInput.KeyType",
        "",
        "AWS_OWNED_CMK or CUSTOMER_MANAGED_CMK; empty: records are not encrypted while they wait",
    )
