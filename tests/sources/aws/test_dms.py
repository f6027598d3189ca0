import json

from koban.model.aws.dms import Endpoint, ReplicationInstance, ReplicationTask
from koban.sources.aws.dms import endpoint_from_api, instance_from_api, task_from_api


def test_instances(aws, collect):
    aws("dms").create_replication_instance(
        ReplicationInstanceIdentifier="move", ReplicationInstanceClass="dms.t3.micro", PubliclyAccessible=False
    )
    (instance,) = collect("dms.instances")
    assert not instance.public
    assert instance.uid.startswith("arn:aws:dms:eu-west-1:123456789012:rep:")
    assert collect.failures == []


def test_endpoints_keep_no_passwords(aws, collect):
    aws("dms").create_endpoint(
        EndpointIdentifier="orders",
        EndpointType="source",
        EngineName="mysql",
        Username="copy",
        Password="emulated-only",
        ServerName="db",
        Port=3306,
        SslMode="none",
    )
    (endpoint,) = collect("dms.endpoints")
    assert (endpoint.engine, endpoint.tls, endpoint.kind) == ("mysql", "none", "source")
    assert "emulated-only" not in repr(endpoint.document)


def test_both_spellings_give_the_same():
    raw = {"EndpointIdentifier": "r", "EndpointType": "TARGET", "EngineName": "redis", "RedisSettings": {"Port": 6379}}
    live, code = Endpoint(endpoint_from_api(raw)), Endpoint({**raw, "EndpointType": "target"})
    assert {n: getattr(live, n) for n in Endpoint.fields} == {n: getattr(code, n) for n in Endpoint.fields}
    made = instance_from_api({"ReplicationInstanceIdentifier": "i", "ReplicationInstanceArn": "arn:i", "MultiAZ": True})
    assert ReplicationInstance(made).multi_az


def test_what_a_task_logs():
    told = [{"Id": one, "Severity": "LOGGER_SEVERITY_DEFAULT"} for one in ("SOURCE_CAPTURE", "SOURCE_UNLOAD")]
    settings = json.dumps({"Logging": {"EnableLogging": True, "LogComponents": told}})
    task = ReplicationTask(task_from_api({"ReplicationTaskIdentifier": "t", "ReplicationTaskSettings": settings}))
    assert (task.logs_source, task.logs_target) == (True, False)
