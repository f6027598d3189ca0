from koban.model.aws.glue import Connection, Job, MLTransform
from koban.model.estate import MemoryEstate
from koban.sources.aws.glue import connection_from_api, job_from_api, transform_from_api


def test_jobs_keep_no_values_of_arguments(aws, collect):
    aws("glue").create_job(
        Name="load",
        Role="arn:aws:iam::123456789012:role/glue",
        Command={"Name": "glueetl", "ScriptLocation": "s3://scripts/load.py"},
        GlueVersion="4.0",
        DefaultArguments={"--db_password": "emulated-only", "--enable-continuous-cloudwatch-log": "true"},
    )
    (job,) = collect("glue.jobs")
    assert job.uid == "arn:aws:glue:eu-west-1:123456789012:job/load"
    assert "emulated-only" not in repr(job.document)
    assert job.secrets == ("--db_password",)
    assert job.argument("--enable-continuous-cloudwatch-log") == "true"
    assert collect.failures == []


def test_connections_keep_no_passwords(aws, collect):
    aws("glue").create_connection(
        ConnectionInput={
            "Name": "orders",
            "ConnectionType": "JDBC",
            "ConnectionProperties": {"PASSWORD": "emulated-only", "JDBC_ENFORCE_SSL": "true"},
        }
    )
    (connection,) = collect("glue.connections")
    assert "emulated-only" not in repr(connection.document)
    assert connection.setting("JDBC_ENFORCE_SSL") == "true"


def test_security_configurations(aws, collect):
    aws("glue").create_security_configuration(
        Name="strict",
        EncryptionConfiguration={
            "S3Encryption": [{"S3EncryptionMode": "SSE-KMS"}],
            "CloudWatchEncryption": {"CloudWatchEncryptionMode": "SSE-KMS"},
        },
    )
    (settings,) = collect("glue.security_configurations")
    assert (settings.logs, settings.bookmarks, settings.s3) == ("SSE-KMS", "DISABLED", ("SSE-KMS",))


def test_the_catalogs_encryption_and_policy(aws, collect):
    (settings,) = collect("glue.catalog_encryption")
    assert (settings.mode, settings.passwords) == ("DISABLED", False)
    (catalog,) = collect("glue.catalog_policy")
    assert not catalog.policy.public


def test_dev_endpoints(aws, collect):
    aws("glue").create_dev_endpoint(
        EndpointName="lab", RoleArn="arn:aws:iam::123456789012:role/glue", SubnetId="subnet-1"
    )
    (endpoint,) = collect("glue.dev_endpoints")
    assert endpoint.subnet_id == "subnet-1"


def test_both_spellings_give_the_same():
    live = Job(job_from_api({"Name": "load", "GlueVersion": "5.0", "Command": {"Name": "glueetl"}}))
    code = Job({"Name": "load", "GlueVersion": 5.0, "Command": {"Name": "glueetl"}})
    MemoryEstate([live, code])
    assert (live.version, live.command, live.secrets, live.security) == (
        code.version,
        code.command,
        code.secrets,
        code.security,
    )
    encrypted = {"MlUserDataEncryption": {"MlUserDataEncryptionMode": "SSE-KMS"}}
    assert (
        MLTransform(transform_from_api({"TransformId": "t", "TransformEncryption": encrypted})).encryption == "SSE-KMS"
    )
    assert MLTransform(transform_from_api({"TransformId": "t"})).encryption == "DISABLED"
    assert Connection(connection_from_api({"Name": "c", "ConnectionType": "NETWORK"})).kind == "NETWORK"
