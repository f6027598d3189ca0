"""Amazon Data Firehose."""

from __future__ import annotations

from typing import Any

from koban.model.aws.firehose import DeliveryStream
from koban.model.unknown import Unknown
from koban.sources.terraform.mapping import ABSENT, Body, argument_at, made, maps

SOURCES = {
    "kinesis_source_configuration": "KinesisStreamAsSource",
    "msk_source_configuration": "MSKAsSource",
}
KINDS = "(?:DirectPut|KinesisStreamAsSource|MSKAsSource)"


def _source(body: Body) -> Any:
    """Where the records come from: what a block is there for."""
    for name, source in SOURCES.items():
        found = body.get(name)
        found = found[0] if isinstance(found, list) and found else found
        if isinstance(found, Unknown):
            return Unknown(found._path, found._why, shape=KINDS, root=found._root)
        if found:
            return source
    return ABSENT


def _encryption(body: Body) -> Any:
    """Absent where records are not encrypted while they wait."""
    on = argument_at(body, "server_side_encryption.enabled")
    if isinstance(on, Unknown):
        return on
    if on is not True and on != "true":
        return ABSENT
    kind = argument_at(body, "server_side_encryption.key_type")
    if kind is None:
        kind = "AWS_OWNED_CMK"
    elif isinstance(kind, Unknown):
        kind = Unknown(kind._path, kind._why, shape="(?:AWS_OWNED_CMK|CUSTOMER_MANAGED_CMK)", root=kind._root)
    key = argument_at(body, "server_side_encryption.key_arn")
    return {"KeyType": kind} | ({} if key is None else {"KeyARN": key})


maps(
    "aws_kinesis_firehose_delivery_stream",
    DeliveryStream,
    DeliveryStreamName="name",
    DeliveryStreamType=made(_source, *SOURCES, careful=True),
    DeliveryStreamEncryptionConfigurationInput=made(_encryption, "server_side_encryption", careful=True),
)
