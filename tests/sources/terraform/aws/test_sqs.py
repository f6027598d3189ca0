import pytest

from koban.model.aws.sqs import Queue, QueuePolicy

TEXT, POLICY = '{"Statement": []}', {"Statement": []}


def test_a_queue(twins, every_document):
    body = {"id": "u", "name": "q", "kms_master_key_id": "k", "sqs_managed_sse_enabled": False}
    code = {"QueueName": "q", "KmsMasterKeyId": "k", "SqsManagedSseEnabled": False}
    twins("aws_sqs_queue", body, Queue, code)
    twins("aws_sqs_queue", {}, Queue, {})
    assert every_document("aws_sqs_queue", {**body, "policy": ""}, QueuePolicy) == []


@pytest.mark.parametrize(("source", "by"), [("aws_sqs_queue", "id"), ("aws_sqs_queue_policy", "queue_url")])
def test_the_policy_of_a_queue(twins, source, by):
    twins(source, {by: "u", "policy": TEXT}, QueuePolicy, {"Queues": ["u"], "PolicyDocument": POLICY})
