import json

from koban.model.aws.sqs import Queue
from koban.model.estate import MemoryEstate
from koban.model.unknown import Unknown
from koban.sources.aws.sqs import queue_from_api

URL = "https://sqs.eu-west-1.amazonaws.com/111122223333/q"


def test_a_queue_with_its_policy(aws, collect):
    policy = {"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "sqs:*", "Resource": "*"}]}
    aws("sqs").create_queue(QueueName="q", Attributes={"KmsMasterKeyId": "alias/q", "Policy": json.dumps(policy)})
    queue, own = collect("sqs.queues")
    MemoryEstate([queue, own])
    assert queue.uid == "arn:aws:sqs:eu-west-1:123456789012:q"
    assert queue.key_id == "alias/q"
    assert queue.policies == (own,)
    assert own.policy.public
    assert collect.failures == []


def test_the_api_and_a_template_tell_the_same_queue():
    arn = "arn:aws:sqs:eu-west-1:111122223333:q"
    api = Queue(queue_from_api(URL, {"QueueArn": arn, "SqsManagedSseEnabled": "true", "DelaySeconds": "0"}))
    template = Queue({"QueueName": "q"}, account="111122223333", region="eu-west-1")
    assert (api.uid, api.name, api.sqs_keys, api.key_id) == (template.uid, "q", template.sqs_keys, template.key_id)


def test_denied_attributes_are_unknown():
    denied = Unknown("Attributes", "AccessDenied sqs:GetQueueAttributes")
    assert isinstance(Queue(queue_from_api(URL, denied)).sqs_keys, Unknown)
